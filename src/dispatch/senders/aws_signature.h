#pragma once

#include <string>

#include "base/time.h"
#include "http/client.h"

namespace ferry::dispatch {

struct AwsScope {
  std::string access_key_id;
  std::string secret;
  std::string token;  // of a temporary credential, or empty
  std::string region;
  std::string service;  // "sqs"
};

// Signs with AWS Signature Version 4: adds X-Amz-Date, X-Amz-Security-Token when there is a token,
// and Authorization. Every field that the request has by then is signed, and Host. `request.url`
// must be one that http::parse_url takes; its path is signed as it stands, encoded once more as all
// services but S3 expect.
void sign_aws_request(http::ClientRequest& request, const AwsScope& scope, TimePoint now);

}  // namespace ferry::dispatch
