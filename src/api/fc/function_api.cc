#include "api/fc/function_api.h"

#include <algorithm>
#include <utility>

#include "api/body_digest.h"
#include "api/body_size.h"
#include "api/cors.h"
#include "api/fc/identity.h"
#include "api/fc/nonces.h"
#include "api/fc/routes.h"
#include "api/routes.h"
#include "base/random.h"
#include "domain/invocation.h"
#include "domain/limits.h"
#include "http/router.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kRequestIdBytesMax = 128;

http::Router make_router(Generation generation) {
  std::vector<http::Route> rows;
  const std::span<const Route> all = routes();
  for (std::size_t row = 0; row < all.size(); ++row) {
    if (all[row].generation != generation) continue;
    rows.push_back({all[row].method, all[row].pattern, static_cast<std::uint32_t>(row)});
  }
  return http::Router(std::move(rows));
}

// A request whose route and caller are known.
struct Resolved {
  const Route* row = nullptr;
  Face face = Face::k2023;
  std::vector<http::PathParameter> parameters;
  Identity identity;
};

bool is_asynchronous(const http::RequestHead& head) {
  const std::string* type = head.headers.find("x-fc-invocation-type");
  return type != nullptr && *type == "Async";
}

// An event for later that comes in chunks is read a little beyond its limit, so that the answer can
// be the API's own.
std::size_t body_bytes_max(const Route& row, const http::RequestHead& head) {
  if (row.body == BodyKind::kJson || is_asynchronous(head)) return kSmallBodyBytesMax;
  return limits::kSyncEventBytesMax;
}

std::size_t announced_bytes_max(const Route& row, const http::RequestHead& head) {
  const bool later = row.body == BodyKind::kEvent && is_asynchronous(head);
  return later ? limits::kAsyncEventBytesMax : body_bytes_max(row, head);
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

struct FunctionApi::State {
  explicit State(const Services& of)
      : services(of),
        nonces(of.context.nonces ? of.context.nonces : std::make_shared<NonceBook>()) {}

  Checked<Resolved> resolve(const http::RequestHead& head, TimePoint now) const;
  Awaitable<Checked<void>> check_body(const Resolved& resolved, const http::Request& request,
                                      TimePoint now) const;
  std::string request_id_of(const http::RequestHead& head, TimePoint now);

  const Services& services;
  std::shared_ptr<NonceBook> nonces;
  http::Router second = make_router(Generation::k2);
  http::Router third = make_router(Generation::k3);
  Random random{random_seed()};
};

// Who calls is asked before what is called, as everywhere in the API.
Checked<Resolved> FunctionApi::State::resolve(const http::RequestHead& head, TimePoint now) const {
  if (!services.context.ready()) {
    return refuse(FaultCode::kUnavailable, "the server is not ready");
  }
  ASSIGN_OR_RETURN(Identity identity, identify(*services.catalog, head, now));
  const auto place = face_path(path_of(head.target));
  if (!place) return refuse(FaultCode::kPathNotSupported, "path not supported");
  const std::string_view method = head.method == "HEAD" ? "GET" : std::string_view(head.method);
  http::Match match = (place->face == Face::k2023 ? third : second).match(method, place->path);
  if (match.kind != http::MatchKind::kFound) {
    return refuse(FaultCode::kPathNotSupported,
                  head.method + " " + std::string(path_of(head.target)) + " is not supported");
  }
  const Route& row = routes()[match.route];
  const bool looks = method == "GET" && row.body == BodyKind::kJson;
  RETURN_IF_ERROR(authorize(identity.caller, looks ? Access::kRead : Access::kFull));
  return Resolved{&row, place->face, std::move(match.parameters), std::move(identity)};
}

// A nonce is taken only once its signature is known to be good: others could use them up.
Awaitable<Checked<void>> FunctionApi::State::check_body(const Resolved& resolved,
                                                        const http::Request& request,
                                                        TimePoint now) const {
  Sha256Digest body{};
  if (signs_body(resolved.identity)) body = co_await hash_body(request.body);
  if (auto checked = check_signature(resolved.identity, request.head, body); !checked) {
    co_return checked;
  }
  const std::string& nonce = resolved.identity.nonce;
  if (nonce.empty() || resolved.row->body == BodyKind::kEvent) co_return Checked<void>();
  // A date may be as far ahead as behind.
  if (!nonces->take(resolved.identity.signature->key_id, nonce, now, 2 * kClockSkewMax)) {
    co_return refuse(FaultCode::kSignatureNotMatch, "x-acs-signature-nonce was used already");
  }
  co_return Checked<void>();
}

std::string FunctionApi::State::request_id_of(const http::RequestHead& head, TimePoint now) {
  const std::string* given = head.headers.find("x-fc-request-id");
  if (given != nullptr && is_request_id(*given)) return *given;
  return make_request_id(now, random);
}

FunctionApi::FunctionApi(const Services& services) : state_(std::make_unique<State>(services)) {}
FunctionApi::~FunctionApi() = default;

bool FunctionApi::serves(std::string_view path) { return face_path(path).has_value(); }

http::Admission FunctionApi::admit(const http::RequestHead& head) {
  const TimePoint now = state_->services.context.clock();
  const auto resolved = state_->resolve(head, now);
  std::optional<Fault> fault;
  http::Admission admission;
  if (!resolved) {
    fault = resolved.error();
  } else if (auto checked = check_head_signature(resolved->identity, head); !checked) {
    fault = checked.error();
  } else {
    admission.party = party_of(*resolved->identity.caller.tenant);
    const std::size_t most = announced_bytes_max(*resolved->row, head);
    if (!announces_more_than(head, most)) {
      admission.body_bytes_max = body_bytes_max(*resolved->row, head);
      return admission;
    }
    fault.emplace(FaultCode::kEntityTooLarge,
                  "the payload has more than " + std::to_string(most) + " bytes");
  }
  if (admission.party.is_none()) admission = admit_stranger(state_->services.proxies, head);
  const std::string request_id = state_->request_id_of(head, now);
  admission.refusal = fault_answer(*fault, request_id);
  admission.refusal->headers.add("x-fc-request-id", request_id);
  allow_any_origin(*admission.refusal, false);
  return admission;
}

namespace {

Awaitable<Answered> carry_out(const Services& services, Resolved resolved, http::Request request,
                              std::string request_id, TimePoint now) {
  std::vector<QueryParameter> query = parse_query(query_of(request.head.target));
  co_return co_await resolved.row->handler(
      Call{{services, std::move(request), std::move(resolved.parameters),
            std::move(resolved.identity.caller), now},
           resolved.face,
           std::move(request_id),
           std::move(query)});
}

}  // namespace

Awaitable<http::ServerResponse> FunctionApi::handle(http::Request request) {
  const TimePoint now = state_->services.context.clock();
  const std::string request_id = state_->request_id_of(request.head, now);
  Answered answered = http::ServerResponse{};
  Checked<Resolved> resolved = state_->resolve(request.head, now);
  if (!resolved) {
    answered = std::unexpected(std::move(resolved.error()));
  } else if (auto checked = co_await state_->check_body(*resolved, request, now); !checked) {
    answered = std::unexpected(std::move(checked.error()));
  } else {
    answered = co_await carry_out(state_->services, std::move(*resolved), std::move(request),
                                  request_id, now);
  }
  http::ServerResponse response =
      answered ? std::move(*answered) : fault_answer(answered.error(), request_id);
  response.headers.add("x-fc-request-id", request_id);
  co_return response;
}

}  // namespace ferry::api::fc
