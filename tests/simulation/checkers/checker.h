#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "simulation/facts.h"
#include "simulation/trace.h"

namespace ferry::simulation {

// The first finding of a run; later ones are its consequences.
class Findings {
 public:
  void add(std::string_view checker, std::string text) {
    if (!first_) first_ = Finding{checker, std::move(text)};
  }
  const std::optional<Finding>& first() const { return first_; }

 private:
  std::optional<Finding> first_;
};

// What every checker has: the facts, brought up to date before it is told, and a name to report
// under. A checker has a function `on` for each kind of observation it looks at.
class Checker {
 public:
  Checker(std::string_view name, const Facts& facts, Findings& findings)
      : facts_(facts), name_(name), findings_(findings) {}

 protected:
  void expect(bool holds, std::string_view text, std::int64_t id = 0) {
    if (!holds) findings_.add(name_, std::string(text) + " (" + std::to_string(id) + ")");
  }

  const Facts& facts_;

 private:
  std::string_view name_;
  Findings& findings_;
};

// Calls `visit` with every operation of type T in the set.
template <class T, class Visit>
void for_each(const store::WriteSet& set, Visit visit) {
  for (const store::RowOperation& operation : set.operations) {
    if (const T* found = std::get_if<T>(&operation)) visit(*found);
  }
}

template <class T>
const T* only(const store::WriteSet& set) {
  const T* found = nullptr;
  for_each<T>(set, [&](const T& operation) { found = &operation; });
  return found;
}

inline bool has_state(const Entry& entry, EventState state) {
  for (const Event& event : entry.events) {
    if (event.state == state) return true;
  }
  return false;
}

inline bool ends(const Entry& entry) {
  return has_state(entry, EventState::kDelivered) || has_state(entry, EventState::kFailed) ||
         has_state(entry, EventState::kCanceled);
}

}  // namespace ferry::simulation
