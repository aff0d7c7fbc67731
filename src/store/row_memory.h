#pragma once

#include <cstddef>

#include "domain/resource.h"

namespace ferry::store {

// About the bytes that a resource takes in memory, those of its texts and lists included; what the
// quota `resource_bytes` counts. Of the body of a schedule: its bytes alone.
std::size_t row_memory(const Resource& resource);

}  // namespace ferry::store
