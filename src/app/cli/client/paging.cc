#include "app/cli/client/paging.h"

#include <algorithm>
#include <limits>

#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

CallResult<std::string> page_target(const Session& session, const PagedList& list,
                                    const PageFlags& flags, const ListFilters& filters,
                                    std::int64_t count) {
  Target target(list.path);
  target.parameter("count", std::to_string(count));
  if (flags.earliest_first) target.parameter("order", "earliestFirst");
  if (!session.json()) target.parameter("trimBody", "-1");  // no column shows a body
  RETURN_IF_ERROR(filters.write(target, session.now()));
  if (!flags.cursor.empty()) target.parameter("cursor", flags.cursor);
  return std::move(target).take();
}

}  // namespace

void PageFlags::add_flags(Command command) {
  const char* group = "Pages";
  command.add_option("--limit", limit, "At most so many rows [100]").positive().under(group);
  command.add_flag("--all", all, "All rows").under(group);
  command.add_option("--cursor", cursor, "Go on where an earlier call ended").under(group);
  command.add_flag("--earliest-first", earliest_first, "The oldest first [the newest first]")
      .under(group);
}

std::string cursor_of(const JsonValue& answer) {
  const auto cursor = answer.find("cursor");
  return cursor ? std::string(cursor->text().value_or("")) : std::string();
}

CallResult<void> show_pages(Session& session, const PagedList& list, const PageFlags& flags,
                            const ListFilters& filters) {
  PageFlags rest = flags;
  if (flags.all) rest.limit = std::numeric_limits<std::int64_t>::max();
  ListText text(list.columns);
  while (true) {
    const std::int64_t count = std::min(rest.limit, list.page_max);
    ASSIGN_OR_RETURN(std::string target, page_target(session, list, rest, filters, count));
    ASSIGN_OR_RETURN(const Bytes body,
                     session.call({.method = "GET", .target = std::move(target)}));
    ASSIGN_OR_RETURN(const JsonDocument document, parse_answer(body.view()));
    const auto rows = document.root().find(list.member);
    if (!rows) return fail_with(kUnreachable, "the answer has no " + std::string(list.member));
    if (session.json()) {
      session.print_json(body.view());
    } else {
      session.console().print(text.page(*rows));
    }
    rest.cursor = cursor_of(document.root());
    rest.limit -= static_cast<std::int64_t>(rows->size());
    if (rest.cursor.empty()) return {};
    if (rest.limit <= 0) break;
  }
  if (!session.json()) session.console().tell("there is more: --all, or --cursor " + rest.cursor);
  return {};
}

}  // namespace ferry::app::cli
