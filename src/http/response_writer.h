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

// Appends the response as it goes over the wire, with the first piece of a stream. A stream has the
// length of its chunks; for HTTP/1.0, which has no chunks, the caller closes the connection after
// it (`close`). Of its header fields those that belong to the
// server are left out, and those whose name or value would break the framing.
void append_response(std::string& out, const ServerResponse& response, const ResponseFrame& frame);

// Whether the response goes on with its stream after what append_response wrote.
bool has_stream(const ServerResponse& response, const ResponseFrame& frame);

// Appends a piece of the stream of a response; an empty piece is its end.
void append_piece(std::string& out, std::string_view piece, const ResponseFrame& frame);

// {"error": text}; the connection ends with it. A 503 says when to come back.
ServerResponse make_refusal(const Refusal& refusal);

}  // namespace ferry::http
