#include "domain/hook.h"

#include <gtest/gtest.h>

namespace ferry {
namespace {

constexpr TimePoint kNow = from_unix_ms(1'700'000'000'000);

HookOptions hook(std::string url, PublishOptions options = {}) {
  return {std::move(url), std::make_shared<const PublishOptions>(std::move(options))};
}

TEST(HooksFor, TheCallbackFollowsEveryAttemptAndTheFailureCallbackTheLast) {
  Message message;
  EXPECT_TRUE(hooks_for(message, {NextStep::kDead, {}}).empty());
  message.callback = hook("https://c.test");
  message.failure_callback = hook("https://f.test");
  using Kinds = std::vector<HookKind>;
  EXPECT_EQ(hooks_for(message, {NextStep::kDelivered, {}}), Kinds{HookKind::kCallback});
  EXPECT_EQ(hooks_for(message, {NextStep::kRetry, {}}), Kinds{HookKind::kCallback});
  EXPECT_EQ(hooks_for(message, {NextStep::kDead, {}}),
            (Kinds{HookKind::kCallback, HookKind::kFailureCallback}));
  message.callback.reset();
  EXPECT_EQ(hooks_for(message, {NextStep::kDead, {}}), Kinds{HookKind::kFailureCallback});
  EXPECT_TRUE(hooks_for(message, {NextStep::kRetry, {}}).empty());
}

TEST(HooksFor, APushThatTheGuardStoppedIsFollowedByOneToOnFailure) {
  Message message;
  message.on_failure = "mns://m/queues/q";
  using Kinds = std::vector<HookKind>;
  EXPECT_EQ(hooks_for(message, {NextStep::kDead, {}}), Kinds{HookKind::kFailurePush});
  message.push = std::make_shared<const PushOrigin>();
  EXPECT_TRUE(hooks_for(message, {NextStep::kDead, {}}).empty());
  EXPECT_EQ(hooks_for(message, {NextStep::kDead, {}, true}), Kinds{HookKind::kFailurePush});
}

Message invocation_message(bool task_mode) {
  Message message;
  message.tenant = TenantId{2};
  message.on_failure = "mns://m/queues/q";
  message.invocation = std::make_shared<const Invocation>(
      Invocation{.request_id = "r",
                 .function = "f",
                 .task_mode = task_mode,
                 .lineage = {.root = "r", .hops = 3, .visits = {{"01234567", 3}}}});
  return message;
}

TEST(MakePushMessage, OnlyTheResultOfATaskIsFoundByItsLabel) {
  const Delivery delivery{.id = DeliveryId{7}};
  const RenderedHook hook{HookKind::kFailurePush, "{}", std::nullopt};
  EXPECT_TRUE(make_push_message(invocation_message(false), delivery, hook).labels.empty());
  EXPECT_EQ(make_push_message(invocation_message(true), delivery, hook).labels,
            std::vector<std::string>{push_label(delivery.id)});
}

TEST(MakePushMessage, WhatTheGuardStoppedGoesOnToOnFailureInTheSameChain) {
  const Message source = invocation_message(true);
  const Message first = make_push_message(source, Delivery{.id = DeliveryId{7}},
                                          {HookKind::kSuccessPush, "{}", std::nullopt});
  EXPECT_EQ(first.push->event_id, "r:s");
  EXPECT_EQ(first.on_failure, "mns://m/queues/q");
  const Message second = make_push_message(first, Delivery{.id = DeliveryId{8}},
                                           {HookKind::kFailurePush, "{}", std::nullopt});
  EXPECT_EQ(second.kind, MessageKind::kPush);
  EXPECT_EQ(second.source, DeliveryId{8});
  EXPECT_EQ(second.push->event_id, "r:f");
  EXPECT_FALSE(second.push->success);
  EXPECT_EQ(second.push->function, "f");
  EXPECT_EQ(second.push->lineage, source.invocation->lineage);
  EXPECT_EQ(second.on_failure, "");
  EXPECT_TRUE(second.labels.empty());
}

TEST(MakePushMessage, AFailureHasNothingToGoOnTo) {
  const Message push = make_push_message(invocation_message(false), Delivery{},
                                         {HookKind::kFailurePush, "{}", std::nullopt});
  EXPECT_EQ(push.on_failure, "");
}

TEST(MakeMessage, NothingSetGivesTheDefaults) {
  const Message message = make_message({}, {.max_retries = 5});
  EXPECT_EQ(message.kind, MessageKind::kPublished);
  EXPECT_EQ(message.method, Method::kPost);
  EXPECT_EQ(message.max_retries, 5);
  EXPECT_TRUE(message.headers.empty());
  EXPECT_EQ(message.retry_delay_expression, "");
  EXPECT_EQ(message.timeout, Duration(0));
  EXPECT_FALSE(message.callback);
  EXPECT_FALSE(message.failure_callback);
  EXPECT_TRUE(message.labels.empty());
  EXPECT_FALSE(message.redaction.any());
}

TEST(MakeMessage, TakesEveryOption) {
  PublishOptions options;
  options.method = Method::kDelete;
  options.max_retries = 0;
  options.retry_delay_expression = "1000";
  options.timeout = Duration(500);
  options.callback = hook("https://c.test");
  options.failure_callback = hook("https://f.test");
  options.labels = {{"a", "b"}};
  options.redaction = Redaction{.body = true, .headers = {}};
  options.flow_control = FlowControl{.key = "k", .parallelism = 2, .rate = {}};
  const Message message = make_message(options, {});
  EXPECT_EQ(message.method, Method::kDelete);
  EXPECT_EQ(message.max_retries, 0);
  EXPECT_EQ(message.retry_delay_expression, "1000");
  EXPECT_EQ(message.timeout, Duration(500));
  EXPECT_EQ(message.callback, options.callback);
  EXPECT_EQ(message.failure_callback, options.failure_callback);
  EXPECT_EQ(message.labels, options.labels);
  EXPECT_EQ(message.redaction, options.redaction);
  EXPECT_EQ(message.flow_control, options.flow_control);
}

TEST(MakeMessage, TheRealContentTypeComesFirstAndHidesAForwardedOne) {
  PublishOptions options;
  options.forward_headers = {{"X-A", "1"}, {"content-type", "forwarded/type"}, {"X-B", "2"}};
  options.content_type = "real/type";
  EXPECT_EQ(make_message(options, {}).headers,
            (HeaderList{{"Content-Type", "real/type"}, {"X-A", "1"}, {"X-B", "2"}}));
  options.content_type.reset();
  EXPECT_EQ(make_message(options, {}).headers, options.forward_headers);
}

// A source with much of its own, and a hook of it.
struct Scene {
  PublishOptions options;  // of the hook

  Message made(HookKind kind) const {
    Message message;
    message.headers = {{"X-Source", "1"}};
    message.caller_ip = "10.0.0.7";
    message.method = Method::kGet;
    message.tenant = TenantId{4};
    message.max_retries = 9;
    message.trace_context = "00-trace";
    message.labels = {"not inherited"};
    message.retry_delay_expression = "5";
    message.timeout = Duration(5);
    message.redaction.body = true;
    (kind == HookKind::kCallback ? message.callback : message.failure_callback) =
        hook("https://hook.test", options);
    Delivery delivery;
    delivery.id = DeliveryId{77};
    RenderedHook rendered;
    rendered.kind = kind;
    rendered.body = "{}";
    return make_hook_message(kind, message, delivery, std::move(rendered));
  }
};

TEST(HookMessage, InheritsRetriesAndThePublishersFactsOnly) {
  const Message made = Scene().made(HookKind::kCallback);
  EXPECT_EQ(made.kind, MessageKind::kCallback);
  EXPECT_EQ(made.source, DeliveryId{77});
  EXPECT_EQ(made.tenant, TenantId{4});
  EXPECT_EQ(made.max_retries, 9);
  EXPECT_EQ(made.caller_ip, "10.0.0.7");
  EXPECT_EQ(made.trace_context, "00-trace");
  EXPECT_EQ(made.method, Method::kPost);
  EXPECT_EQ(made.body.view(), "{}");
  EXPECT_EQ(made.headers, (HeaderList{{"Content-Type", "application/json"}}));
  EXPECT_TRUE(made.labels.empty());
  EXPECT_EQ(made.retry_delay_expression, "");
  EXPECT_EQ(made.timeout, Duration(0));
  EXPECT_FALSE(made.redaction.any());
  EXPECT_FALSE(made.callback);
  EXPECT_FALSE(made.failure_callback);
}

TEST(HookMessage, OptionsOfTheHookAreItsOwn) {
  Scene scene;
  scene.options.method = Method::kPut;
  scene.options.max_retries = 0;
  scene.options.timeout = Duration(700);
  scene.options.forward_headers = {{"X-Mine", "1"}, {"Content-Type", "text/plain"}};
  scene.options.labels = {{"mine"}};
  scene.options.flow_control = FlowControl{.key = "mine", .parallelism = {}, .rate = 1};
  scene.options.callback = hook("https://nested.test/c");
  scene.options.failure_callback = hook("https://nested.test/f");
  const Message made = scene.made(HookKind::kFailureCallback);
  EXPECT_EQ(made.kind, MessageKind::kFailureCallback);
  EXPECT_EQ(made.method, Method::kPut);
  EXPECT_EQ(made.max_retries, 0);
  EXPECT_EQ(made.timeout, Duration(700));
  EXPECT_EQ(made.headers, (HeaderList{{"Content-Type", "application/json"}, {"X-Mine", "1"}}));
  EXPECT_EQ(made.labels, std::vector<std::string>{"mine"});
  EXPECT_EQ(made.flow_control, scene.options.flow_control);
  EXPECT_EQ(made.callback, scene.options.callback);
  EXPECT_EQ(made.failure_callback, scene.options.failure_callback);
}

TEST(HookMessageDeathTest, AHookThatWasNotAskedForIsNeverMade) {
  EXPECT_DEATH(make_hook_message(HookKind::kCallback, Message{}, Delivery{}, {}), "hook");
}

TEST(FirstDue, NotBeforeWinsOverDelayAndThePastIsNow) {
  PublishOptions options;
  EXPECT_EQ(first_due(options, kNow), kNow);
  options.delay = Duration(1500);
  EXPECT_EQ(first_due(options, kNow), kNow + Duration(1500));
  options.not_before = kNow + Duration(20);
  EXPECT_EQ(first_due(options, kNow), kNow + Duration(20));
  options.not_before = kNow - Duration(20);
  EXPECT_EQ(first_due(options, kNow), kNow);
}

}  // namespace
}  // namespace ferry
