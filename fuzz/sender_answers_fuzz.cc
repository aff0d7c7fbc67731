#include <string>
#include <string_view>

#include "base/check.h"
#include "base/cuts.h"
#include "dispatch/senders/json_answer.h"
#include "dispatch/senders/rocketmq_frame.h"
#include "dispatch/senders/rocketmq_route.h"
#include "dispatch/senders/xml_text.h"
#include "fuzz/input.h"

// What brokers and services answer to pushes. Frames of RocketMQ are the same however their bytes
// are cut into reads; nothing else in an answer does harm.
//
//   input = kind:u8 answer

namespace {

using namespace ferry;            // NOLINT: a program of one file
using namespace ferry::dispatch;  // NOLINT

constexpr std::size_t kCutsMax = 24;

// All frames in one text, up to the first that is none.
std::string read_frames(std::string_view bytes, cuts::Ends ends) {
  std::string found;
  bool failed = false;
  const auto put = [&](std::string_view piece) -> std::size_t {
    for (std::size_t taken = 0;;) {
      const auto frame_bytes = rocketmq_frame_bytes(piece.substr(taken));
      failed = !frame_bytes;
      if (failed || !*frame_bytes || piece.size() - taken < **frame_bytes) return taken;
      const auto frame = read_rocketmq_frame(piece.substr(taken, **frame_bytes));
      failed = !frame;
      if (failed) return taken;
      taken += **frame_bytes;
      CHECK(frame->body.size() < **frame_bytes);
      found += std::to_string(frame->code) + " " + std::to_string(frame->opaque) + " " +
               std::string(frame->body.view()) + "\n";
    }
  };
  cuts::put_in_pieces(bytes, ends, put, [&] { return failed; });
  return found + (failed ? "failed" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view answer = fuzz::text_of(data, size);
  switch (fuzz::take_byte(answer)) {
    case 'r': {
      const auto read = [&](cuts::Ends ends) { return read_frames(answer, ends); };
      CHECK(cuts::first_difference(answer, read, kCutsMax).empty());
      break;
    }
    case 't':
      if (const auto route = read_rocketmq_route(answer)) {
        CHECK(route->size() <= kRocketMqQueuesMax);
        for (const RocketMqQueue& queue : *route) CHECK(queue.id >= 0 && !queue.address.empty());
      }
      break;
    case 'j': {
      const JsonAnswer json(answer);
      for (const char* path : {"", "a", "a/b", "code", "EntryList/ErrorCode"}) {
        (void)json.text(path);
        (void)json.integer(path);
      }
      break;
    }
    case 'x':
      CHECK(xml_element_text(answer, "Code").size() <= answer.size());
      break;
    default:
      break;
  }
  return 0;
}
