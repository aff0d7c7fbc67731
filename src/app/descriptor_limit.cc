#include "app/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace ferry::app {
namespace {

// The store's files, listeners, event loops, connections of senders.
constexpr std::uint64_t kOwnDescriptors = 128;
// Even a server that has next to nothing answers health checks.
constexpr std::uint64_t kConnectionsLeast = 16;

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kOwnDescriptors;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

DescriptorPlan plan_descriptors(const Settings& settings, std::uint64_t limit) {
  const std::uint64_t attempts = settings.in_flight_max;
  const std::uint64_t connections = settings.connections_max;
  // An eighth more connections are the reserve for health checks and others.
  const std::uint64_t wanted = kOwnDescriptors + attempts + connections + connections / 8;
  if (limit >= wanted) return {settings.connections_max, {}};
  const std::uint64_t rest = limit - std::min(limit, kOwnDescriptors);
  const std::uint64_t left = rest - std::min(attempts, rest / 2);
  const std::uint64_t served =
      std::clamp(left - left / 8, kConnectionsLeast, std::max(connections, kConnectionsLeast));
  return {static_cast<std::size_t>(served),
          "the limit of " + std::to_string(limit) + " open files is below the " +
              std::to_string(wanted) + " of connections_max (" + std::to_string(connections) +
              "), delivery.in_flight_max (" + std::to_string(attempts) +
              ") and the server itself; at most " + std::to_string(served) +
              " connections are served: raise the limit (ulimit -n, LimitNOFILE) or lower the "
              "settings"};
}

}  // namespace ferry::app
