#include "app/cli/client/console.h"

#include <unistd.h>

#include "base/encoding.h"

namespace ferry::app::cli {

void Console::tell(std::string_view text) const {
  const std::string line = "ferry: " + std::string(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), err);
}

bool Console::confirms(std::string_view question) const {
  if (!answers) return false;
  const std::string line = std::string(question) + " [y/N] ";
  std::fputs(line.c_str(), err);
  std::fflush(err);
  char answer[16] = {};
  if (std::fgets(answer, sizeof answer, in) == nullptr) return false;
  const std::string_view word =
      trim(std::string_view(answer).substr(0, std::string_view(answer).find('\n')));
  return equals_ignore_case(word, "y") || equals_ignore_case(word, "yes");
}

Console make_console() {
  Console console;
  console.answers = ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
  console.shows_progress = ::isatty(STDERR_FILENO) != 0;
  return console;
}

std::string read_all(std::FILE* stream) {
  std::string text;
  char bytes[1 << 16];
  for (std::size_t size; (size = std::fread(bytes, 1, sizeof bytes, stream)) > 0;) {
    text.append(bytes, size);
  }
  return text;
}

}  // namespace ferry::app::cli
