#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/time.h"

namespace ferry {

// A 63-bit number with a type of its own, so that ids of different things never mix.
template <class Tag>
struct Id {
  std::int64_t value = 0;  // 0: none

  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using DeliveryId = Id<struct DeliveryTag>;
using MessageId = Id<struct MessageTag>;  // the content's id; equals its first delivery's id
using DeadLetterId = Id<struct DeadLetterTag>;
using TenantId = Id<struct TenantTag>;

// Ids ascend in time: 42 bits of unix milliseconds, 8 bits of partition, 13 bits of sequence. So an
// id tells when its row was made, and history finds the day file of a message from its id alone.
constexpr int kIdSequenceBits = 13;
constexpr int kIdPartitionBits = 8;

constexpr TimePoint time_of_id(std::int64_t id) {
  return from_unix_ms(id >> (kIdSequenceBits + kIdPartitionBits));
}
// The smallest id that can be made at `t`.
constexpr std::int64_t first_id_at(TimePoint t) {
  return to_unix_ms(t) << (kIdSequenceBits + kIdPartitionBits);
}

// Hands out ascending ids: max(now, last + 1), so neither a full millisecond nor a clock that steps
// back makes two equal ones. Owned by one engine.
class IdSequence {
 public:
  IdSequence(std::uint8_t partition, std::int64_t last) : partition_(partition), last_(last) {}
  std::int64_t next(TimePoint now);
  std::int64_t last() const { return last_; }

 private:
  std::uint8_t partition_;
  std::int64_t last_;
};

// The ids on the wire: "msg_" + base58 of the id and a keyed hash of it, so a holder of one id
// cannot guess another. Immutable; any thread.
class IdCodec {
 public:
  explicit IdCodec(std::string_view secret);

  std::string wire(DeliveryId id) const;
  // Nothing for a text that this server did not make.
  std::optional<DeliveryId> parse_delivery(std::string_view text) const;

 private:
  SipKey key_;
};

// "1725323658779-0": creation time and the rest of the id (contract section 0.5).
std::string wire_dead_letter_id(DeadLetterId id);
std::optional<DeadLetterId> parse_dead_letter_id(std::string_view text);
// The longest text wire_dead_letter_id makes.
constexpr std::size_t kDeadLetterIdTextMax = 13 + 1 + 7;

}  // namespace ferry

template <class Tag>
struct std::hash<ferry::Id<Tag>> {
  std::size_t operator()(const ferry::Id<Tag>& id) const noexcept {
    return std::hash<std::int64_t>{}(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15ull));
  }
};
