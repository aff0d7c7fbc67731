#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "api/api.h"
#include "http/awaitable.h"

namespace ferry::api {

// How long a read may take. The two kinds of a tenant take turns apart, so that what is found by
// its key does not wait for that tenant's own scans.
enum class ReadKind : std::uint8_t { kLookup, kScan, kRestOfScan };

// Runs a read of the store on a reader thread, in the tenant's turn. `read` owns what it needs: a
// call that is cut off while the read runs takes nothing away from under it.
template <class Read>
Awaitable<std::invoke_result_t<Read>> read_store(const Context& context, TenantId tenant,
                                                 ReadKind kind, Read read) {
  using Found = std::invoke_result_t<Read>;
  auto found = std::make_shared<std::optional<Found>>();
  const auto owner = static_cast<std::uint64_t>(tenant.value) * 2;
  const http::BlockingPool::Turn turn{.owner = kind == ReadKind::kLookup ? owner : owner + 1,
                                      .goes_on = kind == ReadKind::kRestOfScan};
  co_await context.readers.run_in_turn(turn,
                                       [found, read = std::move(read)] { found->emplace(read()); });
  co_return std::move(**found);
}

}  // namespace ferry::api
