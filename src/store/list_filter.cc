#include "store/list_filter.h"

#include <algorithm>

namespace ferry::store {
namespace {

bool passes_status(const ListFilter& filter, const ResponsePtr& response) {
  const std::int32_t status = response == nullptr ? 0 : response->status;
  return filter.response_statuses.empty() ||
         std::ranges::find(filter.response_statuses, status) != filter.response_statuses.end();
}

}  // namespace

bool in_period(const ListFilter& filter, TimePoint time) {
  return (!filter.from || time >= *filter.from) && (!filter.to || time <= *filter.to);
}

bool passes(const ListFilter& filter, const Event& event) {
  return (filter.states == 0 || (filter.states & state_bit(event.state)) != 0) &&
         in_period(filter, event.time) && passes_status(filter, event.response);
}

bool asks_about_message(const ListFilter& filter) {
  return !filter.labels.empty() || !filter.caller_ips.empty() || !filter.flow_keys.empty();
}

bool passes(const ListFilter& filter, const DeadLetter& letter) {
  if (!filter.dead_letters.empty()) {
    return letter.delivery.tenant == filter.tenant &&
           std::ranges::find(filter.dead_letters, letter.id) != filter.dead_letters.end();
  }
  return in_period(filter, time_of_id(letter.id.value)) && passes_status(filter, letter.response) &&
         matches(filter, letter.delivery, letter.message.get());
}

}  // namespace ferry::store
