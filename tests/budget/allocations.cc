// Counts allocations by taking the place of the allocating functions in front of mimalloc's own,
// which the server uses as well. What frees is left as it is. The counter is plain: only the
// driver's own thread works while it counts.

#include <mimalloc.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <new>

#include "budget/meter.h"

namespace {

std::uint64_t allocations = 0;

}  // namespace

namespace ferry::budget {

std::uint64_t allocations_so_far() { return allocations; }

}  // namespace ferry::budget

extern "C" {

void* malloc(std::size_t bytes) {
  ++allocations;
  return mi_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
  ++allocations;
  return mi_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) {
  ++allocations;
  return mi_realloc(block, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++allocations;
  return mi_aligned_alloc(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  ++allocations;
  return mi_posix_memalign(block, alignment, bytes);
}
}

void* operator new(std::size_t bytes) {
  ++allocations;
  return mi_new(bytes);
}

void* operator new[](std::size_t bytes) {
  ++allocations;
  return mi_new(bytes);
}

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return mi_new_nothrow(bytes);
}

void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return mi_new_nothrow(bytes);
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  ++allocations;
  return mi_new_aligned(bytes, static_cast<std::size_t>(alignment));
}

void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  ++allocations;
  return mi_new_aligned(bytes, static_cast<std::size_t>(alignment));
}
