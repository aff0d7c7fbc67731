#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/api_under_test.h"
#include "base/json.h"

// The API over an engine that keeps functions and services, for the tests of these calls.

namespace ferry::api::fc::test {

using namespace ferry::api::test;

inline constexpr std::string_view k3 = "/2023-03-30";
inline constexpr std::string_view k2021 = "/2021-04-06";
inline constexpr std::string_view k2016 = "/2016-08-15";

class FunctionsUnderTest : public ApiUnderTest {
 public:
  explicit FunctionsUnderTest(Options options = {.allow_loopback_targets = true});

  // A call with the full token and a JSON body.
  http::ServerResponse call(std::string_view method, std::string target, std::string_view body = {},
                            HeaderList headers = {});
  // Of a 3.0 function at http://127.0.0.1:9000 with these further members, such as
  // `,"timeout":5`. It must succeed.
  void create(const std::string& name, const std::string& more = {});
  // A service, and a function in it.
  void create_in(const std::string& service, const std::string& name);

  // What the engine holds.
  const Function& stored(const std::string& name) const;

  std::map<std::string, FunctionPtr> functions;
  std::map<std::string, ServicePtr> services;
  // Of every second save: it comes too late, as if another call had been first.
  bool conflicts = false;
  engine::Answer invoked = engine::Invoked{.id = {7}, .task_mode = false};

 private:
  engine::Answer answer(const engine::Command& command);
  bool conflict_is_next_ = false;
};

// The member of an answer as text: "" when it is absent; a path has dots.
std::string member(const http::ServerResponse& response, std::string_view path);
// The error code, which must be the same under both of its names.
std::string fault(const http::ServerResponse& response);
std::string header(const http::ServerResponse& response, std::string_view name);

}  // namespace ferry::api::fc::test
