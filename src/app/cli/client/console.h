#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace ferry::app::cli {

// What a command reads from and writes to; the streams outlive it.
struct Console {
  std::FILE* in = stdin;
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool answers = false;         // there is a person who can be asked
  bool shows_progress = false;  // lines of `err` may be written over

  void print(std::string_view text) const { std::fwrite(text.data(), 1, text.size(), out); }
  // "ferry: TEXT" on standard error.
  void tell(std::string_view text) const;

  // Asks for yes or no on standard error; no when there is nobody to answer.
  bool confirms(std::string_view question) const;
};

// The process's own streams.
Console make_console();

// All of a stream, such as a body from standard input.
std::string read_all(std::FILE* stream);

}  // namespace ferry::app::cli
