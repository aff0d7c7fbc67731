#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "app/cli/client/console.h"

namespace ferry::app::cli {

// How far a bulk operation is: one line on standard error that is written over, when that is a
// terminal; nothing otherwise. Of unknown length it shows the count alone.
class Progress {
 public:
  Progress(const Console& console, std::string done_word, std::optional<std::int64_t> total);
  ~Progress();  // leaves an empty line behind
  Progress(Progress&&) = delete;

  void show(std::int64_t done);

 private:
  const Console& console_;
  const std::string done_word_;  // "retried"
  const std::optional<std::int64_t> total_;
  bool shown_ = false;
};

// "[#########---------------------] 300 of 1000 retried", or "300 retried".
std::string progress_line(std::int64_t done, std::optional<std::int64_t> total,
                          const std::string& done_word);

}  // namespace ferry::app::cli
