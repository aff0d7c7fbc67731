#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// For tests and fuzz targets: a reader of bytes that arrive bit by bit must find the same in them,
// however they are cut into pieces.

namespace ferry::cuts {

using Ends = std::span<const std::size_t>;

// Offers `bytes` as a connection does, up to each of the increasing `ends` and then whole:
// `put(piece) -> bytes taken`, where what was not taken comes again with more after it. Each piece
// is a copy, so that a sanitizer sees a reader that looks beyond it or keeps a view of it. Stops
// once `ended()`. Returns how many bytes were taken.
template <class Put, class Ended>
std::size_t put_in_pieces(std::string_view bytes, Ends ends, Put put, Ended ended) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i <= ends.size() && !ended(); ++i) {
    const std::size_t end = i < ends.size() ? ends[i] : bytes.size();
    const std::string_view offered = bytes.substr(taken, end - taken);
    const std::vector<char> piece(offered.begin(), offered.end());
    taken += put(std::string_view(piece.data(), piece.size()));
  }
  return taken;
}

// Compares `read(ends)` of the whole with that of every other way to cut `bytes`: byte by byte, and
// in two at every place. Of more than `places_max` bytes the cuts in two are that many, spread
// evenly, and the pieces are larger than a byte, so that the work stays bounded. Returns the name
// of the first cut that gives another result; empty when all agree.
template <class Read>
std::string first_difference(std::string_view bytes, Read read, std::size_t places_max = SIZE_MAX) {
  const auto whole = read(Ends());
  const std::size_t step = bytes.size() / std::max<std::size_t>(places_max, 1) + 1;
  std::vector<std::size_t> ends;
  for (std::size_t at = 1; at < bytes.size(); at += step) {
    ends.push_back(at);
    if (!(read(Ends(ends).last(1)) == whole)) return "cut after byte " + std::to_string(at);
  }
  if (!(read(Ends(ends)) == whole)) return "cut after every byte";
  return {};
}

}  // namespace ferry::cuts
