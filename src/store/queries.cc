#include "store/queries.h"

#include <algorithm>

namespace ferry::store {
namespace {

bool passes(const std::vector<DeliveryId>& wanted, DeliveryId value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

// Absent values are empty texts, which no index holds: filtering for one finds nothing.
bool passes(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || (!value.empty() && std::ranges::find(wanted, value) != wanted.end());
}

bool passes_any(const std::vector<std::string>& wanted, const std::vector<std::string>& values) {
  return wanted.empty() || std::ranges::any_of(values, [&](const std::string& value) {
           return passes(wanted, std::string_view(value));
         });
}

bool passes_destination(const ListFilter& filter, const Destination& to) {
  const std::string_view url = to.target.url;
  return passes(filter.urls, url) && passes(filter.groups, std::string_view(to.group_name)) &&
         passes(filter.queues, std::string_view(to.queue_name)) &&
         passes(filter.schedules, std::string_view(to.schedule_id)) &&
         (filter.hosts.empty() || passes(filter.hosts, std::string_view(host_key(url)))) &&
         (filter.paths.empty() || passes(filter.paths, url_path(url)));
}

}  // namespace

std::size_t row_bytes(const Message* message, const Response* response) {
  constexpr std::size_t kRestTypical = 512;
  return kRestTypical + (message == nullptr ? 0 : body_bytes(*message)) +
         (response == nullptr ? 0 : response->body.size());
}

std::size_t filter_weight(const ListFilter& filter) {
  constexpr std::size_t kValuesOfNoWeight = 250;
  const std::size_t values = filter.deliveries.size() + filter.urls.size() + filter.hosts.size() +
                             filter.paths.size() + filter.groups.size() + filter.queues.size() +
                             filter.schedules.size() + filter.labels.size() +
                             filter.caller_ips.size() + filter.flow_keys.size();
  return 1 + values / kValuesOfNoWeight;
}

bool matches(const ListFilter& filter, const Delivery& delivery, const Message* message) {
  if (delivery.tenant != filter.tenant) return false;
  if (!passes(filter.deliveries, delivery.id)) return false;
  if (!passes_destination(filter, *delivery.to)) return false;
  if (message == nullptr) {
    return filter.labels.empty() && filter.caller_ips.empty() && filter.flow_keys.empty();
  }
  const std::string_view flow_key =
      message->flow_control ? std::string_view(message->flow_control->key) : std::string_view();
  return passes_any(filter.labels, message->labels) && passes(filter.flow_keys, flow_key) &&
         passes(filter.caller_ips, std::string_view(message->caller_ip));
}

}  // namespace ferry::store
