#include "domain/invocation.h"

namespace ferry {
namespace {

// The last `digits` hex digits of the number.
std::string hex_digits(std::uint64_t number, std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = kDigits[number & 0xF];
    number >>= 4;
  }
  return text;
}

}  // namespace

std::string make_request_id(TimePoint now, Random& random) {
  const auto seconds = static_cast<std::uint64_t>(to_unix_ms(now) / 1000);
  return "1-" + hex_digits(seconds, 8) + "-" + hex_digits(random.next(), 8) + "-" +
         hex_digits(random.next(), 12);
}

DedupKey task_key(std::string_view function, std::string_view task_id) {
  // A zero byte in front: no header of a publisher has one.
  return dedup_key_of_id(std::string("\0fc-task:", 9) + std::string(function) + ":" +
                         std::string(task_id));
}

}  // namespace ferry
