// Carries out Load effects on reader threads. A failed read answers monostate and the engine asks
// again.

#include "engine/protocol.h"

namespace ferry::engine {
namespace {

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
    std::vector<DeadLetterPtr> letters;
    for (const DeadLetterId id : wanted.ids) {
      auto letter = store.dead_letter(id);
      if (!letter) return;
      if (*letter) letters.push_back(std::move(*letter));
    }
    answer.rows = std::move(letters);
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
