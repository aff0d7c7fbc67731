// logs: the event log, and what is added to it.

#include <array>
#include <memory>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/log_tail.h"
#include "app/cli/client/paging.h"

namespace ferry::app::cli {
namespace {

struct Logs {
  PageFlags pages;
  ListFilters filters;
  bool follow = false;
};

CallResult<void> show_logs(Session& session, const Logs& logs) {
  if (logs.follow) return follow_log(session, logs.filters, logs.pages.limit);
  const PagedList list{
      .path = kLogPath, .member = "events", .page_max = kLogPageMax, .columns = log_columns()};
  return show_pages(session, list, logs.pages, logs.filters);
}

}  // namespace

void add_log_command(Command ferry, const ClientPlacePtr& place) {
  const auto logs = std::make_shared<Logs>();
  Command command =
      add_client_command(ferry, place, "logs", "What happened to messages, newest first",
                         [logs](Session& session) { return show_logs(session, *logs); });
  logs->filters.add_flags(command, FilteredList::kLogs);
  logs->pages.add_flags(command);
  command
      .add_flag("--follow", logs->follow,
                "The newest --limit entries, oldest first, then what comes; Ctrl-C ends it")
      .excludes("--all")
      .excludes("--cursor")
      .excludes("--earliest-first");
}

}  // namespace ferry::app::cli
