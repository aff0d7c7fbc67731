#include "api/fc/invocations.h"

#include <gtest/gtest.h>

#include "api/fc/functions_under_test.h"
#include "domain/limits.h"
#include "domain/lineage.h"

namespace ferry::api::fc {
namespace {

using namespace test;

const std::string kInvoke = std::string(k3) + "/functions/f/invocations";

HeaderList async(HeaderList headers = {}) {
  headers.add("x-fc-invocation-type", "Async");
  return headers;
}

Outcome returned(std::string body, HeaderList headers = {}, int status = 200) {
  Outcome outcome{.kind = OutcomeKind::kDelivered, .started_at = kNow, .ended_at = kNow};
  outcome.ended_at += Duration(12);
  outcome.response = std::make_shared<const Response>(
      Response{.status = status, .headers = std::move(headers), .body = Bytes::copy(body)});
  return outcome;
}

class Invocations : public testing::Test {
 protected:
  void SetUp() override {
    api_.create("f", R"(,"timeout":7,"handler":"h")");
    api_.commands.clear();
  }
  http::ServerResponse invoke(HeaderList headers, std::string_view event = "event",
                              const std::string& target = kInvoke) {
    return api_.call("POST", target, event, std::move(headers));
  }
  std::int64_t counted(std::string_view series) {
    std::int64_t total = 0;
    for (const auto& point :
         api_.metrics.series.query(series_owner(api_.tenant.id), series, {{"function", "f"}}, kNow,
                                   kNow + std::chrono::hours(1), std::chrono::hours(1))) {
      total += point.value;
    }
    return total;
  }

  FunctionsUnderTest api_;
};

TEST_F(Invocations, ForLaterAreHandedToTheEngine) {
  const auto answer = invoke(async({{"x-fc-async-delay", "60"}, {"x-fc-async-task-id", "task_1"}}));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(header(answer, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(header(answer, "x-fc-async-task-id"), "task_1");
  EXPECT_EQ(header(answer, "x-fc-stateful-async-invocation-id"), "task_1");
  const auto& command = api_.command<engine::Invoke>();
  EXPECT_EQ(command.function, "f");
  EXPECT_EQ(command.qualifier, "LATEST");
  EXPECT_EQ(command.event.view(), "event");
  EXPECT_EQ(command.request_id, header(answer, "x-fc-request-id"));
  EXPECT_EQ(command.task_id, "task_1");
  EXPECT_TRUE(command.task_given);
  EXPECT_FALSE(command.task_forced);
  EXPECT_EQ(command.delay, std::chrono::seconds(60));
  EXPECT_EQ(command.caller_ip, "203.0.113.9");
}

TEST_F(Invocations, WithoutATaskIdHaveTheirRequestIdForOne) {
  const auto answer = invoke(async());
  EXPECT_EQ(header(answer, "x-fc-async-task-id"), header(answer, "x-fc-request-id"));
  EXPECT_FALSE(api_.command<engine::Invoke>().task_given);
}

TEST_F(Invocations, ARequestIdOfTheCallersNamesTheTask) {
  invoke(async({{"x-fc-request-id", "mine"}}));
  EXPECT_EQ(api_.command<engine::Invoke>().request_id, "mine");
  EXPECT_EQ(api_.command<engine::Invoke>().task_id, "mine");
  EXPECT_TRUE(api_.command<engine::Invoke>().task_given);
}

TEST_F(Invocations, TheOlderNamesOfTheTaskAreTaken) {
  invoke(async({{"x-fc-stateful-async-invocation-id", "t"},
                {"x-fc-stateful-async-invocation-enable", "true"}}));
  EXPECT_EQ(api_.command<engine::Invoke>().task_id, "t");
  EXPECT_TRUE(api_.command<engine::Invoke>().task_forced);
}

TEST_F(Invocations, QualifiersStandInQueryAndPath) {
  api_.create_in("s", "g");
  const std::string services = std::string(k2016) + "/services/";
  const auto qualifier_of = [this](const std::string& target) {
    api_.commands.clear();
    EXPECT_EQ(invoke(async(), "", target).status, 202) << target;
    return api_.command<engine::Invoke>().qualifier;
  };
  EXPECT_EQ(qualifier_of(kInvoke + "?qualifier=prod"), "prod");
  EXPECT_EQ(qualifier_of(services + "s.7/functions/g/invocations"), "7");
  EXPECT_EQ(qualifier_of(services + "s/functions/g/invocations?qualifier=prod"), "prod");
  EXPECT_EQ(api_.command<engine::Invoke>().function, "s$g");
  EXPECT_EQ(fault(invoke(async(), "", services + "s.1/functions/g/invocations?qualifier=2")),
            "InvalidArgument");
}

TEST_F(Invocations, HeadersThatSayNothingAreRefused) {
  for (const HeaderField& field :
       {HeaderField{"x-fc-invocation-type", "async"}, HeaderField{"x-fc-log-type", "All"},
        HeaderField{"x-fc-async-delay", "3601"}, HeaderField{"x-fc-async-delay", "-1"},
        HeaderField{"x-fc-async-task-id", "1task"}, HeaderField{"x-fc-async-task-id", "a b"},
        HeaderField{"x-fc-async-task-id", std::string(129, 'a')},
        HeaderField{"x-fc-stateful-async-invocation-enable", "maybe"}}) {
    EXPECT_EQ(fault(invoke({field})), "InvalidArgument") << field.name << ": " << field.value;
  }
  EXPECT_EQ(invoke(async({{"x-fc-async-delay", "3600"}})).status, 202);
  EXPECT_EQ(invoke(async({{"x-fc-async-task-id", std::string(128, 'a')}})).status, 202);
}

TEST_F(Invocations, EventsForLaterHave128KilobytesAtMost) {
  EXPECT_EQ(invoke(async(), std::string(limits::kAsyncEventBytesMax, 'x')).status, 202);
  const std::string large(limits::kAsyncEventBytesMax + 1, 'x');
  const auto chunked = invoke(async(), large);
  EXPECT_EQ(chunked.status, 400);
  EXPECT_EQ(fault(chunked), "EntityTooLarge");
  EXPECT_TRUE(member(chunked, "Message").contains("131072"));
  EXPECT_EQ(fault(invoke(async({{"Content-Length", "131073"}}), "")), "EntityTooLarge");
  EXPECT_EQ(fault(invoke({{"Content-Length", "33554433"}}, "")), "EntityTooLarge");
}

TEST_F(Invocations, WhatTheEngineRefusesHasItsCode) {
  const auto code = [this](Error error, const std::string& target = kInvoke) {
    api_.invoked = std::move(error);
    return fault(invoke(async(), "", target));
  };
  EXPECT_EQ(code({ErrorCode::kConflict, "task t exists already"}),
            "StatefulAsyncInvocationAlreadyExists");
  EXPECT_EQ(code({ErrorCode::kNotFound, "function f not found"}), "FunctionNotFound");
  EXPECT_EQ(
      code({ErrorCode::kNotFound, "qualifier 7 of function f not found"}, kInvoke + "?qualifier=7"),
      "VersionNotFound");
  EXPECT_EQ(
      code({ErrorCode::kNotFound, "qualifier p of function f not found"}, kInvoke + "?qualifier=p"),
      "AliasNotFound");
  EXPECT_EQ(code({ErrorCode::kRecursionDetected, "too deep"}), "RecursionDetected");
  EXPECT_EQ(code({ErrorCode::kInvalidRequest, "function f is disabled"}), "InvalidArgument");
  EXPECT_EQ(code({ErrorCode::kRateLimited, "too many"}), "ResourceThrottled");
  EXPECT_EQ(code({ErrorCode::kDiskFull, "full"}), "ServiceUnavailable");
  EXPECT_EQ(counted("fc_throttles_total"), 1);
  EXPECT_EQ(counted("fc_server_errors_total"), 1);
}

TEST_F(Invocations, AtOnceCallTheFunctionAndAnswerWithItsResult) {
  api_.function = [](const FunctionCall&) {
    return returned("result", {{"Content-Type", "text/plain"}, {"x-fc-log-result", "bG9n"}});
  };
  const auto answer = invoke({{"x-fc-log-type", "Tail"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "result");
  EXPECT_EQ(header(answer, "Content-Type"), "text/plain");
  EXPECT_EQ(header(answer, "x-fc-invocation-duration"), "12");
  EXPECT_EQ(header(answer, "x-fc-log-result"), "bG9n");
  EXPECT_EQ(header(answer, "x-fc-error-type"), "");
  ASSERT_EQ(api_.function_calls.size(), 1u);
  const FunctionCall& call = api_.function_calls[0];
  EXPECT_EQ(call.endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(call.account, "first");
  EXPECT_EQ(call.event.view(), "event");
  EXPECT_EQ(call.timeout, std::chrono::seconds(7));
  EXPECT_EQ(call.invocation->request_id, header(answer, "x-fc-request-id"));
  EXPECT_EQ(call.invocation->handler, "h");
  EXPECT_EQ(call.invocation->lineage.hops, 0);
  EXPECT_EQ(counted("fc_invocations_total"), 1);
  EXPECT_EQ(counted("fc_function_errors_total"), 0);
}

TEST_F(Invocations, TheLogIsNotShownUnasked) {
  api_.function = [](const FunctionCall&) { return returned("", {{"x-fc-log-result", "bG9n"}}); };
  const auto answer = invoke({});
  EXPECT_EQ(header(answer, "x-fc-log-result"), "");
}

TEST_F(Invocations, AnEmptyResultHasNoTypeToBeParsedBy) {
  api_.function = [](const FunctionCall&) {
    return returned("", {{"Content-Type", "application/json"}});
  };
  EXPECT_EQ(header(invoke({}), "Content-Type"), "application/octet-stream");
}

TEST_F(Invocations, AnErrorOfTheFunctionIsAnAnswer) {
  api_.function = [](const FunctionCall&) {
    Outcome outcome = returned(R"({"errorMessage":"no"})", {}, 500);
    outcome.kind = OutcomeKind::kFailed;
    outcome.condition = "UnhandledInvocationError";
    return outcome;
  };
  const auto answer = invoke({});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header(answer, "x-fc-error-type"), "UnhandledInvocationError");
  EXPECT_EQ(answer.body, R"({"errorMessage":"no"})");
  EXPECT_EQ(counted("fc_function_errors_total"), 1);
  EXPECT_EQ(counted("fc_client_errors_total"), 0);
}

TEST_F(Invocations, AFunctionWithoutRoomIsTheServersError) {
  for (const auto& [status, code] :
       {std::pair{429, "FunctionResourceExhausted"}, std::pair{503, "ServiceUnavailable"}}) {
    api_.function = [status](const FunctionCall&) {
      Outcome outcome = returned("", {}, status);
      outcome.kind = OutcomeKind::kThrottled;
      outcome.record_status = status;
      outcome.error = "no room";
      return outcome;
    };
    const auto answer = invoke({});
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(fault(answer), code);
  }
  EXPECT_EQ(counted("fc_throttles_total"), 2);
  EXPECT_EQ(counted("fc_invocations_total"), 0);
}

TEST_F(Invocations, WhatTheServerLacksItselfIsNotTheFunctionsError) {
  for (const auto& [lack, status, code] :
       {std::tuple(ErrorCode::kOutOfDescriptors, 503, "ServiceUnavailable"),
        std::tuple(ErrorCode::kResolverBusy, 503, "ServiceUnavailable"),
        std::tuple(ErrorCode::kShareExhausted, 429, "ResourceThrottled")}) {
    api_.function = [lack](const FunctionCall&) -> Result<Outcome> { return fail(lack); };
    const auto answer = invoke({});
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(fault(answer), code);
  }
  EXPECT_EQ(counted("fc_invocations_total"), 0);
  EXPECT_EQ(counted("fc_function_errors_total"), 0);
}

TEST_F(Invocations, AtOnceWantAFunctionThatIsThereAndEnabled) {
  EXPECT_EQ(fault(invoke({}, "", std::string(k3) + "/functions/nobody/invocations")),
            "FunctionNotFound");
  EXPECT_EQ(fault(invoke({}, "", kInvoke + "?qualifier=1")), "VersionNotFound");
  api_.call("POST", std::string(k3) + "/functions/f/invoke/disable");
  EXPECT_EQ(fault(invoke({})), "InvalidArgument");
}

TEST(InvocationLineage, IsContinuedWhenItIsSignedByThisServer) {
  FunctionsUnderTest api({.allow_loopback_targets = true, .lineage_key = "key"});
  api.create("f");
  api.function = [](const FunctionCall&) { return returned(""); };
  Lineage before;
  for (int visit = 0; visit < kLineageFunctionVisitsMax; ++visit) {
    before = *continue_lineage(before, "f", "root", false);
  }
  const auto invoke = [&api](std::string lineage) {
    return api.call("POST", kInvoke, "", {{std::string(kLineageHeader), std::move(lineage)}});
  };
  EXPECT_EQ(fault(invoke(write_lineage(before, "key"))), "RecursionDetected");
  EXPECT_EQ(invoke(write_lineage(before, "another key")).status, 200);
  EXPECT_EQ(invoke("v1;nonsense").status, 200);
  EXPECT_EQ(api.function_calls.size(), 2u);
}

// ---- HTTP functions

class HttpFunctions : public Invocations {
 protected:
  void SetUp() override {
    api_.create_in("s", "g");
    api_.call("POST", std::string(k2016) + "/services/s/functions/g/triggers",
              R"({"triggerName":"t","triggerType":"http"})");
    api_.function = [](const FunctionCall&) { return returned("made", {{"X-Own", "1"}}, 404); };
  }
  http::ServerResponse pass(std::string_view method, std::string_view rest, HeaderList headers = {},
                            std::string_view body = {}) {
    return api_.call(method, kProxy + std::string(rest), body, std::move(headers));
  }
  const PassedRequest& passed() { return *api_.function_calls.back().passed; }

  const std::string kProxy = std::string(k2016) + "/proxy/s/g";
};

TEST_F(HttpFunctions, GetTheRequestAsItCame) {
  for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    pass(method, "/a%20b/c/?x=1&qualifier=&x=%2B&flag", {{"Cookie", "a"}, {"Content-Type", "t/x"}},
         "body");
    EXPECT_EQ(passed().method, method);
    EXPECT_EQ(passed().target, "/a%20b/c/?x=1&qualifier=&x=%2B&flag");
    EXPECT_EQ(*passed().headers.find("Cookie"), "a");
    EXPECT_EQ(*passed().headers.find("Content-Type"), "t/x");
    EXPECT_EQ(api_.function_calls.back().event.view(), "body");
    EXPECT_EQ(api_.function_calls.back().invocation->qualifier, "LATEST");
  }
  pass("GET", "");
  EXPECT_EQ(passed().target, "/");
  pass("GET", "/?a");
  EXPECT_EQ(passed().target, "/?a");
}

TEST_F(HttpFunctions, DoNotLearnWhoTheCallerIs) {
  pass("GET", "/?x-fc-signature=s&a=1&x-fc-expires=2&x-fc-access-key-id=k&x-fc-security-token=t",
       {{"X-Fc-Account-Id", "1"}, {"Connection", "close"}, {"x-acs-date", "d"}, {"Host", "h"}});
  EXPECT_EQ(passed().target, "/?a=1");
  for (const std::string_view name :
       {"Authorization", "X-Fc-Account-Id", "Connection", "x-acs-date", "Host"}) {
    EXPECT_FALSE(passed().headers.contains(name)) << name;
  }
}

TEST_F(HttpFunctions, AnswerForThemselves) {
  const auto answer = pass("POST", "/x");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "made");
  EXPECT_EQ(header(answer, "X-Own"), "1");
  EXPECT_EQ(header(answer, "x-fc-error-type"), "");
  EXPECT_EQ(counted("fc_invocations_total"), 0);  // of "f"
  api_.function = [](const FunctionCall&) {
    Outcome outcome = returned("{}");
    outcome.kind = OutcomeKind::kFailed;
    outcome.condition = "UnhandledInvocationError";
    return outcome;
  };
  const auto crashed = pass("POST", "/x");
  EXPECT_EQ(crashed.status, 502);
  EXPECT_EQ(header(crashed, "x-fc-error-type"), "UnhandledInvocationError");
}

TEST_F(HttpFunctions, TakeAQualifierInThePath) {
  EXPECT_EQ(fault(api_.call("GET", std::string(k2016) + "/proxy/s.7/g/")), "VersionNotFound");
  api_.call("POST", std::string(k2016) + "/services/s/versions", "{}");
  EXPECT_EQ(api_.call("GET", std::string(k2016) + "/proxy/s.1/g/").status, 404);
  EXPECT_EQ(api_.function_calls.back().invocation->qualifier, "1");
}

TEST_F(HttpFunctions, AreNotEveryFunctionNorOnEveryPath) {
  api_.call("POST", std::string(k2016) + "/services/s/functions",
            R"({"functionName":"event","caPort":9000})");
  EXPECT_EQ(fault(api_.call("GET", std::string(k2016) + "/proxy/s/event/")), "TriggerNotFound");
  EXPECT_EQ(fault(api_.call("GET", std::string(k2016) + "/proxy/s/none/")), "FunctionNotFound");
  EXPECT_EQ(fault(api_.call("GET", std::string(k2021) + "/proxy/s/g/")), "PathNotSupported");
  EXPECT_EQ(fault(pass("POST", "/", async())), "InvalidArgument");
  EXPECT_TRUE(api_.function_calls.empty());
}

TEST_F(HttpFunctions, AreNotCalledWithAReadOnlyToken) {
  const HeaderList reader = {{"Authorization", "Bearer " + std::string(kReadOnlyToken)}};
  EXPECT_EQ(fault(api_.send_raw(make_request("GET", kProxy + "/", reader))), "AccessDenied");
}

}  // namespace
}  // namespace ferry::api::fc
