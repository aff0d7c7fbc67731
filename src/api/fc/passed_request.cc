#include "api/fc/passed_request.h"

#include <algorithm>

#include "base/encoding.h"

namespace ferry::api::fc {
namespace {

// Fields about one connection (RFC 9110 section 7.6.1), and what client and server make themselves.
constexpr std::string_view kConnectionFields[] = {
    "connection", "content-length",      "expect",           "host",
    "keep-alive", "proxy-authorization", "proxy-connection", "te",
    "trailer",    "transfer-encoding",   "upgrade"};
// The server's own in every answer, beside those.
constexpr std::string_view kServerFields[] = {"access-control-allow-origin", "date", "request-id"};
constexpr std::string_view kSignatureKeys[] = {"x-fc-access-key-id", "x-fc-expires",
                                               "x-fc-signature", "x-fc-security-token"};

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

// Tokens and signatures are the caller's and this server's affair; x-fc-* is said by this server.
bool is_passed_on(const std::string& lower) {
  return !is_one_of(kConnectionFields, lower) && lower != "authorization" &&
         !lower.starts_with("x-fc-") && !lower.starts_with("x-fcd-") &&
         !lower.starts_with("x-acs-");
}

bool is_passed_back(const std::string& lower) {
  return !is_one_of(kConnectionFields, lower) && !is_one_of(kServerFields, lower) &&
         !lower.starts_with("x-fc-");
}

std::string passed_target(const Call& call) {
  std::string_view path = call.parameter("path");
  if (path.starts_with('/')) path.remove_prefix(1);
  std::string target = "/" + std::string(path);
  char separator = '?';
  for_each_pair(query_of(call.request.head.target), [&](const RawPair& pair) {
    if (is_one_of(kSignatureKeys, percent_decode(pair.name))) return;
    target.append(1, separator).append(pair.whole);
    separator = '&';
  });
  return target;
}

}  // namespace

PassedRequest passed_request(const Call& call) {
  const http::RequestHead& head = call.request.head;
  // The server leaves the body of an answer to HEAD out.
  PassedRequest passed{.method = head.method == "HEAD" ? "GET" : head.method,
                       .target = passed_target(call),
                       .headers = {}};
  for (const HeaderField& field : head.headers) {
    if (is_passed_on(to_lower(field.name))) passed.headers.add(field.name, field.value);
  }
  return passed;
}

http::ServerResponse passed_answer(const Outcome& outcome) {
  const bool answered = outcome.kind == OutcomeKind::kDelivered;
  http::ServerResponse response;
  response.status = answered ? outcome.response->status : 502;
  response.body = outcome.response->body.view();
  for (const HeaderField& field : outcome.response->headers) {
    if (answered && is_passed_back(to_lower(field.name))) {
      response.headers.add(field.name, field.value);
    }
  }
  if (!answered) {
    response.headers.add("Content-Type", "application/json");
    response.headers.add("x-fc-error-type", outcome.condition);
  }
  response.headers.add("x-fc-invocation-duration",
                       std::to_string((outcome.ended_at - outcome.started_at).count()));
  return response;
}

}  // namespace ferry::api::fc
