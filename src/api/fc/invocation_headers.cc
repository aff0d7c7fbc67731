#include "api/fc/invocation_headers.h"

#include <algorithm>

#include "api/qstash/publish.h"
#include "api/scalars.h"
#include "domain/limits.h"

namespace ferry::api::fc {
namespace {

constexpr std::size_t kTaskIdBytesMax = 128;
constexpr std::string_view kTaskIdHeaders[] = {"x-fc-async-task-id",
                                               "x-fc-stateful-async-invocation-id"};

std::string value_of(const HeaderList& headers, std::string_view name) {
  const std::string* value = headers.find(name);
  return value == nullptr ? std::string() : *value;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// ^[A-Za-z_][A-Za-z0-9_-]{0,127}$
bool is_task_id(std::string_view text) {
  return !text.empty() && text.size() <= kTaskIdBytesMax && is_letter(text.front()) &&
         std::ranges::all_of(
             text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

// Of two words the one that is given; absent is `absent`.
Checked<bool> choice(const HeaderList& headers, std::string_view name, std::string_view absent,
                     std::string_view other) {
  const std::string value = value_of(headers, name);
  if (value.empty() || value == absent) return false;
  if (value == other) return true;
  return invalid_argument(std::string(name) + " must be " + std::string(absent) + " or " +
                          std::string(other));
}

Checked<std::string> read_task_id(const HeaderList& headers) {
  for (const std::string_view name : kTaskIdHeaders) {
    std::string value = value_of(headers, name);
    if (value.empty()) continue;
    if (is_task_id(value)) return value;
    return invalid_argument(std::string(name) +
                            " must be up to 128 letters, digits, '_' and '-', beginning with a "
                            "letter or '_'");
  }
  return std::string();
}

Checked<Duration> read_delay(const HeaderList& headers) {
  const std::string value = value_of(headers, "x-fc-async-delay");
  if (value.empty()) return Duration(0);
  const auto seconds = parse_integer(value);
  constexpr std::int64_t kMost = limits::kAsyncDelayMax / std::chrono::seconds(1);
  if (seconds && *seconds <= kMost) return std::chrono::seconds(*seconds);
  return invalid_argument("x-fc-async-delay must be a whole number of seconds from 0 to " +
                          std::to_string(kMost));
}

}  // namespace

Checked<InvocationHeaders> read_invocation_headers(const HeaderList& headers) {
  InvocationHeaders read;
  ASSIGN_OR_RETURN(read.asynchronous, choice(headers, "x-fc-invocation-type", "Sync", "Async"));
  ASSIGN_OR_RETURN(read.log_tail, choice(headers, "x-fc-log-type", "None", "Tail"));
  ASSIGN_OR_RETURN(read.task_forced,
                   choice(headers, "x-fc-stateful-async-invocation-enable", "false", "true"));
  ASSIGN_OR_RETURN(read.task_id, read_task_id(headers));
  ASSIGN_OR_RETURN(read.delay, read_delay(headers));
  read.trace_context = trace_context_of(headers);
  return read;
}

}  // namespace ferry::api::fc
