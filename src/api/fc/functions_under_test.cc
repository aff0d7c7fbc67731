#include "api/fc/functions_under_test.h"

#include <gtest/gtest.h>

namespace ferry::api::fc::test {
namespace {

template <class Pointer>
engine::Answer put(std::map<std::string, Pointer>& rows, const Pointer& row, const Pointer& base) {
  const auto found = rows.find(name_of(row));
  const Pointer known = found == rows.end() ? nullptr : found->second;
  if (known != base) return Error{ErrorCode::kConflict, "another one"};
  rows[name_of(row)] = row;
  return engine::Done{};
}

template <class Pointer>
engine::Answer list(const std::map<std::string, Pointer>& rows,
                    const std::optional<std::string>& name) {
  engine::ResourceList all;
  for (const auto& [key, row] : rows) {
    if (!name || *name == key) all.resources.push_back({.resource = row});
  }
  if (name && all.resources.empty()) return Error{ErrorCode::kNotFound, *name + " not found"};
  return all;
}

template <class Pointer>
engine::Answer erase(std::map<std::string, Pointer>& rows, const std::string& name) {
  if (rows.erase(name) == 0) return Error{ErrorCode::kNotFound, name + " not found"};
  return engine::Done{};
}

}  // namespace

FunctionsUnderTest::FunctionsUnderTest(Options options) : ApiUnderTest(std::move(options)) {
  engine = [this](const engine::Command& command) { return answer(command); };
  tenant.access_keys.push_back({.id = "AKID", .secret = "SECRET", .created_at = kNow, .note = {}});
  publish_catalog();
}

engine::Answer FunctionsUnderTest::answer(const engine::Command& command) {
  if (const auto* read = std::get_if<engine::ReadResources>(&command)) {
    return read->kind == ResourceKind::kFunction ? list(functions, read->name)
                                                 : list(services, read->name);
  }
  if (const auto* saved = std::get_if<engine::SaveFunction>(&command)) {
    conflict_is_next_ = conflicts && !conflict_is_next_;
    if (conflict_is_next_) return Error{ErrorCode::kConflict, "changed by another call"};
    return put(functions, saved->function, saved->base);
  }
  if (const auto* saved = std::get_if<engine::SaveService>(&command)) {
    return put(services, saved->service, saved->base);
  }
  if (const auto* drop = std::get_if<engine::DropNamed>(&command)) {
    return drop->kind == ResourceKind::kFunction ? erase(functions, drop->name)
                                                 : erase(services, drop->name);
  }
  if (std::holds_alternative<engine::Invoke>(command)) return invoked;
  if (std::holds_alternative<engine::Cancel>(command)) return engine::Cancelled{1};
  return Error{ErrorCode::kInternal, "unexpected"};
}

http::ServerResponse FunctionsUnderTest::call(std::string_view method, std::string target,
                                              std::string_view body, HeaderList headers) {
  return send(method, target, std::move(headers), body);
}

void FunctionsUnderTest::create(const std::string& name, const std::string& more) {
  const auto made =
      call("POST", std::string(k3) + "/functions",
           R"({"functionName":")" + name + R"(","customRuntimeConfig":{"port":9000})" + more + "}");
  ASSERT_EQ(made.status, 200) << made.body;
}

void FunctionsUnderTest::create_in(const std::string& service, const std::string& name) {
  const std::string services_path = std::string(k2021) + "/services";
  ASSERT_EQ(call("POST", services_path, R"({"serviceName":")" + service + R"("})").status, 200);
  const auto made = call("POST", services_path + "/" + service + "/functions",
                         R"({"functionName":")" + name + R"(","caPort":9000})");
  ASSERT_EQ(made.status, 200) << made.body;
}

const Function& FunctionsUnderTest::stored(const std::string& name) const {
  return *functions.at(name);
}

std::string member(const http::ServerResponse& response, std::string_view path) {
  const auto document = JsonDocument::parse(response.body);
  if (!document) return "no JSON: " + response.body;
  JsonValue value = document->root();
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    const auto next = value.find(name);
    if (!next) return "";
    value = *next;
  }
  const auto text = value.text();
  return text ? std::string(*text) : value.to_json();
}

std::string fault(const http::ServerResponse& response) {
  EXPECT_EQ(member(response, "Code"), member(response, "ErrorCode")) << response.body;
  EXPECT_EQ(member(response, "Message"), member(response, "ErrorMessage"));
  EXPECT_EQ(member(response, "RequestId"), header(response, "x-fc-request-id"));
  return member(response, "Code");
}

std::string header(const http::ServerResponse& response, std::string_view name) {
  const std::string* value = response.headers.find(name);
  return value ? *value : std::string();
}

}  // namespace ferry::api::fc::test
