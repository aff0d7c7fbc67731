#pragma once

#include <string>
#include <string_view>

#include "http/client.h"

namespace ferry::dispatch {

// The signature that MNS and EventBridge ask for (contract sections 5.1 and 5.2): base64 of the
// HMAC-SHA1, under `secret`, of
//
//   method \n Content-MD5 \n Content-Type \n Date \n
//   name:value \n   of each field whose lower-case name begins with `prefix`, by name
//   resource        path and query as called
//
// Fields that the request does not have count as empty.
std::string aliyun_signature(const http::ClientRequest& request, std::string_view resource,
                             std::string_view prefix, std::string_view secret);

}  // namespace ferry::dispatch
