#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/header_list.h"
#include "http/answer_stream.h"
#include "http/cut.h"

namespace ferry::http {

// A request's line and fields, before its body is read.
struct RequestHead {
  std::string method;  // as sent
  std::string target;  // raw: nothing decoded, nothing normalised
  HeaderList headers;
  std::string peer_ip;     // of the socket, textual, no port; IPv4-mapped addresses as IPv4
  std::string request_id;  // made by the server, also in its answer
  bool secure = false;     // came over TLS
};

struct Request {
  RequestHead head;
  Bytes body;
  // Is cut when the peer closes its side while the request is handled: for who would work in vain.
  // Outlives the handling. Null: nobody looks.
  Cut* peer_gone = nullptr;
  std::shared_ptr<const void> memory = nullptr;  // what its body was granted, until its end
};

struct ServerResponse {
  int status = 200;
  HeaderList headers;  // Content-Length, Date, Connection and Request-Id are the server's
  std::string body;
  bool close = false;  // end the connection after this answer
  // What follows `body`, made while it is sent; with it the length is not known beforehand.
  AnswerStream stream = {};
};

// The texts of status lines; "Unknown" for codes without one.
std::string_view reason_phrase(int status);

}  // namespace ferry::http
