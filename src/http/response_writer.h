#pragma once

#include <string>
#include <string_view>

#include "http/head_parser.h"
#include "http/types.h"

namespace ferry::http {

// What the server itself says in a response, and the shape that the request asks for.
struct ResponseFrame {
  std::string_view date;  // IMF-fixdate
  std::string_view request_id;
  bool head_only = false;  // an answer to HEAD
  bool http_1_0 = false;
  bool close = false;  // the last answer on its connection
};

// Appends the response as it goes over the wire. Of its header fields those that belong to the
// server are left out, and those whose name or value would break the framing.
void append_response(std::string& out, const ServerResponse& response, const ResponseFrame& frame);

// {"error": text}; the connection ends with it. A 503 says when to come back.
ServerResponse make_refusal(const Refusal& refusal);

}  // namespace ferry::http
