#include "dispatch/senders/cloud_event.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

Push sample_push() {
  return {.event_id = "r-1:s",
          .body = Bytes::copy(R"({"timestamp":1})"),
          .success = true,
          .function_arn = "acs:fc:::services/Svc.LATEST/functions/f",
          .created_at = from_unix_ms(1'609'638'271'233)};
}

TEST(CloudEvent, HasTheAttributesOfTheService) {
  EXPECT_EQ(cloud_event_json(sample_push()),
            R"({"specversion":"1.0","id":"r-1:s","source":"acs:fc",)"
            R"("type":"fc:AsyncInvoke:succeeded",)"
            R"("subject":"acs:fc:::services/Svc.LATEST/functions/f",)"
            R"("time":"2021-01-03T01:44:31Z","datacontenttype":"application/json",)"
            R"("data":{"timestamp":1}})");
}

TEST(CloudEvent, CarriesExtensions) {
  const std::string event = cloud_event_json(sample_push(), {{"aliyuneventbusname", "b\"us"}});
  EXPECT_TRUE(event.contains(R"("aliyuneventbusname":"b\"us","data":)")) << event;
}

TEST(CloudEvent, SaysWhenAnInvocationFailed) {
  Push push = sample_push();
  push.success = false;
  EXPECT_TRUE(cloud_event_json(push).contains(R"("type":"fc:AsyncInvoke:failed")"));
}

TEST(CloudEvent, OfAPublishedMessageHasNoSubject) {
  Push push = sample_push();
  push.function_arn.clear();
  const std::string event = cloud_event_json(push);
  EXPECT_TRUE(event.contains(R"("source":"ferry","type":"ferry:Message:succeeded","time")"))
      << event;
}

TEST(CloudEvent, AsHeadersEncodesWhatFieldsCannotHold) {
  Push push = sample_push();
  push.event_id = "a b\"%\xC3\xBC\n";
  HeaderList headers;
  add_cloud_event_headers(headers, push);
  EXPECT_EQ(*headers.find("ce-id"), "a%20b%22%25%C3%BC%0A");
  EXPECT_EQ(*headers.find("ce-specversion"), "1.0");
  EXPECT_EQ(*headers.find("ce-source"), "acs:fc");
  EXPECT_EQ(*headers.find("ce-type"), "fc:AsyncInvoke:succeeded");
  EXPECT_EQ(*headers.find("ce-subject"), push.function_arn);
  EXPECT_EQ(*headers.find("ce-time"), "2021-01-03T01:44:31Z");
  push.function_arn.clear();
  HeaderList without;
  add_cloud_event_headers(without, push);
  EXPECT_FALSE(without.contains("ce-subject"));
}

}  // namespace
}  // namespace ferry::dispatch
