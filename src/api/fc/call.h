#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/call.h"
#include "api/fc/faults.h"
#include "api/query.h"

namespace ferry::api::fc {

// The three generations of the API, by the date that their paths begin with (contract section 1.1).
enum class Face : std::uint8_t { k2016, k2021, k2023 };

// "/2023-03-30/functions" is path "/functions" of face k2023; nothing for paths of no face.
struct FacePath {
  Face face = Face::k2023;
  std::string_view path;
};
std::optional<FacePath> face_path(std::string_view path);

// One admitted call on its way through a handler.
struct Call : api::Call {
  Face face = Face::k2023;
  std::string request_id;
  std::vector<QueryParameter> query;

  bool has_services() const { return face != Face::k2023; }
  // The last value of a query parameter; nothing when it is absent.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

using Answered = Checked<http::ServerResponse>;
using Handler = Awaitable<Answered> (*)(Call call);

// The longest that an attempt of the caller may take, by its quota.
Duration timeout_max_of(const Call& call);

// What the parts of the API that all faces share answer with.
inline Answered in_faults(api::Answered answered) {
  if (!answered) return std::unexpected(Fault(answered.error()));
  return std::move(*answered);
}

// What a call is about. The function and the qualifier are empty where its path has none.
struct Address {
  std::string service;  // empty: of the 3.0 API
  std::string function;
  std::string qualifier;  // kLatest when none was given

  std::string name() const;  // as resources are named
};

// From path and query: ".../functions/{f}?qualifier=q", where f may be "service$function", or
// ".../services/{s}[.{q}]/functions/{f}[?qualifier=q]". kInvalidArgument for what is no name.
Checked<Address> address_of(const Call& call);

// Letters, digits, '_' and '-', not beginning with a digit or '-', at most 128: functions,
// services, aliases, triggers. `what` is for the text.
Checked<std::string> checked_name(std::string_view what, std::string_view text);

// 204, or what else has no body: without a content type, which some clients would parse by
// (contract section 0.5).
http::ServerResponse empty_answer(int status);

// "2020-09-10T02:45:02Z".
std::string wire_time(TimePoint time);

}  // namespace ferry::api::fc
