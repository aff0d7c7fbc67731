#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace ferry {

// A small fast generator (xoshiro256**), seeded by its owner: the same seed gives the same sequence
// on every machine, which is what the simulation stands on. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();

  // Uniform in [0, bound); bound must be positive.
  std::uint64_t below(std::uint64_t bound);

  // True once in `n` calls on average.
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_[4];
};

// `count` bytes from the operating system's generator, fit for keys and tokens.
std::string secure_random_bytes(std::size_t count);

// A seed from the operating system.
std::uint64_t random_seed();

}  // namespace ferry
