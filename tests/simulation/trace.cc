#include "simulation/trace.h"

#include <algorithm>

#include "base/digest.h"

namespace ferry::simulation {
namespace {

std::uint64_t mix(std::uint64_t hash, std::int64_t value) {
  hash ^= static_cast<std::uint64_t>(value) + 0x9E3779B97F4A7C15ull + (hash << 6) + (hash >> 2);
  return hash * 0xBF58476D1CE4E5B9ull;
}

}  // namespace

void Trace::note(TimePoint now, std::string_view kind, std::int64_t a, std::int64_t b) {
  lines_[count_++ % kKept] = {now, kind, a, b};
  hash_ = mix(mix(mix(hash_, to_unix_ms(now)), a), b);
  hash_ = mix(hash_, static_cast<std::int64_t>(stable_hash(kind)));
}

std::string Trace::tail() const {
  std::string text;
  for (std::uint64_t i = count_ - std::min<std::uint64_t>(count_, kKept); i < count_; ++i) {
    const Line& line = lines_[i % kKept];
    text += format_rfc3339(line.time) + " " + std::string(line.kind) + " " +
            std::to_string(line.a) + " " + std::to_string(line.b) + "\n";
  }
  return text;
}

}  // namespace ferry::simulation
