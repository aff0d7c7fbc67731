#include "api/qstash/cancelling.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/engine_link.h"
#include "api/store_read.h"
#include "domain/limits.h"

namespace ferry::api {
namespace {

struct Slice {
  std::vector<DeliveryId> deliveries;
  std::string cursor;  // empty: nothing more
};

// Runs on a reader thread.
Result<Slice> read_slice(store::Store& store, store::PageRequest page, std::size_t rows_max) {
  Slice slice;
  do {
    const std::size_t room = rows_max - slice.deliveries.size();
    page.count = static_cast<std::uint32_t>(room);
    ASSIGN_OR_RETURN(const store::MessagePage found, store.messages(page));
    for (const store::LoadedDelivery& row : found.rows) {
      slice.deliveries.push_back(row.delivery.id);
    }
    page.cursor = found.cursor;
  } while (!page.cursor.empty() && slice.deliveries.size() < rows_max);
  slice.cursor = std::move(page.cursor);
  return slice;
}

Awaitable<Result<std::int64_t>> cancel_slice(const Context& context, TenantId tenant,
                                             std::vector<DeliveryId> deliveries) {
  if (deliveries.empty()) co_return 0;
  engine::Cancel command;
  command.tenant = tenant;
  command.deliveries = std::move(deliveries);
  CO_ASSIGN_OR_RETURN(
      const engine::Cancelled cancelled,
      answer_as<engine::Cancelled>(co_await context.engine.call(std::move(command))));
  co_return cancelled.count;
}

}  // namespace

Awaitable<Result<std::int64_t>> cancel_each(const Context& context, TenantId tenant,
                                            std::vector<DeliveryId> deliveries) {
  std::ranges::sort(deliveries);
  const auto repeated = std::ranges::unique(deliveries);
  deliveries.erase(repeated.begin(), repeated.end());
  std::int64_t cancelled = 0;
  for (std::size_t start = 0; start < deliveries.size(); start += limits::kBulkSliceRows) {
    const std::size_t end = std::min(start + limits::kBulkSliceRows, deliveries.size());
    std::vector<DeliveryId> slice(deliveries.begin() + static_cast<std::ptrdiff_t>(start),
                                  deliveries.begin() + static_cast<std::ptrdiff_t>(end));
    CO_ASSIGN_OR_RETURN(const std::int64_t count,
                        co_await cancel_slice(context, tenant, std::move(slice)));
    cancelled += count;
  }
  co_return cancelled;
}

Awaitable<Result<std::int64_t>> cancel_matching(const Context& context, store::ListFilter filter,
                                                std::optional<std::int64_t> count_max) {
  store::PageRequest page;
  page.filter = std::move(filter);
  page.order = store::Order::kEarliestFirst;
  page.ids_only = true;
  std::int64_t cancelled = 0;
  do {
    std::size_t rows_max = limits::kBulkSliceRows;
    if (count_max) {
      rows_max = std::min(rows_max, static_cast<std::size_t>(*count_max - cancelled));
    }
    // Rows that were cancelled before stand there until their attempt ends, and do not count.
    CO_ASSIGN_OR_RETURN(Slice slice,
                        co_await read_store(context, page.filter.tenant, ReadKind::kScan,
                                            [&store = context.store, page, rows_max] {
                                              return read_slice(store, page, rows_max);
                                            }));
    page.cursor = std::move(slice.cursor);
    CO_ASSIGN_OR_RETURN(
        const std::int64_t count,
        co_await cancel_slice(context, page.filter.tenant, std::move(slice.deliveries)));
    cancelled += count;
  } while (!page.cursor.empty() && (!count_max || cancelled < *count_max));
  co_return cancelled;
}

}  // namespace ferry::api
