#include "api/api.h"

#include <utility>

#include "api/answers.h"
#include "api/auth.h"
#include "api/body_size.h"
#include "api/call.h"
#include "api/cors.h"
#include "api/fc/function_api.h"
#include "api/qstash/publish.h"
#include "api/query.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/encoding.h"

namespace ferry::api {
namespace {

http::Router make_router() {
  std::vector<http::Route> rows;
  for (const RouteRow& row : routes()) {
    rows.push_back({row.method, row.pattern, static_cast<std::uint32_t>(rows.size())});
  }
  return http::Router(std::move(rows));
}

http::AddressGuard::Options guard_options(const Options& options) {
  return {.allow_all = options.allow_loopback_targets, .allowed_cidrs = options.allowed_cidrs};
}

Services make_services(Context context) {
  Result<http::AddressGuard> guard = http::AddressGuard::make(guard_options(context.options));
  Result<TrustedProxies> proxies = TrustedProxies::make(context.options.trusted_proxies);
  CHECK(guard && proxies);  // check_options() was asked first
  ApiNames api_names = api_names_of(context.options.api_destinations);
  return {std::move(context),   std::move(*guard),
          std::move(*proxies),  std::make_shared<const TenantCatalog>(),
          std::move(api_names), {}};
}

bool is_preflight(const http::RequestHead& head) { return head.method == "OPTIONS"; }

bool is_api_path(std::string_view path) { return starts_with_ignore_case(path, "/v2/"); }

// A request whose route and caller are known.
struct Resolved {
  const RouteRow* row = nullptr;
  http::Match match;
  Caller caller;
};

}  // namespace

struct Api::State {
  explicit State(Context context) : services(make_services(std::move(context))) {}

  Result<Resolved> resolve(const http::RequestHead& head) const;
  Result<Caller> admit_caller(const http::RequestHead& head, Access access) const;
  std::size_t bytes_max(const Resolved& resolved) const;

  Services services;
  http::Router router = make_router();
  fc::FunctionApi functions{services};
};

Result<Caller> Api::State::admit_caller(const http::RequestHead& head, Access access) const {
  if (access == Access::kOpen) return Caller{};
  if (!services.context.ready()) {
    return fail(ErrorCode::kOverloaded, "the server is not ready");
  }
  ASSIGN_OR_RETURN(Caller caller, authenticate(*services.catalog, head));
  RETURN_IF_ERROR(authorize(caller, access));
  return caller;
}

// Who calls is asked before what is called: a stranger learns nothing about paths below /v2/.
Result<Resolved> Api::State::resolve(const http::RequestHead& head) const {
  const std::string_view path = path_of(head.target);
  // The server leaves the body of an answer to HEAD out.
  http::Match match = router.match(head.method == "HEAD" ? "GET" : head.method, path);
  if (match.kind == http::MatchKind::kFound) {
    const RouteRow& row = routes()[match.route];
    ASSIGN_OR_RETURN(Caller caller, admit_caller(head, row.access));
    return Resolved{&row, std::move(match), std::move(caller)};
  }
  if (!is_api_path(path)) return Resolved{nullptr, std::move(match), {}};
  ASSIGN_OR_RETURN(Caller caller, admit_caller(head, Access::kRead));
  return Resolved{nullptr, std::move(match), std::move(caller)};
}

std::size_t Api::State::bytes_max(const Resolved& resolved) const {
  switch (resolved.row->body) {
    case BodyLimit::kSmall:
      return kSmallBodyBytesMax;
    case BodyLimit::kMessage:
      return body_bytes_max(services.context.options, *resolved.caller.tenant);
    case BodyLimit::kBatch:
      return services.context.options.batch_bytes_max;
  }
  return kSmallBodyBytesMax;
}

namespace {

http::ServerResponse no_route_answer(const http::Match& match) {
  const bool known_path = match.kind == http::MatchKind::kMethodNotAllowed;
  const ErrorCode code = known_path ? ErrorCode::kMethodNotAllowed : ErrorCode::kNotFound;
  http::ServerResponse response = error_answer({code, std::string(error_info(code).text)});
  if (known_path) response.headers.add("Allow", match.allow);
  return response;
}

engine::DailyUsage usage_of(const Services& services, TenantId tenant) {
  const auto known = services.usage.find(tenant);
  return known == services.usage.end() ? engine::DailyUsage{} : known->second;
}

Awaitable<http::ServerResponse> answer_call(const Services& services, Resolved resolved,
                                            http::Request request, TimePoint now) {
  if (resolved.row == nullptr) co_return no_route_answer(resolved.match);
  const TenantPtr tenant = resolved.caller.tenant;
  Answered answered = co_await resolved.row->handler(Call{services, std::move(request),
                                                          std::move(resolved.match.parameters),
                                                          std::move(resolved.caller), now});
  http::ServerResponse response = answered ? std::move(*answered) : error_answer(answered.error());
  if (tenant) add_daily_limit(response, *tenant, usage_of(services, tenant->id), now);
  co_return response;
}

}  // namespace

Result<void> check_options(const Options& options) {
  RETURN_IF_ERROR(TrustedProxies::make(options.trusted_proxies));
  RETURN_IF_ERROR(http::AddressGuard::make(guard_options(options)));
  return {};
}

Api::Api(Context context) : state_(std::make_unique<State>(std::move(context))) {}
Api::~Api() = default;

void Api::set_catalog(TenantCatalogPtr catalog) {
  CHECK(catalog != nullptr);
  state_->services.catalog = std::move(catalog);
}

void Api::set_usage(TenantId tenant, engine::DailyUsage usage) {
  state_->services.usage[tenant] = usage;
}

bool Api::trusts_proxies() const {
  return !state_->services.context.options.trusted_proxies.empty();
}

bool Api::is_trusted_proxy(std::string_view ip) const {
  return state_->services.proxies.contains(ip);
}

http::Admission Api::admit(const http::RequestHead& head) {
  const TrustedProxies& proxies = state_->services.proxies;
  if (is_preflight(head)) return admit_stranger(proxies, head);
  if (fc::FunctionApi::serves(path_of(head.target))) return state_->functions.admit(head);
  const Result<Resolved> resolved = state_->resolve(head);
  const bool is_known = resolved && resolved->caller.tenant;
  http::Admission admission = is_known
                                  ? http::Admission{.party = party_of(*resolved->caller.tenant)}
                                  : admit_stranger(proxies, head);
  if (resolved && resolved->row == nullptr) return admission;
  if (resolved && !is_known) {
    admission.is_vital = true;
    return admission;
  }
  if (resolved) {
    admission.body_bytes_max = state_->bytes_max(*resolved);
    if (!announces_more_than(head, admission.body_bytes_max)) return admission;
  }
  admission.refusal = error_answer(
      resolved ? Error{ErrorCode::kTooLarge, std::string(error_info(ErrorCode::kTooLarge).text)}
               : resolved.error());
  allow_any_origin(*admission.refusal, head.headers.contains("Origin"));
  return admission;
}

Awaitable<http::ServerResponse> Api::handle(http::Request request) {
  const bool from_browser = request.head.headers.contains("Origin");
  http::ServerResponse response;
  if (is_preflight(request.head)) {
    response = preflight_answer(request.head);
  } else if (fc::FunctionApi::serves(path_of(request.head.target))) {
    response = co_await state_->functions.handle(std::move(request));
  } else if (Result<Resolved> resolved = state_->resolve(request.head); !resolved) {
    response = error_answer(resolved.error());
  } else {
    const TimePoint now = state_->services.context.clock();
    response =
        co_await answer_call(state_->services, std::move(*resolved), std::move(request), now);
  }
  allow_any_origin(response, from_browser);
  co_return response;
}

}  // namespace ferry::api
