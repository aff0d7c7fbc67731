#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/deadline.h"
#include "http/url.h"

namespace ferry::http {

// Connections between requests, by (scheme, host, port). The one used last is taken first, so that
// those a burst has opened grow old and go. One thread, the io_context's.
class ConnectionPool {
 public:
  struct Options {
    std::size_t per_host_max = 0;
    std::size_t total_max = 0;
    Duration idle_timeout{0};
  };

  ConnectionPool(Options options, DeadlineWheel& wheel, Metrics& metrics);
  ~ConnectionPool();

  // An idle connection to the URL's server, or null. Those whose peer has closed are dropped on the
  // way.
  std::shared_ptr<Connection> take(const Url& url);

  // Keeps a connection if it is open; the one idle for longest goes when there are too many.
  void put(const Url& url, std::shared_ptr<Connection> connection);

  // Closes the connection that has been idle for longest, for its descriptor; false when none is.
  bool drop_one();

  void clear();
  std::size_t size() const { return idle_.size(); }

 private:
  struct Host;
  struct Idle {
    Host* host;
    std::shared_ptr<Connection> connection;
    SteadyTime until;
  };
  using Idles = std::list<Idle>;

  struct Host {
    std::vector<Idles::iterator> idle;  // the oldest first
  };

  struct Origin {
    bool secure;
    std::uint16_t port;
    std::string host;
  };

  // A Url is looked up as it is, without making an Origin of it.
  struct SameOrigin {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return a.port == b.port && a.secure == b.secure && a.host == b.host;
    }
  };
  struct OriginHash {
    using is_transparent = void;
    std::size_t operator()(const auto& origin) const {
      const std::size_t scheme_and_port = origin.port * 2u + (origin.secure ? 1u : 0u);
      return std::hash<std::string_view>()(origin.host) ^ scheme_and_port * 0x9e3779b97f4a7c15u;
    }
  };

  Host& host_of(const Url& url);
  std::shared_ptr<Connection> remove(Idles::iterator idle);
  void drop_oldest() { remove(idle_.begin()); }
  void drop_expired();

  const Options options_;
  DeadlineWheel& wheel_;
  Metrics& metrics_;
  Idles idle_;   // the oldest first: they also expire in this order
  Idles spare_;  // list nodes to use again
  std::unordered_map<Origin, Host, OriginHash, SameOrigin> hosts_;
  Deadline expiry_;  // of the oldest
};

}  // namespace ferry::http
