#include "engine/protocol.h"

namespace ferry::engine {
namespace {

// Charged for a command besides the bodies it carries.
constexpr std::size_t kCommandOverheadBytes = 512;

struct BodyBytes {
  std::size_t operator()(const Publish& publish) const {
    std::size_t total = 0;
    for (const PublishItem& item : publish.items) total += item.body.size() + kCommandOverheadBytes;
    return total;
  }
  std::size_t operator()(const RecordOutcome& record) const {
    std::size_t total = record.outcome.response ? record.outcome.response->body.size() : 0;
    for (const RenderedHook& hook : record.hooks) total += hook.body.size();
    return total;
  }
  std::size_t operator()(const SaveSchedule& save) const { return save.schedule.body.size(); }
  std::size_t operator()(const Invoke& invoke) const { return invoke.event.size(); }
  std::size_t operator()(const AttemptAddress& told) const { return told.address.size(); }
  template <class T>
  std::size_t operator()(const T&) const {
    return 0;
  }
};

}  // namespace

std::size_t memory_of(const Command& command) {
  return kCommandOverheadBytes + std::visit(BodyBytes{}, command);
}

}  // namespace ferry::engine
