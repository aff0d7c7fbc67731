#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "base/json_writer.h"
#include "base/time.h"

namespace ferry::log {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::chrono::milliseconds kFlushInterval{200};

constexpr std::array<std::string_view, 5> kLevelNames = {"debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 2> kFormatNames = {"json", "text"};

// Collects lines and writes them to standard error with one call a buffer.
class BufferedStderr final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  BufferedStderr() { buffer_.reserve(kBufferBytes); }
  ~BufferedStderr() override { flush_(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (buffer_.size() + message.payload.size() >= kBufferBytes) flush_();
    buffer_.append(message.payload.data(), message.payload.size());
    buffer_.push_back('\n');
  }

  void flush_() override {
    std::fwrite(buffer_.data(), 1, buffer_.size(), stderr);
    std::fflush(stderr);
    buffer_.clear();
  }

 private:
  std::string buffer_;
};

// Everything the process logs through: made by the first line, ended by the end of the process.
class Output {
 public:
  static Output& get() {
    static Output output;
    return output;
  }

  void write(spdlog::log_clock::time_point now, Level of_line, std::string_view line) {
    if (captured_.load(std::memory_order_acquire)) {
      const std::lock_guard lock(capture_mutex_);
      if (capture_) return capture_(line);
    }
    constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                    spdlog::level::err};
    logger_.log(now, spdlog::source_loc{}, kLevels[static_cast<std::size_t>(of_line)],
                spdlog::string_view_t(line.data(), line.size()));
  }

  void capture(std::function<void(std::string_view)> sink) {
    const std::lock_guard lock(capture_mutex_);
    capture_ = std::move(sink);
    captured_.store(static_cast<bool>(capture_), std::memory_order_release);
  }

  void flush() { logger_.flush(); }

  // Starts the thread that flushes; a process that never configures its log has none.
  void flush_periodically() {
    if (flusher_.joinable()) return;
    flusher_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      while (!stopped.wait_for(lock, stop, kFlushInterval, [&] { return stop.stop_requested(); })) {
        flush();
      }
    });
  }

  std::atomic<Level> level{Level::kInfo};
  std::atomic<Format> format{Format::kJson};

 private:
  Output() : logger_("ferry", std::make_shared<BufferedStderr>()) {
    logger_.set_level(spdlog::level::trace);  // levels are decided before a line is built
    logger_.flush_on(spdlog::level::warn);
  }

  spdlog::logger logger_;
  std::mutex capture_mutex_;
  std::function<void(std::string_view)> capture_;
  std::atomic<bool> captured_{false};
  std::jthread flusher_;  // last, so that it ends before what it uses
};

std::string_view name_of(Level level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::string_view json_line(std::string_view time, Level level, std::string_view event,
                           std::initializer_list<Field> fields) {
  thread_local JsonWriter json;
  json.clear();
  json.begin_object().field("time", time).field("level", name_of(level)).field("event", event);
  for (const Field& field : fields) {
    json.key(field.name);
    std::visit([](const auto& value) { json.value(value); }, field.value);
  }
  json.end_object();
  return json.text();
}

// Whatever could pass for another field or another line is quoted and escaped.
bool needs_quotes(std::string_view text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet <= 0x20 || octet >= 0x7F || c == '"' || c == '=' || c == '\\') return true;
  }
  return text.empty();
}

void append_text(std::string& line, std::string_view text) {
  if (needs_quotes(text)) return append_json_string(line, text);
  line.append(text);
}

void append_text(std::string& line, bool flag) { line.append(flag ? "true" : "false"); }

template <class Number>
void append_text(std::string& line, Number number) {
  char text[32];
  line.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

std::string_view text_line(std::string_view time, Level level, std::string_view event,
                           std::initializer_list<Field> fields) {
  thread_local std::string line;
  line.assign(time).append(" ").append(name_of(level)).append(" ");
  append_text(line, event);
  for (const Field& field : fields) {
    line.append(" ").append(field.name).append("=");
    std::visit([](const auto& value) { append_text(line, value); }, field.value);
  }
  return line;
}

template <class Enum, std::size_t kCount>
std::optional<Enum> find_name(const std::array<std::string_view, kCount>& names,
                              std::string_view text) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

void configure(const Options& options) {
  Output& output = Output::get();
  output.level.store(options.level, std::memory_order_relaxed);
  output.format.store(options.format, std::memory_order_relaxed);
  output.flush_periodically();
}

bool enabled(Level level) {
  return level != Level::kOff && level >= Output::get().level.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  Output& output = Output::get();
  const auto now = spdlog::log_clock::now();
  const std::string time = format_rfc3339(std::chrono::floor<Duration>(now));
  const bool is_json = output.format.load(std::memory_order_relaxed) == Format::kJson;
  output.write(
      now, level,
      is_json ? json_line(time, level, event, fields) : text_line(time, level, event, fields));
}

void set_sink(std::function<void(std::string_view)> sink) {
  Output::get().capture(std::move(sink));
}

void flush() { Output::get().flush(); }

std::optional<Level> parse_level(std::string_view text) {
  return find_name<Level>(kLevelNames, text);
}

std::optional<Format> parse_format(std::string_view text) {
  return find_name<Format>(kFormatNames, text);
}

}  // namespace ferry::log
