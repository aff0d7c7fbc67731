#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ferry {

// The values of a document in the order in which they ended, 16 bytes each, and their texts in one
// string: the memory of a document is proportional to what it was read from. Made by JsonParser,
// read by JsonValue.
struct JsonTape {
  struct Node {
    std::uint64_t place = 0;  // in texts, elements or members
    std::uint32_t size = 0;   // bytes, elements or members
    JsonKind kind = JsonKind::kNull;
    bool flag = false;  // of kBool
  };
  struct Member {
    std::uint64_t name_place = 0;  // in texts
    std::uint32_t name_bytes = 0;
    std::uint32_t node = 0;
    std::uint64_t hash = 0;  // of the name, keyed; only with more than kUnhashedMembersMax
  };
  // Up to this many members are compared with each other; more are found by their hashes.
  static constexpr std::size_t kUnhashedMembersMax = 8;

  std::string texts;  // strings and names unescaped, numbers as they were written
  std::vector<Node> nodes;
  std::vector<std::uint32_t> elements;  // nodes of arrays
  std::vector<Member> members;          // of objects, in their order
  std::vector<std::uint32_t> by_hash;   // as many as members: places within the object, by hash
  std::uint32_t root = 0;

  std::string_view text_at(std::uint64_t place, std::uint32_t bytes) const {
    return std::string_view(texts).substr(place, bytes);
  }
  std::string_view name_of(const Member& member) const {
    return text_at(member.name_place, member.name_bytes);
  }
  void clear();
};

// A hash of names that a caller cannot aim at: its key is drawn when the process starts.
std::uint64_t json_name_hash(std::string_view name);

}  // namespace ferry
