#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/encoding.h"
#include "store/records.h"
#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

Invocation full_invocation() {
  return {.request_id = "1-67a59f35-150c1267-f381ba1c085c",
          .service = "svc",
          .function = "f",
          .qualifier = "LATEST",
          .arn = "acs:fc:::services/svc.LATEST/functions/f",
          .handler = "index.handler",
          .memory_mb = 512,
          .initializer = "index.init",
          .initialization_timeout = Duration(3'000),
          .log_project = "p",
          .log_store = "s",
          .event_age_max = Duration(86'400'000),
          .task_mode = true,
          .task_id = "t1",
          .lineage = {.root = "r", .hops = 3, .visits = {{"01234567", 2}, {"89abcdef", 1}}}};
}

PushOrigin full_push() {
  return {.event_id = "r1:s",
          .success = true,
          .request_id = "r1",
          .service = "svc",
          .function = "f",
          .qualifier = "prod",
          .arn = "arn",
          .lineage = {.root = "r", .hops = 1, .visits = {{"01234567", 1}}}};
}

Message invocation_message() {
  Message message = *make_message({.id = MessageId{7}});
  message.kind = MessageKind::kInvocation;
  message.on_success = "kafka://orders/done";
  message.on_failure = "acs:mns:::/queues/failed/messages";
  message.invocation = std::make_shared<const Invocation>(full_invocation());
  return message;
}

std::string read_golden(const std::string& name) {
  std::ifstream file(std::string(FERRY_GOLDEN_DIR) + "/" + name);
  std::string digits((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::erase_if(digits, [](unsigned char c) { return std::isspace(c) != 0; });
  return digits;
}

template <class T>
std::string encoded(const T& row, void (*encode)(const T&, std::string&)) {
  std::string out;
  encode(row, out);
  return out;
}

}  // namespace

TEST(FunctionRecords, FunctionsAndServicesAreReadBackWithEveryField) {
  const Function function = *make_function("f");
  EXPECT_EQ(*decode_function(encoded(function, encode_function)), function);
  const Service service = *make_service("s");
  EXPECT_EQ(*decode_service(encoded(service, encode_service)), service);
}

TEST(FunctionRecords, AMessageKeepsWhatItIsAnInvocationOf) {
  const Message message = invocation_message();
  const Message read = *decode_message(encoded(message, encode_message));
  EXPECT_EQ(read.kind, MessageKind::kInvocation);
  EXPECT_EQ(read.on_success, message.on_success);
  EXPECT_EQ(read.on_failure, message.on_failure);
  ASSERT_NE(read.invocation, nullptr);
  EXPECT_EQ(*read.invocation, full_invocation());
  EXPECT_EQ(read.push, nullptr);
}

TEST(FunctionRecords, AMessageKeepsWhatItIsAPushOf) {
  Message message = *make_message({.id = MessageId{7}});
  message.kind = MessageKind::kPush;
  message.push = std::make_shared<const PushOrigin>(full_push());
  const Message read = *decode_message(encoded(message, encode_message));
  ASSERT_NE(read.push, nullptr);
  EXPECT_EQ(*read.push, full_push());
  EXPECT_EQ(read.invocation, nullptr);
}

TEST(FunctionRecords, ADeliveryKeepsTheStartOfItsBudget) {
  Delivery delivery = make_delivery({.id = DeliveryId{7}});
  delivery.first_attempt_at = at(55);
  delivery.throttled = 4;
  EXPECT_EQ(*decode_delivery(encoded(delivery, encode_delivery)), delivery);
}

TEST(FunctionRecords, AScheduleKeepsTheSizeOfItsBodyAndTheBodyIsReadBack) {
  Schedule schedule = *make_schedule("s");
  schedule.body_bytes = 70'000;
  EXPECT_EQ(*decode_schedule(encoded(schedule, encode_schedule)), schedule);
  const ScheduleBody body = *make_schedule_body("s");
  EXPECT_EQ(*decode_schedule_body(encoded(body, encode_schedule_body)), body);
}

TEST(FunctionRecords, ATenantKeepsItsAccessKeys) {
  Tenant tenant = *make_tenant(kTenant, "t");
  tenant.access_keys = {{"id", "secret", at(3), "note"}, {"id2", "secret2", at(4), ""}};
  EXPECT_EQ(*decode_tenant(encoded(tenant, encode_tenant)), tenant);
}

TEST(FunctionRecords, ATenantKeepsItsQuotasOfFunctions) {
  Tenant tenant = *make_tenant(kTenant, "t");
  tenant.quotas.functions = 7;
  EXPECT_EQ(*decode_tenant(encoded(tenant, encode_tenant)), tenant);
  tenant.quotas.functions.reset();
  tenant.quotas.services = 0;
  tenant.access_keys = {{"id", "secret", at(3), "note"}};
  EXPECT_EQ(*decode_tenant(encoded(tenant, encode_tenant)), tenant);
}

// One whose body is in the store beside it.
Message message_with_stored_body() {
  Message message = *make_message({.id = MessageId{7}, .body = ""});
  message.large_body = LargeBody{.bytes = 70'000, .sha256 = sha256("a body")};
  return message;
}

// Rows that do not need the newer version are written in the older one, which an older program
// reads: the goldens of version 1 stay true (records_test.cc). These pin the newer ones.
TEST(FunctionRecords, KeepTheBytesOfTheirGoldenFiles) {
  Delivery delivery = make_delivery({.id = DeliveryId{7}});
  delivery.first_attempt_at = at(55);
  delivery.throttled = 4;
  Tenant tenant = *make_tenant(kTenant, "t");
  tenant.access_keys = {{"id", "secret", at(3), "note"}};
  Tenant limited = tenant;
  limited.quotas.functions = 7;
  limited.quotas.services = 9;
  Tenant bounded = limited;
  bounded.quotas.flow_keys = 11;
  bounded.quotas.tokens = 12;
  bounded.quotas.resource_bytes = 13'000'000;
  bounded.quotas.schedule_body_bytes = 14'000'000;
  bounded.quotas.timeout_max = Duration(15'000);
  Schedule schedule = *make_schedule("scd_1");
  schedule.body = {};
  schedule.body_bytes = 70'000;
  const std::pair<const char*, std::string> samples[] = {
      {"schedule.v2.hex", encoded(schedule, encode_schedule)},
      {"schedule_body.v1.hex", encoded(*make_schedule_body("scd_1"), encode_schedule_body)},
      {"function.v1.hex", encoded(*make_function("f"), encode_function)},
      {"service.v1.hex", encoded(*make_service("s"), encode_service)},
      {"message.v2.hex", encoded(invocation_message(), encode_message)},
      {"message.v3.hex", encoded(message_with_stored_body(), encode_message)},
      {"delivery.v2.hex", encoded(delivery, encode_delivery)},
      {"tenant.v2.hex", encoded(tenant, encode_tenant)},
      {"tenant.v3.hex", encoded(limited, encode_tenant)},
      {"tenant.v4.hex", encoded(bounded, encode_tenant)},
  };
  for (const auto& [name, bytes] : samples) EXPECT_EQ(hex_encode(bytes), read_golden(name)) << name;
}

TEST(FunctionRecords, AreRefusedWhenCutShort) {
  const std::string function = encoded(*make_function("f"), encode_function);
  const std::string message = encoded(invocation_message(), encode_message);
  for (std::size_t n = 0; n < function.size(); ++n) {
    ASSERT_FALSE(decode_function(std::string_view(function).substr(0, n))) << n;
  }
  for (std::size_t n = 0; n < message.size(); ++n) {
    ASSERT_FALSE(decode_message(std::string_view(message).substr(0, n))) << n;
  }
}

}  // namespace ferry::store
