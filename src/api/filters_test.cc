#include "api/filters.h"

#include <gtest/gtest.h>

#include "domain/event.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

const IdCodec& ids() {
  static const IdCodec codec("secret of the tests");
  return codec;
}

Result<ListRequest> parse(ListKind kind, std::string_view query) {
  return parse_list_request(kind, parse_query(query), {7}, ids());
}

store::ListFilter filter_of(ListKind kind, std::string_view query) {
  const auto request = parse(kind, query);
  EXPECT_TRUE(request) << query;
  return request ? request->page.filter : store::ListFilter();
}

std::string error_of(ListKind kind, std::string_view query) {
  const auto request = parse(kind, query);
  EXPECT_FALSE(request) << query;
  return request ? std::string() : request.error().text;
}

using Texts = std::vector<std::string>;
constexpr auto kEvents = ListKind::kEvents;
constexpr auto kDeadLetters = ListKind::kDeadLetters;
constexpr auto kCancel = ListKind::kCancel;
constexpr auto kMessages = ListKind::kMessages;

TEST(Filters, NothingAskedForIsEverythingOfTheTenant) {
  const auto request = parse(kEvents, "");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->page.filter.tenant.value, 7);
  EXPECT_EQ(request->page.count, limits::kEventPageDefault);
  EXPECT_EQ(request->page.order, store::Order::kLatestFirst);
  EXPECT_FALSE(request->grouped);
  EXPECT_FALSE(request->trim_body);
}

TEST(Filters, ValuesAreRepeatedOrJoinedByCommas) {
  EXPECT_EQ(filter_of(kEvents, "label=a&label=b,c").labels, (Texts{"a", "b", "c"}));
  EXPECT_EQ(filter_of(kDeadLetters, "topicName=g").groups, Texts{"g"});
  EXPECT_EQ(filter_of(kDeadLetters, "queueName=q").queues, Texts{"q"});
  EXPECT_EQ(filter_of(kDeadLetters, "scheduleId=s").schedules, Texts{"s"});
}

TEST(Filters, UrlsAreSplitOnlyWhereAnotherBegins) {
  EXPECT_EQ(filter_of(kEvents, "url=https%3A%2F%2Fa.com%2Fx%3Fy%3D1%2C2,http://b&url=c").urls,
            (Texts{"https://a.com/x?y=1,2", "http://b", "c"}));
}

TEST(Filters, PathsAreSplitOnlyWhereAnotherBegins) {
  EXPECT_EQ(filter_of(kEvents, "path=/a,b,%2Fc").paths, (Texts{"/a,b", "/c"}));
}

TEST(Filters, HostsAreComparedInLowerCase) {
  EXPECT_EQ(filter_of(kEvents, "host=Example.com:8080").hosts, Texts{"example.com:8080"});
}

TEST(Filters, BothSpellingsOfTheCallersAddressAreTheSameFilter) {
  EXPECT_EQ(filter_of(kDeadLetters, "callerIp=1.1.1.1&callerIP=2.2.2.2").caller_ips,
            (Texts{"1.1.1.1", "2.2.2.2"}));
}

TEST(Filters, StatusesAreNumbers) {
  EXPECT_EQ(filter_of(kDeadLetters, "responseStatus=404,0&responseStatus=500").response_statuses,
            (std::vector<std::int32_t>{404, 0, 500}));
  EXPECT_EQ(error_of(kDeadLetters, "responseStatus=4x4"),
            "invalid responseStatus: '4x4' is no HTTP status");
  EXPECT_FALSE(parse(kDeadLetters, "responseStatus=1000"));
}

TEST(Filters, StatesAreASetInEitherSpelling) {
  EXPECT_EQ(filter_of(kEvents, "state=delivered,CANCELLED").states,
            state_bit(EventState::kDelivered) | state_bit(EventState::kCanceled));
  EXPECT_EQ(filter_of(kEvents, "state=IN_PROGRESS").states, state_bit(EventState::kActive) |
                                                                state_bit(EventState::kRetry) |
                                                                state_bit(EventState::kError));
  EXPECT_EQ(error_of(kEvents, "state=DONE"), "invalid state: 'DONE' is no state");
}

TEST(Filters, TimesAreUnixMilliseconds) {
  const store::ListFilter filter = filter_of(kEvents, "fromDate=5&toDate=9007199254740991");
  EXPECT_EQ(filter.from, from_unix_ms(5));
  ASSERT_TRUE(filter.to);
  EXPECT_GT(first_id_at(*filter.to), 0) << "later times would overflow ids";
  EXPECT_EQ(error_of(kEvents, "toDate=-1"), "invalid toDate: '-1' is no time in unix milliseconds");
}

TEST(Filters, IdsThisServerDidNotMakeMatchNothingInsteadOfEverything) {
  const std::string known = ids().wire({12345});
  EXPECT_EQ(filter_of(kEvents, "messageId=" + known + "&messageIds=msg_bad").deliveries,
            (std::vector<DeliveryId>{{12345}, {0}}));
  EXPECT_EQ(filter_of(kDeadLetters, "dlqIds=nonsense").dead_letters,
            std::vector<DeadLetterId>{{0}});
}

TEST(Filters, DeadLetterIdsOverrideTheOtherFilters) {
  const std::string id = wire_dead_letter_id({999});
  const auto request = parse(kDeadLetters, "label=a&dlqIds=" + id + "&url=https://a&count=3");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->explicit_ids);
  EXPECT_EQ(request->page.filter.dead_letters, std::vector<DeadLetterId>{{999}});
  EXPECT_TRUE(request->page.filter.labels.empty());
  EXPECT_TRUE(request->page.filter.urls.empty());
  EXPECT_EQ(request->page.filter.tenant.value, 7);
}

TEST(Filters, MessageIdsOverrideTheOtherFiltersOfCancelOnly) {
  const std::string id = ids().wire({5});
  EXPECT_TRUE(filter_of(kCancel, "messageIds=" + id + "&label=a").labels.empty());
  EXPECT_EQ(filter_of(kEvents, "messageIds=" + id + "&label=a").labels, Texts{"a"});
}

TEST(Filters, UnknownParametersAreRefusedExceptByEvents) {
  EXPECT_EQ(error_of(kDeadLetters, "labeel=a"), "unknown parameter: labeel");
  EXPECT_EQ(error_of(kDeadLetters, "host=a"), "unknown parameter: host");
  EXPECT_EQ(error_of(kDeadLetters, "path=/a"), "unknown parameter: path");
  EXPECT_EQ(error_of(kDeadLetters, "messageIds=a"), "unknown parameter: messageIds");
  EXPECT_EQ(error_of(kCancel, "cursor=a"), "unknown parameter: cursor");
  EXPECT_EQ(error_of(kCancel, "Label=a"), "unknown parameter: Label");
  EXPECT_TRUE(parse(kEvents, "labeel=a&responseStatus=x"));
}

TEST(Filters, TokensAndOptionsArePassedOver) {
  EXPECT_TRUE(parse(kDeadLetters, "qstash_token=x&upstash-retries=0&api=llm"));
}

TEST(Filters, AFilterWithoutAnyValueIsRefusedBecauseItWouldMeanAll) {
  for (const char* query : {"label=", "label=,", "dlqIds=", "messageId=", "url=", "label"}) {
    EXPECT_TRUE(error_of(kDeadLetters, query).ends_with(": has no value")) << query;
  }
  EXPECT_EQ(error_of(kEvents, "state="), "invalid state: has no value");
}

TEST(Filters, AFlowControlKeyIsTheWholeValueOrAnyPart) {
  for (const ListKind kind : {kEvents, kDeadLetters, kCancel, kMessages}) {
    EXPECT_EQ(filter_of(kind, "flowControlKey=k").flow_keys, Texts{"k"});
    EXPECT_EQ(filter_of(kind, "flowControlKey=a,%20b&flowControlKey=c").flow_keys,
              (Texts{"a", "b", "a, b", "c"}));
  }
}

TEST(Filters, PendingMessagesHaveTheFiltersOfCancelAndPages) {
  const auto request = parse(
      kMessages, "host=h&path=/p&messageIds=x&cursor=c&order=earliestFirst&trimBody=3&count=100");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->page.filter.hosts, Texts{"h"});
  EXPECT_EQ(request->page.cursor, "c");
  EXPECT_EQ(request->page.order, store::Order::kEarliestFirst);
  EXPECT_EQ(request->trim_body, 3);
  EXPECT_EQ(parse(kMessages, "")->page.count, limits::kDeadLetterPageMax);
  EXPECT_FALSE(parse(kMessages, "count=101"));
  EXPECT_EQ(error_of(kMessages, "state=CREATED"), "unknown parameter: state");
  EXPECT_EQ(error_of(kMessages, "messageId=x"), "unknown parameter: messageId");
}

TEST(Filters, CountsHaveBoundsPerList) {
  EXPECT_EQ(parse(kEvents, "count=1000")->page.count, limits::kEventPageMax);
  EXPECT_FALSE(parse(kEvents, "count=1001"));
  EXPECT_EQ(parse(kDeadLetters, "")->page.count, limits::kDeadLetterPageMax);
  EXPECT_EQ(parse(kDeadLetters, "count=100")->page.count, limits::kDeadLetterPageMax);
  EXPECT_EQ(error_of(kDeadLetters, "count=101"), "invalid count: must be 1 to 100");
  EXPECT_FALSE(parse(kDeadLetters, "count=0"));
  EXPECT_TRUE(parse(kCancel, "count=500")->counted);
  EXPECT_FALSE(parse(kCancel, "")->counted) << "everything that matches";
  EXPECT_FALSE(parse(kCancel, "count=501"));
  EXPECT_FALSE(parse(kEvents, "count=ten"));
}

TEST(Filters, GroupsOfMessagesHaveCountsOfTheirOwn) {
  const auto request = parse(kEvents, "groupBy=messageId");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->grouped);
  EXPECT_EQ(request->page.count, 10u);
  EXPECT_TRUE(parse(kEvents, "count=100&groupBy=messageId"));
  EXPECT_FALSE(parse(kEvents, "count=101&groupBy=messageId"));
  EXPECT_FALSE(parse(kEvents, "groupBy=url"));
}

TEST(Filters, OrderCursorAndTrimAreRead) {
  const auto request = parse(kDeadLetters, "order=EARLIESTFIRST&cursor=a%2Cb&trimBody=-1");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->page.order, store::Order::kEarliestFirst);
  EXPECT_EQ(request->page.cursor, "a,b");
  EXPECT_EQ(request->trim_body, -1);
  EXPECT_FALSE(parse(kDeadLetters, "order=newest"));
  EXPECT_FALSE(parse(kDeadLetters, "trimBody=x"));
}

TEST(Filters, TheValuesOfOneFilterEndAtTheirLimit) {
  std::string query = "label=a";
  for (std::size_t i = 1; i < limits::kFilterValuesMax; ++i) query += ",a";
  EXPECT_EQ(filter_of(kEvents, query).labels.size(), limits::kFilterValuesMax);
  EXPECT_EQ(error_of(kEvents, query + "&label=b"), "invalid label: more than 1000 values");
}

Result<std::vector<QueryParameter>> parameters_of(std::string_view query, std::string_view body) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::parse(body));
  return read_parameters(query, &document);
}

TEST(Filters, ABodyMayCarryTheSameParameters) {
  const auto parameters =
      parameters_of("a=1", R"({"dlqIds":["x","y"],"fromDate":5,"label":"l","url":null})");
  ASSERT_TRUE(parameters);
  EXPECT_EQ(*parameters,
            (std::vector<QueryParameter>{
                {"a", "1"}, {"dlqIds", "x"}, {"dlqIds", "y"}, {"fromDate", "5"}, {"label", "l"}}));
  EXPECT_EQ(read_parameters("a=1", nullptr)->size(), 1u);
}

TEST(Filters, AnEmptyArrayOfDeadLettersIsNotAllOfThem) {
  const auto parameters = parameters_of("", R"({"dlqIds":[]})");
  ASSERT_TRUE(parameters);
  EXPECT_FALSE(parse_list_request(kDeadLetters, *parameters, {7}, ids()));
}

TEST(Filters, AnEmptyArrayOfMessagesMeansAllAsTheContractSays) {
  const auto parameters = parameters_of("", R"({"messageIds":[]})");
  ASSERT_TRUE(parameters);
  const auto request = parse_list_request(kCancel, *parameters, {7}, ids());
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->explicit_ids);
}

TEST(Filters, TheValuesOfABodyEndAtTheirLimit) {
  const auto body = [](std::size_t values) {
    std::string text = R"({"state":["CREATED")";
    for (std::size_t i = 1; i < values; ++i) text += R"(,"CREATED")";
    return text + "]}";
  };
  EXPECT_TRUE(parameters_of("", body(kParametersMax)));
  const auto more = parameters_of("", body(kParametersMax + 1));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().text, "invalid body: more than 5000 values");
}

TEST(Filters, BodiesThatAreNoFlatObjectsAreRefused) {
  for (const char* body : {"[]", "\"x\"", "{", R"({"dlqIds":[{}]})", R"({"dlqIds":{"a":1}})",
                           R"({"dlqIds":[null]})", R"({"dlqIds":true})"}) {
    const auto parameters = parameters_of("", body);
    ASSERT_FALSE(parameters) << body;
    EXPECT_EQ(parameters.error().code, ErrorCode::kInvalidBody) << body;
  }
}

}  // namespace
}  // namespace ferry::api
