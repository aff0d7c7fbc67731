#include "app/cli/client/progress.h"

#include <algorithm>
#include <utility>

namespace ferry::app::cli {
namespace {

constexpr std::int64_t kBarColumns = 30;
constexpr const char* kClearLine = "\r\x1b[K";

std::string bar(std::int64_t done, std::int64_t total) {
  const std::int64_t filled =
      total == 0 ? kBarColumns
                 : std::clamp<std::int64_t>(done * kBarColumns / total, 0, kBarColumns);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(kBarColumns - filled), '-') + "] ";
}

}  // namespace

Progress::Progress(const Console& console, std::string done_word, std::optional<std::int64_t> total)
    : console_(console), done_word_(std::move(done_word)), total_(total) {}

Progress::~Progress() {
  if (shown_) std::fputs(kClearLine, console_.err);
}

void Progress::show(std::int64_t done) {
  if (!console_.shows_progress) return;
  shown_ = true;
  const std::string line = kClearLine + progress_line(done, total_, done_word_);
  std::fputs(line.c_str(), console_.err);
  std::fflush(console_.err);
}

std::string progress_line(std::int64_t done, std::optional<std::int64_t> total,
                          const std::string& done_word) {
  const std::string count = std::to_string(done);
  if (!total) return count + " " + done_word;
  return bar(done, *total) + count + " of " + std::to_string(*total) + " " + done_word;
}

}  // namespace ferry::app::cli
