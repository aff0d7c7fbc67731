#include "api/qstash/publish_parser.h"

#include <gtest/gtest.h>

#include <ostream>

#include "api/api.h"
#include "domain/dedup.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

constexpr TimePoint kNow = from_unix_ms(1'795'262'400'000);

const http::AddressGuard& guard() {
  static const http::AddressGuard made = *http::AddressGuard::make({});
  return made;
}

OptionRules rules() {
  return {guard(), /*retries_max=*/10, /*delay_max=*/std::chrono::hours(24 * 7), kNow};
}

Result<PublishOptions> parse(const HeaderList& headers, std::vector<QueryParameter> twins = {}) {
  return parse_publish_options({.headers = headers, .twins = twins}, rules());
}

PublishOptions options_of(const HeaderList& headers, std::vector<QueryParameter> twins = {}) {
  auto options = parse(headers, std::move(twins));
  EXPECT_TRUE(options) << options.error().text;
  return options ? std::move(*options) : PublishOptions();
}

struct Refused {
  HeaderList headers;
  ErrorCode code;
  std::string text;  // how it begins
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.text; }

class RefusedHeaders : public testing::TestWithParam<Refused> {};

TEST_P(RefusedHeaders, AreNamedInTheError) {
  const auto options = parse(GetParam().headers);
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, GetParam().code);
  EXPECT_TRUE(options.error().text.starts_with(GetParam().text)) << options.error().text;
}

constexpr auto kHeader = ErrorCode::kInvalidHeader;
constexpr auto kUrl = ErrorCode::kInvalidDestination;
constexpr auto kQuota = ErrorCode::kQuotaExceeded;

INSTANTIATE_TEST_SUITE_P(
    PublishParser, RefusedHeaders,
    testing::ValuesIn(std::vector<Refused>{
        {{{"Upstash-Method", "HEAD"}}, kHeader, "invalid Upstash-Method header: 'HEAD' is not"},
        {{{"Upstash-Delay", "soon"}}, kHeader, "invalid Upstash-Delay header: "},
        {{{"upstash-delay", "-1s"}}, kHeader, "invalid Upstash-Delay header: "},
        {{{"Upstash-Delay", ""}}, kHeader, "invalid Upstash-Delay header: "},
        {{{"Upstash-Not-Before", "1h"}}, kHeader, "invalid Upstash-Not-Before header: "},
        {{{"Upstash-Not-Before", "253402300800"}}, kHeader, "invalid Upstash-Not-Before header: "},
        {{{"Upstash-Retries", "-1"}}, kHeader, "invalid Upstash-Retries header: "},
        {{{"Upstash-Retries", "three"}}, kHeader, "invalid Upstash-Retries header: "},
        {{{"Upstash-Retry-Delay", "pow(2"}}, kHeader, "invalid Upstash-Retry-Delay header: "},
        {{{"Upstash-Retry-Delay", "x * 2"}}, kHeader, "invalid Upstash-Retry-Delay header: "},
        {{{"Upstash-Timeout", "0"}}, kHeader, "invalid Upstash-Timeout header: "},
        {{{"Upstash-Timeout", "1x"}}, kHeader, "invalid Upstash-Timeout header: "},
        {{{"Upstash-Header-Forward", "yes"}}, kHeader, "invalid Upstash-Header-Forward header: "},
        {{{"Upstash-Content-Based-Deduplication", "x"}},
         kHeader,
         "invalid Upstash-Content-Based-Deduplication header: "},
        {{{"Upstash-Redact-Fields", "query"}}, kHeader, "invalid Upstash-Redact-Fields header: "},
        {{{"Upstash-Forward-", "x"}}, kHeader, "invalid Upstash-Forward- header: "},
        {{{"Upstash-Forward-a b", "x"}}, kHeader, "invalid Upstash-Forward-a b header: "},
        {{{"Upstash-Forward-A", "x\r\ny"}}, kHeader, "invalid Upstash-Forward-A header: "},
        {{{"Content-Type", "a\nb"}}, kHeader, "invalid Content-Type header: "},
        {{{"Upstash-Deduplication-Id", "a:b"}}, kHeader, "DeduplicationId cannot contain ':'"},
        {{{"Upstash-Deduplication-Id", ""}}, kHeader, "DeduplicationId cannot be empty"},
        {{{"Upstash-Callback", "my-group"}},
         kUrl,
         "invalid callback url: endpoint has invalid scheme, add http:// or https://"},
        {{{"Upstash-Callback", "api/llm"}}, kUrl, "invalid callback url: "},
        {{{"Upstash-Callback", "http://127.0.0.1/"}},
         kUrl,
         "invalid callback url: endpoint resolves to a loopback address: 127.0.0.1"},
        {{{"Upstash-Failure-Callback", "x"}}, kUrl, "invalid failure callback url: "},
        {{{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Delay", "x"}},
         kHeader,
         "invalid Upstash-Callback-Delay header: "},
        {{{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Failure-Callback", "x"}},
         kUrl,
         "invalid failure callback url: "},
        {{{"Upstash-Retries", "11"}}, kQuota, "quota maxRetries exceeded"},
        {{{"Upstash-Retries", "99999999999"}}, kQuota, "quota maxRetries exceeded"},
        {{{"Upstash-Delay", "7d1s"}}, kQuota, "quota maxDelay exceeded, current limit: 604800"},
        {{{"Upstash-Not-Before", "1795867201"}},
         kQuota,
         "quota maxDelay exceeded, current limit: 604800"},
        {{{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Retries", "11"}},
         kQuota,
         "quota maxRetries exceeded"},
        {{{"Upstash-Queue-Name", "q r"}}, kHeader, "invalid Upstash-Queue-Name header: 'q r' is"},
        {{{"Upstash-Queue-Name", ""}}, kHeader, "invalid Upstash-Queue-Name header: '' is not"},
        {{{"Upstash-Ordering-Key", ""}}, kHeader, "invalid Upstash-Ordering-Key header: the key"},
        {{{"Upstash-Ordering-Key", "k"}, {"Upstash-Queue-Name", "q"}},
         kHeader,
         "invalid Upstash-Ordering-Key header: a message of a queue has no ordering key"},
        {{{"Upstash-Cron", ""}}, kHeader, "Invalid cron expression empty spec string"},
        {{{"Upstash-Cron", "* * * *"}}, kHeader, "Invalid cron expression "},
        {{{"Upstash-Schedule-Id", "a/b"}}, kHeader, "invalid Upstash-Schedule-Id header: 'a/b'"},
        {{{"Upstash-Flow-Control-Key", "k"}},
         kHeader,
         "invalid Upstash-Flow-Control-Key header: Upstash-Flow-Control-Value is missing"},
        {{{"Upstash-Flow-Control-Value", "rate=1"}},
         kHeader,
         "invalid Upstash-Flow-Control-Value header: Upstash-Flow-Control-Key is missing"},
        {{{"Upstash-Flow-Control-Key", "k"}, {"Upstash-Flow-Control-Value", "rate=0"}},
         kHeader,
         "invalid Upstash-Flow-Control-Value header: rate must be a whole number of 1 or more"},
        {{{"Upstash-Failure-Callback", "https://c"},
          {"Upstash-Failure-Callback-Flow-Control-Key", "k"}},
         kHeader,
         "invalid Upstash-Failure-Callback-Flow-Control-Key header: "},
        {{{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Queue-Name", "q"}},
         kHeader,
         "invalid Upstash-Callback-Queue-Name header: callbacks cannot have it"},
        {{{"Upstash-Callback", "https://c"}, {"Upstash-Callback-Cron", "* * * * *"}},
         kHeader,
         "invalid Upstash-Callback-Cron header: callbacks cannot have it"},
    }));

TEST(PublishParser, NothingSetIsNothingGiven) {
  const PublishOptions options = options_of({});
  EXPECT_FALSE(options.method || options.delay || options.not_before || options.max_retries ||
               options.retry_delay_expression || options.timeout || options.content_type ||
               options.callback || options.failure_callback || options.deduplication_id ||
               options.content_based_deduplication || options.labels || options.redaction);
  EXPECT_TRUE(options.forward_headers.empty());
}

TEST(PublishParser, SimpleOptionsAreReadWhateverTheCaseOfTheirNames) {
  const PublishOptions options = options_of({{"upstash-method", "patch"},
                                             {"UPSTASH-DELAY", "1d2h"},
                                             {"Upstash-Retries", " 0 "},
                                             {"Upstash-Retry-Delay", "1000 * (1 + retried)"},
                                             {"Upstash-Timeout", "1.5s"},
                                             {"Content-Type", "text/plain;charset=UTF-8"},
                                             {"Upstash-Deduplication-Id", "abc"},
                                             {"Upstash-Content-Based-Deduplication", "True"},
                                             {"Upstash-Label", "a, b,,a"},
                                             {"Upstash-Redact-Fields", "body, header[X-A]"}});
  EXPECT_EQ(options.method, Method::kPatch);
  EXPECT_EQ(options.delay, std::chrono::hours(26));
  EXPECT_EQ(options.max_retries, 0);
  EXPECT_EQ(options.retry_delay_expression, "1000 * (1 + retried)");
  EXPECT_EQ(options.timeout, Duration(1500));
  EXPECT_EQ(options.content_type, "text/plain;charset=UTF-8");
  EXPECT_EQ(options.deduplication_id, "abc");
  EXPECT_EQ(options.content_based_deduplication, true);
  EXPECT_EQ(options.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.redaction, (Redaction{.body = true, .all_headers = false, .headers = {"x-a"}}));
}

TEST(PublishParser, NotBeforeIsUnixSecondsAndDecidesTheQuotaAlone) {
  const PublishOptions options =
      options_of({{"Upstash-Not-Before", "1795262460"}, {"Upstash-Delay", "30d"}});
  EXPECT_EQ(options.not_before, kNow + std::chrono::seconds(60));
}

TEST(PublishParser, QuotasAreReachedExactly) {
  EXPECT_TRUE(parse({{"Upstash-Retries", "10"}, {"Upstash-Delay", "7d"}}));
  EXPECT_TRUE(parse({{"Upstash-Not-Before", "1795867200"}}));
}

TEST(PublishParser, OfASingleValuedOptionTheLastOneWins) {
  EXPECT_EQ(options_of({{"Upstash-Retries", "junk"}, {"Upstash-Retries", "2"}}).max_retries, 2);
}

TEST(PublishParser, TheFirstFailureDoesNotHangOnTheOrderOfTheHeaders) {
  const auto options = parse({{"Upstash-Redact-Fields", "x"}, {"Upstash-Retries", "x"}});
  ASSERT_FALSE(options);
  EXPECT_TRUE(options.error().text.starts_with("invalid Upstash-Retries header"));
}

TEST(PublishParser, ForwardedHeadersLoseThePrefixAndKeepTheirValues) {
  const PublishOptions options = options_of({{"upstash-forward-x-api-key", "k"},
                                             {"Upstash-Forward-X-Api-Key", "a, b"},
                                             {"Upstash-Forward-Upstash-Workflow-Id", "w"},
                                             {"X-Other", "stays"},
                                             {"User-Agent", "stays"}});
  EXPECT_EQ(options.forward_headers,
            (HeaderList{{"X-Api-Key", "k"}, {"X-Api-Key", "a, b"}, {"Upstash-Workflow-Id", "w"}}));
}

TEST(PublishParser, UnknownOptionsHaveNoEffect) {
  const PublishOptions options = options_of({{"Upstash-Telemetry-Sdk", "js"},
                                             {"Upstash-Workflow-Init", "true"},
                                             {"Upstash-Feature-Set", "x"},
                                             {"Upstash-Caller-IP", "1.2.3.4"},
                                             {"Upstash-Schedule-Id", "s"},
                                             {"Upstash-Callbacks", "x"},
                                             {"Upstash-Callback-Retries", "x"},
                                             {"Upstash-", "x"}});
  EXPECT_TRUE(options.forward_headers.empty());
  EXPECT_FALSE(options.callback);
}

TEST(PublishParser, QueryTwinsAreReadAndHeadersHideThem) {
  const PublishOptions options =
      options_of({{"Upstash-Retries", "1"}, {"Upstash-Forward-X-A", "header"}},
                 {{"upstash-retries", "junk"},
                  {"upstash-delay", "100s"},
                  {"upstash-forward-x-a", "query"},
                  {"upstash-forward-x-b", "query"}});
  EXPECT_EQ(options.max_retries, 1);
  EXPECT_EQ(options.delay, std::chrono::seconds(100));
  EXPECT_EQ(options.forward_headers, (HeaderList{{"X-B", "query"}, {"X-A", "header"}}));
}

TEST(PublishParser, CallbacksHaveOptionsOfTheirOwn) {
  const PublishOptions options = options_of({{"Upstash-Callback-Retries", "2"},
                                             {"Upstash-Callback", "https://c/x"},
                                             {"Upstash-Callback-Forward-X-A", "1"},
                                             {"Upstash-Callback-Method", "PUT"},
                                             {"Upstash-Callback-X", "ignored"},
                                             {"upstash-failure-callback", "https://f"},
                                             {"upstash-failure-callback-delay", "5s"},
                                             {"Upstash-Delay", "9s"}});
  ASSERT_TRUE(options.callback);
  EXPECT_EQ(options.callback->url, "https://c/x");
  EXPECT_EQ(options.callback->options->max_retries, 2);
  EXPECT_EQ(options.callback->options->method, Method::kPut);
  EXPECT_EQ(options.callback->options->forward_headers, (HeaderList{{"X-A", "1"}}));
  EXPECT_FALSE(options.callback->options->delay);
  ASSERT_TRUE(options.failure_callback);
  EXPECT_EQ(options.failure_callback->options->delay, std::chrono::seconds(5));
  EXPECT_TRUE(options.forward_headers.empty());
}

TEST(PublishParser, CallbacksNestToTheirLimitAndNoFurther) {
  HeaderList headers;
  std::string prefix = "Upstash-";
  for (int level = 0; level < limits::kHookNestingMax; ++level) {
    prefix += level % 2 == 0 ? "Callback" : "Failure-Callback";
    headers.add(prefix, "https://level" + std::to_string(level));
    prefix += "-";
  }
  const PublishOptions options = options_of(headers);
  ASSERT_TRUE(options.callback);
  ASSERT_TRUE(options.callback->options->failure_callback);
  EXPECT_EQ(options.callback->options->failure_callback->url, "https://level1");

  headers.add(prefix + "Callback", "https://toodeep");
  const auto refused = parse(headers);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("nested more than 4 levels"), std::string::npos);
}

TEST(PublishParser, LabelsEndAtTheirLimits) {
  const std::string longest(limits::kLabelBytesMax, 'l');
  EXPECT_TRUE(parse({{"Upstash-Label", longest}}));
  EXPECT_FALSE(parse({{"Upstash-Label", longest + "l"}}));
  std::string many = "0";
  for (std::size_t i = 1; i < limits::kLabelsMax; ++i) many += "," + std::to_string(i);
  EXPECT_EQ(options_of({{"Upstash-Label", many + ",0"}}).labels->size(), limits::kLabelsMax);
  const auto refused = parse({{"Upstash-Label", many + ",one more"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "invalid Upstash-Label header: more than 32 labels");
}

TEST(PublishParser, DeduplicationIdsEndAtTheirLimit) {
  const std::string longest(limits::kDeduplicationIdBytesMax, 'd');
  EXPECT_TRUE(parse({{"Upstash-Deduplication-Id", longest}}));
  EXPECT_FALSE(parse({{"Upstash-Deduplication-Id", longest + "d"}}));
}

TEST(PublishParser, RetryExpressionsEndAtTheirLimit) {
  const std::string longest = "1" + std::string(limits::kRetryExpressionBytesMax - 1, ' ');
  EXPECT_TRUE(parse({{"Upstash-Retry-Delay", longest}}));
  EXPECT_FALSE(parse({{"Upstash-Retry-Delay", longest + " "}}));
}

const HeaderList kEverything = {{"Upstash-Header-Forward", "true"},
                                {"Upstash-Forward-X-A", "explicit"},
                                {"X-A", "incoming"},
                                {"x-b", "1"},
                                {"X-B", "2"},
                                {"Authorization", "Bearer t"},
                                {"Content-Type", "text/plain"},
                                {"Content-Length", "3"},
                                {"Host", "h"},
                                {"Connection", "keep-alive"},
                                {"Keep-Alive", "1"},
                                {"Proxy-Authorization", "x"},
                                {"TE", "trailers"},
                                {"Trailer", "x"},
                                {"Transfer-Encoding", "chunked"},
                                {"Upgrade", "x"},
                                {"Expect", "100-continue"},
                                {"Accept-Encoding", "gzip"},
                                {"Upstash-Telemetry-Sdk", "js"},
                                {"User-Agent", "curl"}};

TEST(PublishParser, HeaderForwardSendsAllThatMayTravel) {
  const PublishOptions options = options_of(kEverything);
  EXPECT_EQ(options.forward_headers,
            (HeaderList{{"X-A", "explicit"}, {"X-B", "1"}, {"X-B", "2"}, {"User-Agent", "curl"}}));
  EXPECT_EQ(options.content_type, "text/plain");
}

TEST(PublishParser, HeaderForwardKeepsAnAuthorizationThatIsNotTheCallersToken) {
  const auto options = parse_publish_options(
      {.headers = kEverything, .twins = {}, .authorization_is_the_callers = false}, rules());
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->forward_headers.contains("Authorization"));
}

TEST(PublishParser, HeaderForwardOffSendsNothing) {
  EXPECT_TRUE(
      options_of({{"Upstash-Header-Forward", "false"}, {"X-A", "1"}}).forward_headers.empty());
}

TEST(PublishParser, TheContentTypeOfACallThatIsNoMessageIsLeftOut) {
  const HeaderList headers = {{"Content-Type", "application/json"}, {"Upstash-Retries", "0"}};
  const auto options = parse_publish_options(
      {.headers = headers, .twins = {}, .content_type_is_the_messages = false}, rules());
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->content_type);
  EXPECT_EQ(options->max_retries, 0);
}

TEST(PublishParser, ATenantsOwnLimitsReplaceTheServers) {
  Options server;
  server.retries_max = 5;
  server.delay_max = std::chrono::hours(1);
  Tenant tenant;
  EXPECT_EQ(rules_for(server, guard(), tenant, kNow).retries_max, 5);
  EXPECT_EQ(rules_for(server, guard(), tenant, kNow).delay_max, std::chrono::hours(1));
  tenant.quotas.max_retries = 9;
  tenant.quotas.max_delay = std::chrono::hours(2);
  EXPECT_EQ(rules_for(server, guard(), tenant, kNow).retries_max, 9);
  EXPECT_EQ(rules_for(server, guard(), tenant, kNow).delay_max, std::chrono::hours(2));
}

TEST(PublishParser, FlowControlQueueAndOrderingKeyAreOptions) {
  const PublishOptions options = options_of({{"Upstash-Flow-Control-Key", "a key/with: all"},
                                             {"Upstash-Flow-Control-Value", "rate=1, period=10s"},
                                             {"Upstash-Queue-Name", "q.1"}});
  EXPECT_EQ(options.flow_control, (FlowControl{.key = "a key/with: all",
                                               .parallelism = {},
                                               .rate = 1,
                                               .period = std::chrono::seconds(10)}));
  EXPECT_EQ(options.queue_name, "q.1");
  EXPECT_EQ(options_of({{"Upstash-Ordering-Key", "order 7"}}).ordering_key, "order 7");
  EXPECT_TRUE(parse({{"Upstash-Ordering-Key", std::string(1024, 'k')}}));
  EXPECT_FALSE(parse({{"Upstash-Ordering-Key", std::string(1025, 'k')}}));
}

TEST(PublishParser, DestinationsOfResultsAreKeptAsGivenAndMustParse) {
  const PublishOptions options =
      options_of({{"Upstash-Success-Destination", "kafka://orders/done"},
                  {"Upstash-Failure-Destination", "acs:mns:::/queues/failed/messages"}});
  EXPECT_EQ(options.success_destination, "kafka://orders/done");
  EXPECT_EQ(options.failure_destination, "acs:mns:::/queues/failed/messages");
  const auto refused = parse({{"Upstash-Success-Destination", "ftp://x/y"}});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().text.starts_with("invalid Upstash-Success-Destination header: "));
}

TEST(PublishParser, CallbacksMayHaveFlowControlOfTheirOwn) {
  const PublishOptions options =
      options_of({{"Upstash-Callback", "https://c"},
                  {"Upstash-Callback-Flow-Control-Key", "k"},
                  {"Upstash-Callback-Flow-Control-Value", "parallelism=2"},
                  {"Upstash-Callback-Label", "l"}});
  EXPECT_FALSE(options.flow_control);
  EXPECT_EQ(options.callback->options->flow_control->parallelism, 2);
  EXPECT_EQ(options.callback->options->labels, std::vector<std::string>{"l"});
}

TEST(PublishParser, ASchedulesHeadersAreReadBesideTheOptions) {
  const HeaderList headers = {{"Upstash-Cron", " */5 * * * * "}, {"Upstash-Schedule-Id", "s-1"}};
  const auto parsed = parse_options({.headers = headers, .twins = {}}, rules());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->cron, "*/5 * * * *");
  EXPECT_EQ(parsed->schedule_id, "s-1");
  EXPECT_FALSE(parsed->forwards_all_headers);
}

}  // namespace
}  // namespace ferry::api
