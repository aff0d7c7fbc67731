#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "app/cli/client/list_filters.h"
#include "app/cli/client/session.h"
#include "app/cli/client/shown.h"
#include "app/cli/command.h"

namespace ferry::app::cli {

// How much of a list is wanted, from where on, in which order.
struct PageFlags {
  std::int64_t limit = 100;
  bool all = false;
  bool earliest_first = false;
  std::string cursor;

  void add_flags(Command command);
};

// A list that the server gives in pages.
struct PagedList {
  std::string_view path;
  std::string_view member;  // of the answer: its rows
  std::int64_t page_max;    // rows in one call
  std::span<const Column> columns;
};

// Shows the list, calling for as many pages as it takes; with --json each page is one line. Says on
// standard error when there is more.
CallResult<void> show_pages(Session& session, const PagedList& list, const PageFlags& flags,
                            const ListFilters& filters);

// The cursor of an answer; empty on the last page (some servers send an empty text there).
std::string cursor_of(const JsonValue& answer);

}  // namespace ferry::app::cli
