#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/auth.h"
#include "api/trusted_proxies.h"
#include "api/wire_names.h"
#include "engine/protocol.h"
#include "http/address_guard.h"
#include "http/router.h"
#include "http/types.h"

namespace ferry::api {

// What all calls of one I/O thread share; owned by Api, outlives every call.
struct Services {
  Context context;
  http::AddressGuard guard;  // for addresses that a URL spells out
  TrustedProxies proxies;
  TenantCatalogPtr catalog;  // never null
  ApiNames api_names;
  std::map<TenantId, engine::DailyUsage> usage;  // of tenants that published

  WireNames names() const { return {*context.ids, api_names}; }
};

// One admitted request on its way through a handler.
struct Call {
  const Services& services;
  http::Request request;
  std::vector<http::PathParameter> parameters;
  Caller caller;
  TimePoint now;

  // Of the route's pattern; empty when it has no such part.
  std::string_view parameter(std::string_view name) const {
    for (const http::PathParameter& part : parameters) {
      if (part.name == name) return part.value;
    }
    return {};
  }
};

using Answered = Result<http::ServerResponse>;
using Handler = Awaitable<Answered> (*)(Call call);

}  // namespace ferry::api
