#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// Structured log lines on standard error: one event a line, JSON or `key=value` text. Lines are
// buffered and written by a background flush at least every 200 ms, at once from warnings upwards.
// Never log a token, a signing key or a body. Any thread.

namespace ferry::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };
enum class Format : std::uint8_t { kJson, kText };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, std::int64_t v) : name(n), value(v) {}
  Field(std::string_view n, int v) : name(n), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view n, std::uint64_t v) : name(n), value(static_cast<std::int64_t>(v)) {}
  Field(std::string_view n, double v) : name(n), value(v) {}
  Field(std::string_view n, bool v) : name(n), value(v) {}
};

struct Options {
  Level level = Level::kInfo;
  Format format = Format::kJson;
};

// Called once by `app` before other threads start.
void configure(const Options& options);

bool enabled(Level level);

// Writes one line {"time":…,"level":…,"event":…, fields…}; nothing when the level is not enabled.
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kWarn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kError, event, fields);
}

// Gives every further line (without its line break) to `sink` instead of standard error; an empty
// function ends that. The sink is called by one thread at a time, on the thread that logs, and must
// not log itself.
void set_sink(std::function<void(std::string_view)> sink);

// Writes out what is buffered; called before the process ends.
void flush();

std::optional<Level> parse_level(std::string_view text);
std::optional<Format> parse_format(std::string_view text);

}  // namespace ferry::log
