#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/header_list.h"
#include "base/time.h"
#include "domain/ids.h"
#include "domain/publish_options.h"

namespace ferry {

struct Endpoint {
  std::string name;  // or empty
  std::string url;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A named set of endpoints, "topic" on the wire (contract section 8).
struct UrlGroup {
  TenantId tenant;
  std::string name;
  TimePoint created_at;
  TimePoint updated_at;
  std::vector<Endpoint> endpoints;   // never empty
  HeaderList default_headers;        // as PATCH gave them, for showing
  PublishOptions defaults;           // the same parsed; weaker than what a publish says
  bool forward_all_headers = false;  // Upstash-Header-Forward among the defaults

  friend bool operator==(const UrlGroup&, const UrlGroup&) = default;
};

using UrlGroupPtr = std::shared_ptr<const UrlGroup>;

// Adds or changes endpoints: the same name takes the new URL, the same URL the new name, any other
// is appended.
void upsert_endpoints(std::vector<Endpoint>& endpoints, const std::vector<Endpoint>& changes);

// Removes each endpoint that one of `which` names, by name, by URL, or by both.
void remove_endpoints(std::vector<Endpoint>& endpoints, const std::vector<Endpoint>& which);

}  // namespace ferry
