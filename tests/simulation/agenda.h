#pragma once

#include <cstdint>
#include <queue>
#include <variant>
#include <vector>

#include "engine/protocol.h"

namespace ferry::simulation {

// ---- what may happen; `process` tells what dies with a crash

// Somebody calls, or the run ends its safety phase.
struct ClientTurn {};

// A command reaches the inbox.
struct Arrival {
  std::uint64_t process = 0;
  engine::Command command;
};

// A reader thread gets around to a load.
struct ReadBegins {
  std::uint64_t process = 0;
  engine::Load load;
};

// The engine's thread gets around to a step; only the one planned last counts.
struct EngineTurn {
  std::uint64_t plan = 0;
};

// A supervisor starts the process again.
struct Restart {};

using Happening = std::variant<ClientTurn, Arrival, ReadBegins, EngineTurn, Restart>;

// The events to come, by time; those of one moment in the order they were planned.
class Agenda {
 public:
  void add(TimePoint at, Happening what) { queue_.push({at, ++last_, std::move(what)}); }
  bool empty() const { return queue_.empty(); }

  struct Item {
    TimePoint at;
    std::uint64_t number = 0;
    Happening what;
  };
  Item take() {
    Item item = queue_.top();
    queue_.pop();
    return item;
  }

 private:
  struct Later {
    bool operator()(const Item& a, const Item& b) const {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };
  std::priority_queue<Item, std::vector<Item>, Later> queue_;
  std::uint64_t last_ = 0;
};

}  // namespace ferry::simulation
