#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferry::http {

// Names requests: unique over processes by 50 random bits, within one by a counter.
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t seed);

  std::string next();  // "req_" and 18 characters

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

// What the one log line of a request tells.
struct RequestRecord {
  std::string request_id;
  std::string method;
  std::string path;  // fit for the log
  std::string_view peer_ip;
  std::size_t bytes_in = 0;   // of the body
  std::size_t bytes_out = 0;  // of the whole answer
  int status = 0;
  std::int64_t microseconds = 0;
};

// The target without what may be secret: the query, also a destination's (encoded or not), and all
// after the scheme of a destination with user information. At most 256 bytes.
std::string loggable_path(std::string_view target);

// At level info; probes (/healthz, /readyz) at debug, as they come every few seconds.
void log_request(const RequestRecord& record);

}  // namespace ferry::http
