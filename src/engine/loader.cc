// Carries out Load effects on reader threads. A failed read answers monostate and the engine asks
// again.

#include "engine/protocol.h"

namespace ferry::engine {
namespace {

// Of bodies of dead letters that are read at once; those after them are asked for again.
constexpr std::size_t kLetterBytesMax = 16u << 20;

struct Reader {
  store::Store& store;
  Loaded& answer;

  void operator()(const Load::Lane& lane) {
    if (auto slice = store.lane(lane.query)) answer.rows = std::move(*slice);
  }
  void operator()(const Load::Deliveries& wanted) {
    std::vector<store::LoadedDelivery> rows;
    for (const DeliveryId id : wanted.ids) {
      auto row = store.delivery(id);
      if (!row) return;
      if (*row) rows.push_back(std::move(**row));
    }
    answer.rows = std::move(rows);
  }
  void operator()(const Load::Dedup& wanted) {
    if (auto record = store.dedup(wanted.tenant, wanted.key)) answer.rows = std::move(*record);
  }
  void operator()(const Load::DeadLetters& wanted) {
    LoadedLetters loaded;
    std::size_t bytes = 0;
    for (const DeadLetterId id : wanted.ids) {
      if (bytes >= kLetterBytesMax && wanted.bodies == store::LargeBodies::kRead) break;
      auto letter = store.dead_letter(id, wanted.bodies);
      if (!letter) return;
      ++loaded.looked_up;
      if (*letter == nullptr) continue;
      bytes += (*letter)->message->body.size();
      loaded.letters.push_back(std::move(*letter));
    }
    answer.rows = std::move(loaded);
  }
  void operator()(const Load::ScheduleBody& wanted) {
    if (auto body = store.schedule_body(wanted.tenant, wanted.schedule)) {
      answer.rows = std::move(*body);
    }
  }
  void operator()(const Load::Totals&) {
    if (auto totals = store.totals()) answer.rows = *totals;
  }
};

}  // namespace

Loaded perform(store::Store& store, const Load& load) {
  Loaded answer{.load = load.load, .position = store.position(), .rows = {}, .life = load.life};
  std::visit(Reader{store, answer}, load.what);
  return answer;
}

}  // namespace ferry::engine
