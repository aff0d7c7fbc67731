#include "api/fc/tasks.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"
#include "domain/invocation.h"
#include "domain/limits.h"
#include "store/store.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kTasks = std::string(k3) + "/functions/f/async-tasks";

// A task of function "f" as the engine stores one.
struct StoredTask {
  std::int64_t id = 1;
  std::string task_id = "t";
  std::string qualifier = "LATEST";
  TimePoint created_at = kNow;
  std::string on_success = {};
};

Message message_of(const StoredTask& task) {
  Message message = api::test::message_of(
      {.id = task.id, .body = "event", .labels = {task_label("f")}, .created_at = task.created_at});
  message.kind = MessageKind::kInvocation;
  message.on_success = task.on_success;
  Invocation invocation;
  invocation.request_id = "request";
  invocation.function = "f";
  invocation.qualifier = task.qualifier;
  invocation.task_mode = true;
  invocation.task_id = task.task_id;
  message.invocation = std::make_shared<const Invocation>(std::move(invocation));
  return message;
}

class Tasks : public testing::Test {
 protected:
  void SetUp() override {
    api_.create("f");
    api_.commands.clear();
  }

  void commit(store::WriteSet set) { ASSERT_TRUE(api_.store->commit(std::span(&set, 1))); }

  void add(const StoredTask& task) {
    Delivery delivery =
        delivery_of({.id = task.id, .labels = {task_label("f")}, .created_at = task.created_at});
    Event created;
    created.time = task.created_at;
    store::WriteSet set;
    set.add(store::PutMessage{std::make_shared<const Message>(message_of(task))});
    set.add(store::PutDelivery{delivery});
    set.add(store::AppendEntry{{delivery, {created}}});
    set.add(store::PutDedup{{.tenant = kTenant,
                             .key = task_key("f", task.task_id),
                             .expires_at = task.created_at + limits::kTasksKept,
                             .deliveries = {{task.id}}}});
    commit(std::move(set));
  }

  void happen(std::int64_t id, EventState state, Duration after, std::string error = {},
              std::string response = {}) {
    Event event;
    event.time = kNow + after;
    event.state = state;
    event.error = std::move(error);
    if (!response.empty()) {
      event.response = std::make_shared<const Response>(
          Response{.status = 200, .headers = {}, .body = Bytes::copy(response)});
    }
    store::WriteSet set;
    set.add(store::AppendEntry{{delivery_of({.id = id}), {event}}});
    commit(std::move(set));
  }

  // The push of the result of a task, in that state.
  void push(std::int64_t id, std::int64_t task, EventState state, Duration after) {
    const std::vector<std::string> labels = {push_label(DeliveryId{task})};
    Message message = api::test::message_of({.id = id, .labels = labels, .created_at = kNow});
    message.kind = MessageKind::kPush;
    message.source = DeliveryId{task};
    message.push = std::make_shared<const PushOrigin>();
    Event event;
    event.time = kNow + after;
    event.state = state;
    store::WriteSet set;
    set.add(store::PutMessage{std::make_shared<const Message>(message)});
    set.add(store::AppendEntry{
        {delivery_of({.id = id, .labels = labels, .created_at = kNow}), {event}}});
    commit(std::move(set));
  }

  http::ServerResponse get(const std::string& id = "t") {
    return api_.call("GET", kTasks + "/" + id);
  }
  // The ids of a list, in its order.
  std::vector<std::string> ids(const std::string& query) {
    const auto response = api_.call("GET", kTasks + query);
    EXPECT_EQ(response.status, 200) << response.body;
    const auto document = JsonDocument::parse(response.body);
    std::vector<std::string> all;
    const auto tasks = document->root().find("tasks");
    for (std::size_t i = 0; tasks && i < tasks->size(); ++i) {
      all.emplace_back(*tasks->element(i).find("taskId")->text());
    }
    return all;
  }

  FunctionsUnderTest api_;
};

using Ids = std::vector<std::string>;

TEST_F(Tasks, OneThatWaitsIsEnqueued) {
  add({});
  const auto task = get();
  EXPECT_EQ(task.status, 200) << task.body;
  EXPECT_EQ(member(task, "taskId"), "t");
  EXPECT_EQ(member(task, "status"), "Enqueued");
  EXPECT_EQ(member(task, "requestId"), "request");
  EXPECT_EQ(member(task, "qualifier"), "LATEST");
  EXPECT_EQ(member(task, "functionArn"), "acs:fc:local:first:functions/f");
  EXPECT_EQ(member(task, "taskPayload"), "event");
  EXPECT_EQ(member(task, "alreadyRetriedTimes"), "0");
  EXPECT_EQ(member(task, "startedTime"), "");
  EXPECT_EQ(occurrences(task.body, "\"eventId\""), 1u);
}

TEST_F(Tasks, AStatusFollowsTheEvents) {
  add({});
  happen(1, EventState::kActive, Duration(10));
  EXPECT_EQ(member(get(), "status"), "Running");
  happen(1, EventState::kError, Duration(20), "no answer");
  EXPECT_EQ(member(get(), "status"), "Retrying");
  happen(1, EventState::kRetry, Duration(20));
  EXPECT_EQ(member(get(), "taskErrorMessage"), "no answer");
  happen(1, EventState::kActive, Duration(30));
  happen(1, EventState::kDelivered, Duration(45), "", "result");
  const auto task = get();
  EXPECT_EQ(member(task, "status"), "Succeeded");
  EXPECT_EQ(member(task, "alreadyRetriedTimes"), "1");
  EXPECT_EQ(member(task, "startedTime"), std::to_string(to_unix_ms(kNow + Duration(10))));
  EXPECT_EQ(member(task, "endTime"), std::to_string(to_unix_ms(kNow + Duration(45))));
  EXPECT_EQ(member(task, "durationMs"), "35");
  EXPECT_EQ(member(task, "returnPayload"), "result");
  EXPECT_EQ(member(task, "taskErrorMessage"), "");
}

TEST_F(Tasks, EndInFourWays) {
  const std::pair<EventState, std::string> kEnds[] = {{EventState::kFailed, "no"},
                                                      {EventState::kFailed, "EventAgeExceeded: x"},
                                                      {EventState::kCanceled, ""},
                                                      {EventState::kCancelRequested, ""}};
  constexpr std::string_view kStatuses[] = {"Failed", "Expired", "Stopped", "Stopping"};
  for (std::size_t i = 0; i < std::size(kEnds); ++i) {
    const std::string id = "t" + std::to_string(i);
    add({.id = static_cast<std::int64_t>(i) + 1, .task_id = id});
    happen(static_cast<std::int64_t>(i) + 1, kEnds[i].first, Duration(5), kEnds[i].second);
    EXPECT_EQ(member(get(id), "status"), kStatuses[i]);
  }
}

TEST_F(Tasks, TellWhatBecameOfTheirDestination) {
  const auto statuses = [this](const std::string& id) {
    const auto list = api_.call("GET", kTasks + "?prefix=" + id);
    return member(get(id), "destinationStatus") + "," +
           std::to_string(occurrences(list.body, R"("destinationStatus":"Succeeded")")) +
           std::to_string(occurrences(list.body, R"("destinationStatus":"Failed")"));
  };
  add({.id = 1, .task_id = "a", .on_success = "kafka://c/t"});
  add({.id = 2, .task_id = "b", .on_success = "kafka://c/t"});
  add({.id = 3, .task_id = "c"});
  EXPECT_EQ(statuses("a"), ",00");
  push(11, 1, EventState::kCreated, Duration(1));
  push(12, 2, EventState::kCreated, Duration(1));
  push(11, 1, EventState::kRetry, Duration(2));
  EXPECT_EQ(statuses("a"), ",00");
  push(11, 1, EventState::kDelivered, Duration(3));
  push(12, 2, EventState::kFailed, Duration(3));
  EXPECT_EQ(statuses("a"), "Succeeded,10");
  EXPECT_EQ(statuses("b"), "Failed,01");
  EXPECT_EQ(statuses("c"), ",00");
  push(22, 2, EventState::kDelivered, Duration(9));  // its dead letter was sent again
  EXPECT_EQ(statuses("b"), "Succeeded,10");
}

TEST_F(Tasks, UnknownAndForgottenOnesAreNotFound) {
  EXPECT_EQ(fault(get()), "AsyncTaskNotFound");
  add({.id = 2, .task_id = "old", .created_at = kNow - limits::kTasksKept});
  EXPECT_EQ(fault(get("old")), "AsyncTaskNotFound");
  EXPECT_EQ(fault(api_.call("GET", std::string(k3) + "/functions/nobody/async-tasks/t")),
            "FunctionNotFound");
  api_.create_in("s", "f");
  EXPECT_EQ(fault(api_.call("GET", std::string(k2021) +
                                       "/services/s/functions/f/stateful-async-invocations/t")),
            "StatefulAsyncInvocationNotFound");
}

TEST_F(Tasks, AreListedNewestFirst) {
  for (std::int64_t i = 1; i <= 3; ++i) {
    add({.id = i, .task_id = "t" + std::to_string(i), .created_at = kNow + Duration(i)});
  }
  EXPECT_EQ(ids(""), (Ids{"t3", "t2", "t1"}));
  EXPECT_EQ(ids("?sortOrderByTime=asc"), (Ids{"t1", "t2", "t3"}));
  EXPECT_EQ(fault(api_.call("GET", kTasks + "?sortOrderByTime=up")), "InvalidArgument");
}

TEST_F(Tasks, AreListedInPages) {
  for (std::int64_t i = 1; i <= 5; ++i) {
    add({.id = i, .task_id = "t" + std::to_string(i), .created_at = kNow + Duration(i)});
  }
  const auto first = api_.call("GET", kTasks + "?limit=2");
  EXPECT_EQ(occurrences(first.body, "taskId"), 2u);
  EXPECT_EQ(ids("?limit=2&nextToken=" + member(first, "nextToken")), (Ids{"t3", "t2"}));
  for (const std::string limit : {"0", "101", "x"}) {
    EXPECT_EQ(fault(api_.call("GET", kTasks + "?limit=" + limit)), "InvalidArgument");
  }
}

TEST_F(Tasks, AreFilteredByIdStatusQualifierAndStart) {
  add({.id = 1, .task_id = "a1", .created_at = kNow + Duration(1)});
  add({.id = 2, .task_id = "a2", .qualifier = "prod", .created_at = kNow + Duration(2)});
  add({.id = 3, .task_id = "b1", .created_at = kNow + Duration(3)});
  happen(1, EventState::kActive, Duration(100));
  happen(3, EventState::kActive, Duration(200));
  happen(3, EventState::kDelivered, Duration(300));
  EXPECT_EQ(ids("?prefix=a"), (Ids{"a2", "a1"}));
  EXPECT_EQ(ids("?status=Running"), (Ids{"a1"}));
  EXPECT_EQ(ids("?status=Succeeded&limit=1"), (Ids{"b1"}));
  EXPECT_EQ(ids("?qualifier=prod"), (Ids{"a2"}));
  const auto at = [](int after) { return std::to_string(to_unix_ms(kNow + Duration(after))); };
  EXPECT_EQ(ids("?startedTimeBegin=" + at(101)), (Ids{"b1"}));
  EXPECT_EQ(ids("?startedTimeEnd=" + at(100)), (Ids{"a1"}));
  EXPECT_EQ(fault(api_.call("GET", kTasks + "?status=Sleeping")), "InvalidArgument");
  EXPECT_EQ(fault(api_.call("GET", kTasks + "?startedTimeEnd=x")), "InvalidArgument");
}

TEST_F(Tasks, ListsShowPayloadsOnlyWhenAsked) {
  add({});
  EXPECT_EQ(occurrences(api_.call("GET", kTasks).body, "taskPayload"), 0u);
  EXPECT_EQ(occurrences(api_.call("GET", kTasks + "?includePayload=true").body, "taskPayload"), 1u);
}

TEST_F(Tasks, AreStoppedByCancellingTheirDelivery) {
  add({.id = 9});
  const auto stopped = api_.call("PUT", kTasks + "/t/stop");
  EXPECT_EQ(stopped.status, 204);
  EXPECT_EQ(std::get<engine::Cancel>(api_.commands.back()).deliveries,
            (std::vector<DeliveryId>{{9}}));
  EXPECT_EQ(fault(api_.call("PUT", kTasks + "/nobody/stop")), "AsyncTaskNotFound");
  api_.engine = [functions = api_.engine](const engine::Command& command) -> engine::Answer {
    if (std::holds_alternative<engine::Cancel>(command)) return engine::Cancelled{0};
    return functions(command);
  };
  EXPECT_EQ(fault(api_.call("PUT", kTasks + "/t/stop")), "InvalidArgument");
}

}  // namespace
}  // namespace ferry::api::fc
