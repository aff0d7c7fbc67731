#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace ferry::simulation {

// What happened in a run: a hash of everything, which two runs of one seed must share, and the last
// events to show when a checker fails.
class Trace {
 public:
  // `kind` is a literal.
  void note(TimePoint now, std::string_view kind, std::int64_t a = 0, std::int64_t b = 0);

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return count_; }
  // The last events, oldest first, one a line.
  std::string tail() const;

 private:
  static constexpr std::size_t kKept = 50;
  struct Line {
    TimePoint time;
    std::string_view kind;
    std::int64_t a = 0;
    std::int64_t b = 0;
  };

  std::array<Line, kKept> lines_;
  std::uint64_t count_ = 0;
  std::uint64_t hash_ = 0;
};

// The first finding of a checker ends a run.
struct Finding {
  std::string_view checker;
  std::string text;
};

}  // namespace ferry::simulation
