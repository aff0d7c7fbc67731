#include <algorithm>

#include "store/test_fields.h"

namespace ferry::store::test {
namespace {

// Collects "name=value" pairs and what describes a row.
class Text {
 public:
  Text& add(std::string_view name, std::string_view value) {
    out_.append(name).append("=").append(percent_encode(value)).append(" ");
    return *this;
  }
  Text& add(std::string_view name, std::int64_t value) { return add(name, std::to_string(value)); }
  Text& add(std::string_view name, std::uint64_t value) { return add(name, std::to_string(value)); }
  Text& add(std::string_view name, bool value) {
    return add(name, std::string_view(value ? "yes" : "no"));
  }
  Text& add(std::string_view name, const std::string& value) {
    return add(name, std::string_view(value));
  }
  Text& nested(std::string_view name, const std::string& text) {
    out_.append(name).append("{ ").append(text).append("}\n");
    return *this;
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace

std::string describe(const Message& message) { return describe_fields(message); }
std::string describe(const Delivery& delivery) { return describe_fields(delivery); }
std::string describe(const Event& event) { return describe_fields(event); }
std::string describe(const Entry& entry) { return describe_fields(entry); }
std::string describe(const DeadLetter& letter) { return describe_fields(letter); }
std::string describe(const DedupRecord& record) { return describe_fields(record); }
std::string describe(const Tenant& tenant) { return describe_fields(tenant); }
std::string describe(const Queue& queue) { return describe_fields(queue); }
std::string describe(const UrlGroup& group) { return describe_fields(group); }
std::string describe(const Schedule& schedule) { return describe_fields(schedule); }
std::string describe(const ScheduleBody& body) { return describe_fields(body); }
std::string describe(const FlowKey& key) { return describe_fields(key); }
std::string describe(const Function& function) { return describe_fields(function); }
std::string describe(const Service& service) { return describe_fields(service); }
std::string describe(const Sequence& sequence) { return describe_fields(sequence); }
std::string describe(const WriteSet& set) { return describe_fields(set); }

std::string describe(const MessagePtr& message) { return message ? describe(*message) : "none"; }

std::string describe(const DeadLetterPtr& letter) { return letter ? describe(*letter) : "none"; }

std::string describe(const Resource& resource) {
  return std::visit([](const auto& each) { return describe(*each); }, resource);
}

std::string describe(const LoadedDelivery& loaded) {
  return Text()
      .nested("delivery", describe(loaded.delivery))
      .nested("message", describe(loaded.message))
      .take();
}

std::string describe(const LaneSlice& slice) {
  Text text;
  for (const LoadedDelivery& row : slice.rows) text.nested("row", describe(row));
  return text.add("complete", slice.complete).take();
}

std::string describe(const LoggedEvent& event) {
  return Text()
      .nested("event", describe(event.event))
      .nested("delivery", describe(event.delivery))
      .nested("message", describe(event.message))
      .take();
}

std::string describe(const MessageView& view) {
  return Text()
      .nested("delivery", describe(view.delivery))
      .nested("message", describe(view.message))
      .add("finished", view.finished)
      .add("last_state", event_state_name(view.last_state))
      .take();
}

std::string describe(const Totals& totals) {
  return Text()
      .add("deliveries", totals.deliveries)
      .add("dead_letters", totals.dead_letters)
      .add("position", totals.position)
      .take();
}

std::string describe(const Catalog& catalog) {
  Text text;
  for (const TenantPtr& tenant : catalog.tenants) text.nested("tenant", describe(*tenant));
  for (const auto& [key, value] : catalog.settings) text.add("setting", key).add("is", value);
  std::vector<LaneId> lanes = catalog.lanes;
  std::ranges::sort(lanes);
  for (const LaneId lane : lanes) text.add("lane", lane);
  if (catalog.next_due) text.add("next_due", to_unix_ms(*catalog.next_due));
  text.add("last_id", catalog.last_id);
  for (const Resource& each : catalog.resources) text.nested("resource", describe(each));
  for (const Sequence& each : catalog.sequences) text.nested("sequence", describe(each));
  std::vector<DedupKey> keys = catalog.dedup_keys;
  std::ranges::sort(keys);
  for (const DedupKey& key : keys) text.add("dedup_key", hex_encode(as_text(key.digest)));
  return text.take();
}

}  // namespace ferry::store::test
