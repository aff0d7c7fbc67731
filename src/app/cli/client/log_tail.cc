#include "app/cli/client/log_tail.h"

#include <algorithm>
#include <array>
#include <optional>

#include "app/cli/client/interruption.h"
#include "app/cli/client/paging.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

constexpr Duration kPause = std::chrono::seconds(1);

// What the entry adds to its state: why it failed, or when it goes on.
std::string detail_of(const JsonValue& entry) {
  if (entry.find("error")) return cell_text(entry, "error");
  if (entry.find("responseStatus")) return "status " + cell_text(entry, "responseStatus");
  const auto next = entry.find("nextDeliveryTime");
  return next ? "next " + cell_text(entry, "nextDeliveryTime") : "-";
}

constexpr auto kColumns = std::to_array<Column>({
    {"TIME", "time"},
    {"STATE", "state"},
    {"MESSAGE", "messageId"},
    {"URL", "url"},
    {"DETAIL", "", detail_of},
});

TimePoint time_of(const JsonValue& entry) {
  const auto time = entry.find("time");
  return from_unix_ms(time ? time->integer().value_or(0) : 0);
}

// One run of `logs --follow`.
class Follower {
 public:
  Follower(Session& session, const ListFilters& filters)
      : session_(session), filters_(filters), text_(log_columns()) {}

  CallResult<void> show_newest(std::int64_t limit);
  CallResult<void> show_news(const Interruption& interruption);

 private:
  struct Page {
    Bytes body;
    JsonDocument document;
  };
  CallResult<Target> filtered_log() const;
  CallResult<Page> read(Target target);
  // The entries not shown before, in the order of the page or against it.
  void show(const Page& page, bool backwards);

  Session& session_;
  const ListFilters& filters_;
  ListText text_;
  LogTail tail_;
};

CallResult<Target> Follower::filtered_log() const {
  Target target(kLogPath);
  RETURN_IF_ERROR(filters_.write(target, session_.now()));
  return target;
}

CallResult<Follower::Page> Follower::read(Target target) {
  if (!session_.json()) target.parameter("trimBody", "-1");
  ASSIGN_OR_RETURN(Bytes body,
                   session_.call({.method = "GET", .target = std::move(target).take()}));
  ASSIGN_OR_RETURN(JsonDocument document, parse_answer(body.view()));
  if (!document.root().find("events")) {
    return fail_with(kUnreachable, "the answer has no events");
  }
  return Page{std::move(body), std::move(document)};
}

void Follower::show(const Page& page, bool backwards) {
  const JsonValue entries = *page.document.root().find("events");
  std::vector<std::size_t> fresh;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (tail_.is_new(entries.element(i))) fresh.push_back(i);
  }
  if (backwards) std::ranges::reverse(fresh);
  if (session_.json()) {
    const auto texts = raw_elements(page.body.view(), "events");
    for (const std::size_t i : fresh) session_.print_json(texts[i]);
  } else {
    session_.console().print(text_.rows(entries, fresh));
  }
  std::fflush(session_.console().out);
}

CallResult<void> Follower::show_newest(std::int64_t limit) {
  ASSIGN_OR_RETURN(Target target, filtered_log());
  target.parameter("count", std::to_string(std::min(limit, kLogPageMax)));
  ASSIGN_OR_RETURN(const Page page, read(std::move(target)));
  show(page, true);
  tail_.forget_old();
  return {};
}

CallResult<void> Follower::show_news(const Interruption& interruption) {
  const std::string from = std::to_string(std::max<std::int64_t>(0, to_unix_ms(tail_.read_from())));
  std::string cursor;
  do {
    ASSIGN_OR_RETURN(Target target, filtered_log());
    target.parameter("count", std::to_string(kLogPageMax)).parameter("order", "earliestFirst");
    target.parameter("fromDate", from);  // the last of its kind holds, so `--from` gives way
    if (!cursor.empty()) target.parameter("cursor", cursor);
    ASSIGN_OR_RETURN(const Page page, read(std::move(target)));
    show(page, false);
    cursor = cursor_of(page.document.root());
  } while (!cursor.empty() && !interruption.requested());
  tail_.forget_old();
  return {};
}

// Behind the JSON string whose opening quote is at `at`.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

// Behind the JSON value that begins at `at`.
std::size_t skip_value(std::string_view json, std::size_t at) {
  int depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (depth == 0 && (c == ',' || c == ']' || c == '}')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    at = c == '"' ? skip_string(json, at) : at + 1;
  }
  return at;
}

// Where the value of a member of the outermost object begins.
std::optional<std::size_t> find_member(std::string_view json, std::string_view member) {
  std::size_t at = json.find('{') + 1;
  while (at < json.size()) {
    const std::size_t name = json.find('"', at);
    if (name == std::string_view::npos) return std::nullopt;
    const std::size_t behind = skip_string(json, name);
    const std::size_t value = json.find(':', behind) + 1;
    if (json.substr(name + 1, behind - name - 2) == member) return value;
    at = skip_value(json, value) + 1;
  }
  return std::nullopt;
}

}  // namespace

std::span<const Column> log_columns() { return kColumns; }

bool LogTail::is_new(const JsonValue& entry) {
  const TimePoint time = time_of(entry);
  if (time < horizon_) return false;
  newest_ = std::max(newest_, time);
  std::string what;
  for (const std::string_view member : {"messageId", "state", "nextDeliveryTime", "error"}) {
    what += cell_text(entry, member) + " ";
  }
  return seen_.emplace(time, std::move(what)).second;
}

void LogTail::forget_old() {
  horizon_ = read_from();
  seen_.erase(seen_.begin(), seen_.lower_bound({horizon_, {}}));
}

std::vector<std::string_view> raw_elements(std::string_view json, std::string_view member) {
  std::vector<std::string_view> elements;
  const auto array = find_member(json, member);
  if (!array) return elements;
  std::size_t at = json.find('[', *array) + 1;
  while (at < json.size() && json[at] != ']') {
    const std::size_t end = skip_value(json, at);
    if (const std::string_view element = trim(json.substr(at, end - at)); !element.empty()) {
      elements.push_back(element);
    }
    at = end + (end < json.size() && json[end] == ',' ? 1 : 0);
  }
  return elements;
}

CallResult<void> follow_log(Session& session, const ListFilters& filters, std::int64_t limit) {
  const Interruption interruption;
  Follower follower(session, filters);
  RETURN_IF_ERROR(follower.show_newest(limit));
  while (!interruption.requested()) {
    interruption.pause(kPause);
    if (!interruption.requested()) RETURN_IF_ERROR(follower.show_news(interruption));
  }
  return {};
}

}  // namespace ferry::app::cli
