#include <gtest/gtest.h>

#include "base/encoding.h"
#include "domain/hook.h"

namespace ferry {
namespace {

constexpr TimePoint kCreated = from_unix_ms(1701198447054);
constexpr TimePoint kNotBefore = from_unix_ms(1701198458025);
const std::string kId = "msg_1haKKjDTEcq8WS91nCvjHPcrcWgv";  // of the delivery below

// One attempt and all that its hooks tell of.
struct Scene {
  Message message;
  Destination to;
  Delivery delivery;
  Outcome outcome;
  IdCodec ids{"secret"};
  HookSettings settings{.misspelled_source_id = false};

  Scene() {
    message.created_at = kCreated;
    message.headers = {{"Content-Type", "application/json"}};
    message.body = Bytes::copy(R"({"a":1})");
    message.caller_ip = "10.0.0.7";
    to.target.url = "https://api.test/x";
    delivery.id = DeliveryId{3618265961655721991};
    delivery.not_before = kNotBefore;
    answer(200, "OK");
  }

  void answer(int status, std::string body, HeaderList headers = {{"content-type", "text/plain"}}) {
    outcome.kind = status == 200 ? OutcomeKind::kDelivered : OutcomeKind::kFailed;
    Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = Bytes::take(std::move(body));
    outcome.response = std::make_shared<const Response>(std::move(response));
  }

  RenderedHook render(HookKind kind = HookKind::kCallback) {
    delivery.to = std::make_shared<const Destination>(to);
    return render_hook(kind, message, delivery, outcome, ids, settings);
  }
  std::string body() { return render().body; }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The text of a field of the rendered JSON that has no quotes inside.
std::string text_field(const std::string& json, const std::string& name) {
  const std::string opening = "\"" + name + "\":\"";
  const std::size_t start = json.find(opening);
  if (start == std::string::npos) return "(absent)";
  const std::size_t from = start + opening.size();
  return json.substr(from, json.find('"', from) - from);
}

TEST(HookBody, IsTheContractsSampleByteForByte) {
  EXPECT_EQ(Scene().body(),
            R"({"status":200,"header":{"Content-Type":["text/plain"]},"body":"T0s=","retried":0,)"
            R"("maxRetries":3,"sourceMessageId":")" +
                kId +
                R"(","url":"https://api.test/x","method":"POST",)"
                R"("sourceHeader":{"Content-Type":["application/json"]},)"
                R"("sourceBody":"eyJhIjoxfQ==","notBefore":1701198458025,)"
                R"("createdAt":1701198447054,"callerIP":"10.0.0.7"})");
}

TEST(HookBody, HasEveryOptionalFieldInItsPlace) {
  Scene scene;
  scene.to.group_name = "myTopic";
  scene.to.endpoint_name = "First endpoint";
  scene.to.queue_name = "q";
  scene.to.schedule_id = "scd_1";
  scene.message.method = Method::kGet;
  scene.message.labels = {"l1", "l2"};
  scene.message.flow_control = FlowControl{.key = "k", .parallelism = 1, .rate = {}};
  scene.delivery.retried = 2;
  scene.message.max_retries = 5;
  scene.settings.misspelled_source_id = true;
  EXPECT_EQ(scene.body(),
            R"({"status":200,"header":{"Content-Type":["text/plain"]},"body":"T0s=","retried":2,)"
            R"("maxRetries":5,"sourceMessageId":")" +
                kId + R"(","sourceMessasgeId":")" + kId +
                R"(","topicName":"myTopic","endpointName":"First endpoint",)"
                R"("url":"https://api.test/x","method":"GET",)"
                R"("sourceHeader":{"Content-Type":["application/json"]},)"
                R"("sourceBody":"eyJhIjoxfQ==","notBefore":1701198458025,)"
                R"("createdAt":1701198447054,"scheduleId":"scd_1","queueName":"q",)"
                R"("label":"l1","labels":["l1","l2"],"flowControlKey":"k",)"
                R"("callerIP":"10.0.0.7"})");
}

TEST(HookBody, LeavesOutAnEmptySourceAndKeepsWhatIsAlwaysSent) {
  Scene scene;
  scene.message.headers = {};
  scene.message.body = {};
  scene.message.caller_ip = "";
  scene.answer(204, "", {});
  EXPECT_EQ(scene.body(),
            R"({"status":204,"header":{},"body":"","retried":0,"maxRetries":3,)"
            R"("sourceMessageId":")" +
                kId +
                R"(","url":"https://api.test/x","method":"POST","notBefore":1701198458025,)"
                R"("createdAt":1701198447054,"callerIP":""})");
}

TEST(HookBody, WithoutAnAnswerTellsTheErrorInstead) {
  Scene scene;
  scene.outcome.kind = OutcomeKind::kFailed;
  scene.outcome.response = nullptr;
  scene.outcome.error = "connection refused";
  const std::string body = scene.body();
  EXPECT_TRUE(body.starts_with(R"({"status":0,"header":{},"body":")")) << body;
  EXPECT_EQ(base64_decode(text_field(body, "body")), "connection refused");
}

TEST(HookBody, OfAnAnswerNeverTellsTheErrorText) {
  Scene scene;
  scene.answer(500, "");
  scene.outcome.error = "unexpected status 500";
  EXPECT_TRUE(contains(scene.body(), R"("body":"",)"));
}

TEST(HookBody, HeadersHaveCanonicalNamesAndAllTheirValues) {
  Scene scene;
  scene.answer(200, "", {{"x-api-key", "1"}, {"X-API-KEY", "2"}});
  scene.message.headers = {{"x-a", "1"}, {"x-a", "2"}};
  const std::string body = scene.body();
  EXPECT_TRUE(contains(body, R"("header":{"X-Api-Key":["1","2"]})")) << body;
  EXPECT_TRUE(contains(body, R"("sourceHeader":{"X-A":["1","2"]})")) << body;
}

TEST(HookBody, BinaryBodiesAreBase64) {
  Scene scene;
  const std::string binary("\0\xff\x80\"\\", 5);
  scene.answer(200, binary);
  scene.message.body = Bytes::copy(binary);
  EXPECT_EQ(base64_decode(text_field(scene.body(), "body")), binary);
  EXPECT_EQ(base64_decode(text_field(scene.body(), "sourceBody")), binary);
}

TEST(HookBody, SendsOriginalsOfRedactedFields) {
  Scene scene;
  scene.message.redaction = {.body = true, .all_headers = true, .headers = {}};
  EXPECT_FALSE(contains(scene.body(), "REDACTED"));
  EXPECT_EQ(base64_decode(text_field(scene.body(), "sourceBody")), R"({"a":1})");
}

TEST(HookBody, NamesTheApiDestinationItCameFrom) {
  Scene scene;
  EXPECT_FALSE(contains(scene.body(), R"("api")"));
  scene.settings.api_names = {{"https://api.test/x", "llm"}};
  EXPECT_TRUE(scene.body().ends_with(R"("callerIP":"10.0.0.7","api":"llm"})"));
}

TEST(HookBody, ShowsTheUrlAsGiven) {
  Scene scene;
  scene.to.target.url = "http://a.test?q=%20\"";
  EXPECT_TRUE(contains(scene.body(), R"("url":"http://a.test?q=%20\"",)"));
}

TEST(SeedForms, TimesAreTextsAndSourceHeadersPlainTexts) {
  Scene scene;
  scene.settings.seed_forms = true;
  scene.message.headers = {{"x-b", "1"}, {"X-A", "2"}, {"X-B", "3"}};
  const std::string body = scene.body();
  EXPECT_EQ(text_field(body, "notBefore"), "1701198458025");
  EXPECT_EQ(text_field(body, "createdAt"), "1701198447054");
  EXPECT_EQ(text_field(body, "X-A"), "2");
  EXPECT_EQ(text_field(body, "X-B"), "1, 3");
  EXPECT_TRUE(contains(body, R"("header":{"Content-Type":["text/plain"]})")) << body;
  EXPECT_EQ(base64_decode(text_field(body, "sourceBody")), R"({"a":1})");
}

TEST(FailureCallback, LeavesAGapForTheDeadLetterBetweenRetriesAndSource) {
  RenderedHook hook = Scene().render(HookKind::kFailureCallback);
  ASSERT_TRUE(hook.gap);
  const std::string blanks(kDeadLetterIdTextMax + 2, ' ');
  EXPECT_EQ(hook.body.substr(*hook.gap, blanks.size()), blanks);
  EXPECT_TRUE(contains(hook.body, R"("maxRetries":3,"dlqId":)" + blanks + R"(,"sourceMessageId":)"))
      << hook.body;
}

TEST(FailureCallback, TheGapTakesTheQuotedIdAndKeepsTheLength) {
  RenderedHook hook = Scene().render(HookKind::kFailureCallback);
  const std::size_t size = hook.body.size();
  fill_gap(hook, DeadLetterId{first_id_at(from_unix_ms(1725323658779))});
  EXPECT_EQ(hook.body.size(), size);
  EXPECT_EQ(text_field(hook.body, "dlqId"), "1725323658779-0");
  EXPECT_TRUE(contains(hook.body, R"("dlqId":"1725323658779-0"      ,"sourceMessageId":)"));
}

TEST(FailureCallback, TheGapTakesTheLongestId) {
  RenderedHook hook = Scene().render(HookKind::kFailureCallback);
  fill_gap(hook, DeadLetterId{INT64_MAX});
  EXPECT_TRUE(contains(hook.body, R"("dlqId":"4398046511103-2097151","sourceMessageId":)"));
}

TEST(FailureCallbackDeathTest, ACallbackHasNoGapToFill) {
  RenderedHook hook = Scene().render(HookKind::kCallback);
  EXPECT_FALSE(hook.gap);
  EXPECT_FALSE(contains(hook.body, "dlqId"));
  EXPECT_DEATH(fill_gap(hook, DeadLetterId{1}), "gap");
}

TEST(HookBodyLimit, AResponseThatJustFitsIsWhole) {
  Scene scene;
  scene.answer(200, std::string(3000, 'r'));
  const std::string whole = scene.body();
  scene.settings.body_bytes_max = whole.size();
  EXPECT_EQ(scene.body(), whole);
}

TEST(HookBodyLimit, TheResponseIsCutWhateverTheLimit) {
  Scene scene;
  std::string response;
  for (int i = 0; i < 1000; ++i) response += static_cast<char>('a' + i % 26);
  scene.answer(200, response);
  const std::size_t whole = scene.body().size();
  for (std::size_t less = 1; less <= 1000; ++less) {
    scene.settings.body_bytes_max = whole - less;
    const std::string body = scene.body();
    ASSERT_LE(body.size(), scene.settings.body_bytes_max);
    const auto kept = base64_decode(text_field(body, "body"));
    ASSERT_TRUE(kept);
    ASSERT_TRUE(response.starts_with(*kept));
    ASSERT_GT(body.size() + 4, scene.settings.body_bytes_max);  // no more than needed
    ASSERT_TRUE(body.ends_with(R"("callerIP":"10.0.0.7"})"));
  }
}

TEST(HookBodyLimit, NothingButTheResponseIsCut) {
  Scene scene;
  scene.message.body = Bytes::take(std::string(5000, 's'));
  scene.answer(200, std::string(5000, 'r'));
  scene.settings.body_bytes_max = 100;
  const std::string body = scene.body();
  EXPECT_EQ(text_field(body, "body"), "");
  EXPECT_EQ(base64_decode(text_field(body, "sourceBody")), std::string(5000, 's'));
}

TEST(HookBodyLimit, TheErrorTextIsCutToo) {
  Scene scene;
  scene.outcome.response = nullptr;
  scene.outcome.error = std::string(1000, 'e');
  scene.settings.body_bytes_max = scene.body().size() - 400;
  const auto kept = base64_decode(text_field(scene.body(), "body"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, std::string(702, 'e'));
}

TEST(HookBodyLimit, TheGapMovesWithTheCut) {
  Scene scene;
  scene.answer(500, std::string(3000, 'r'));
  scene.settings.body_bytes_max = 1000;
  RenderedHook hook = scene.render(HookKind::kFailureCallback);
  fill_gap(hook, DeadLetterId{first_id_at(from_unix_ms(1725323658779))});
  EXPECT_EQ(text_field(hook.body, "dlqId"), "1725323658779-0");
  EXPECT_LE(hook.body.size(), 1000u);
}

TEST(HookBody, OfAStoppedPushIsItsRecordWithTheCondition) {
  Message message;
  message.kind = MessageKind::kPush;
  message.push = std::make_shared<const PushOrigin>();
  message.body = Bytes::copy(R"({"requestContext":{"condition":"","x":1}})");
  const IdCodec ids("secret");
  EXPECT_EQ(render_hook(HookKind::kFailurePush, message, Delivery{}, Outcome{}, ids, {}).body,
            R"({"requestContext":{"condition":"RecursionDetected","x":1}})");
}

// The retry of a dead invocation may be given a callback.
TEST(HookBody, AnInvocationHasItsRecordForPushesAndTheUsualBodyForCallbacks) {
  Message message;
  message.kind = MessageKind::kInvocation;
  message.invocation = std::make_shared<const Invocation>(Invocation{.request_id = "r"});
  Delivery delivery;
  delivery.to = std::make_shared<const Destination>();
  const IdCodec ids("secret");
  const auto body = [&](HookKind kind) {
    return render_hook(kind, message, delivery, Outcome{}, ids, {}).body;
  };
  EXPECT_TRUE(body(HookKind::kSuccessPush).starts_with("{\"timestamp\":"));
  EXPECT_TRUE(body(HookKind::kCallback).starts_with("{\"status\":"));
}

}  // namespace
}  // namespace ferry
