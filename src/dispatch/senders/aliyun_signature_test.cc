#include "dispatch/senders/aliyun_signature.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

// What npm @alicloud/mns 1.2.0 sent for these fields (contract section 5.1).
TEST(AliyunSignature, IsTheOneOfMns) {
  http::ClientRequest request{.method = "POST"};
  request.headers = {{"Content-Type", "text/xml"},
                     {"Date", "Sat, 21 Nov 2026 20:38:04 GMT"},
                     {"x-mns-version", "2015-06-06"}};
  EXPECT_EQ(aliyun_signature(request, "/queues/q1/messages", "x-mns-", "SK"),
            "WgD8FII3j9cfEQlTV+ntR+/0m0c=");
}

// Made with getStringToSign and getSignature of what npm @alicloud/eventbridge 1.3.2 signs with.
TEST(AliyunSignature, IsTheOneOfEventBridge) {
  http::ClientRequest request{.method = "POST"};
  request.headers = {{"X-Acs-Signature-Version", "1.0"},
                     {"x-eventbridge-version", "2015-06-06"},
                     {"x-acs-signature-nonce", " 0123456789abcdef0123456789abcdef "},
                     {"x-acs-signature-method", "HMAC-SHA1"},
                     {"x-acs-accesskey-id", "STS.AK"},
                     {"x-acs-security-token", "TOKEN"},
                     {"content-type", "application/cloudevents-batch+json; charset=utf-8"},
                     {"date", "Sat, 21 Nov 2026 20:38:04 GMT"},
                     {"accept", "application/json"}};
  EXPECT_EQ(aliyun_signature(request, "/openapi/putEvents", "x-acs-", "SK"),
            "MwEc0lVMk1KR++7Xdop5l48qgvo=");
}

}  // namespace
}  // namespace ferry::dispatch
