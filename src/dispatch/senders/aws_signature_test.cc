#include "dispatch/senders/aws_signature.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

std::string signature_of(http::ClientRequest request, AwsScope scope, TimePoint now) {
  scope.access_key_id = "AKIDEXAMPLE";
  scope.secret = kSecret;
  sign_aws_request(request, scope, now);
  return *request.headers.find("Authorization");
}

// The example of the documentation ("Examples of the complete Signature Version 4 signing
// process", AWS General Reference).
TEST(AwsSignature, IsTheOneOfTheDocumentation) {
  const http::ClientRequest request{
      .method = "GET",
      .url = "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}};
  EXPECT_EQ(signature_of(request, {.region = "us-east-1", .service = "iam"},
                         from_unix_ms(1'440'938'160'000)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

// Made with npm @smithy/signature-v4 5.3.8, as are those below.
TEST(AwsSignature, CoversTheBodyAndTheToken) {
  const http::ClientRequest request{.method = "POST",
                                    .url = "https://sqs.eu-central-1.amazonaws.com/",
                                    .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                                {"X-Amz-Target", "AmazonSQS.SendMessage"}},
                                    .body = Bytes::copy(R"({"MessageBody":"m"})")};
  EXPECT_EQ(signature_of(request, {.token = "TOKEN", .region = "eu-central-1", .service = "sqs"},
                         from_unix_ms(1'795'293'484'125)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-central-1/sqs/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
            "Signature=4edae9817020da7922d4b55b8c5bc74da0fab25335631c373dd2268346c760f2");
}

TEST(AwsSignature, OrdersTheQueryAndFoldsBlanks) {
  const http::ClientRequest request{.method = "GET",
                                    .url = "https://h:8443/a%20b/c?b=2%203&a=x%2Fy&flag",
                                    .headers = {{"X-Spaces", "  a   b  "}}};
  EXPECT_EQ(signature_of(request, {.region = "eu-central-1", .service = "sqs"},
                         from_unix_ms(1'795'293'484'125)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-central-1/sqs/aws4_request, "
            "SignedHeaders=host;x-amz-date;x-spaces, "
            "Signature=aa6992f8a5df5b6cd3cf57bf841ca22649cc588989557c6fa2cdc36e2cee6f98");
}

}  // namespace
}  // namespace ferry::dispatch
