#include "base/check.h"
#include "store/record_parts.h"

// dead_letter := version:u8=1 id delivery message response? error:text

namespace ferry::store {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

void write_dead_letter(RecordWriter& out, const DeadLetter& letter) {
  CHECK(letter.message != nullptr);
  out.u8(kVersion);
  out.id(letter.id);
  write_delivery(out, letter.delivery);
  write_message(out, *letter.message);
  write_response(out, letter.response);
  out.text(letter.error);
}

DeadLetter read_dead_letter(RecordReader& in) {
  DeadLetter letter;
  in.version(kVersion);
  letter.id = in.id<DeadLetterId>();
  letter.delivery = read_delivery(in);
  letter.message = std::make_shared<const Message>(read_message(in));
  letter.response = read_response(in);
  letter.error = in.string();
  return letter;
}

}  // namespace ferry::store
