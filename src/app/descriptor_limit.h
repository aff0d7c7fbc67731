#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "app/settings.h"

namespace ferry::app {

// How many files and sockets the process may have open, after raising the soft limit to the hard
// one.
std::uint64_t raise_descriptor_limit();

// How the descriptors are shared out: the server's own, then attempts and connections.
struct DescriptorPlan {
  std::size_t connections_max = 0;  // at most the setting of that name
  std::string warning;              // which settings ask for more than there is; empty: none
};
DescriptorPlan plan_descriptors(const Settings& settings, std::uint64_t limit);

}  // namespace ferry::app
