#include "engine/dedup_filter.h"

#include <algorithm>
#include <cstring>

namespace ferry::engine {
namespace {

constexpr std::size_t kFirstLayerWords = 1'024;   // 64 Ki bits, 8 KiB
constexpr std::size_t kLayerWordsMax = 1u << 20;  // 8 MiB
constexpr std::size_t kBitsPerKey = 10;           // 1 % false "maybe" with 7 probes
constexpr int kProbes = 7;

struct Hashes {
  std::uint64_t a, b;
};

// The key is a digest already: its own bytes are the hashes.
Hashes hashes_of(const DedupKey& key) {
  Hashes h{};
  std::memcpy(&h.a, key.digest.data(), sizeof h.a);
  std::memcpy(&h.b, key.digest.data() + sizeof h.a, sizeof h.b);
  h.b |= 1;
  return h;
}

std::int64_t minute_of(TimePoint t) {
  return std::chrono::floor<std::chrono::minutes>(t).time_since_epoch().count();
}

}  // namespace

DedupFilter::Layer DedupFilter::make_layer(std::size_t words) {
  return Layer{.words = std::vector<std::uint64_t>(words), .keys = 0};
}

void DedupFilter::add(const DedupKey& key, TimePoint now) {
  const std::int64_t minute = minute_of(now);
  if (minutes_.empty() || minutes_.back().number < minute) {
    minutes_.push_back({.number = minute, .layers = {make_layer(kFirstLayerWords)}});
  }
  std::vector<Layer>& layers = minutes_.back().layers;
  if ((layers.back().keys + 1) * kBitsPerKey > layers.back().words.size() * 64) {
    layers.push_back(make_layer(std::min(layers.back().words.size() * 2, kLayerWordsMax)));
  }
  Layer& layer = layers.back();
  ++layer.keys;
  auto [a, b] = hashes_of(key);
  for (int i = 0; i < kProbes; ++i, a += b) {
    const std::uint64_t bit = a % (layer.words.size() * 64);
    layer.words[bit / 64] |= 1ull << (bit % 64);
  }
}

bool DedupFilter::layer_contains(const Layer& layer, std::uint64_t a, std::uint64_t b) {
  for (int i = 0; i < kProbes; ++i, a += b) {
    const std::uint64_t bit = a % (layer.words.size() * 64);
    if ((layer.words[bit / 64] >> (bit % 64) & 1) == 0) return false;
  }
  return true;
}

bool DedupFilter::may_contain(const DedupKey& key) const {
  const auto [a, b] = hashes_of(key);
  return std::ranges::any_of(minutes_, [&](const Minute& minute) {
    return std::ranges::any_of(minute.layers,
                               [&](const Layer& layer) { return layer_contains(layer, a, b); });
  });
}

void DedupFilter::expire(TimePoint now) {
  const std::int64_t oldest = minute_of(now - window_);
  while (!minutes_.empty() && minutes_.front().number < oldest) minutes_.pop_front();
}

std::size_t DedupFilter::bytes() const {
  std::size_t total = 0;
  for (const Minute& minute : minutes_) {
    for (const Layer& layer : minute.layers) total += layer.words.size() * sizeof(std::uint64_t);
  }
  return total;
}

}  // namespace ferry::engine
