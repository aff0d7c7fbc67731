#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/client/list_filters.h"
#include "app/cli/client/session.h"
#include "app/cli/command.h"

namespace ferry::app::cli {

// What a bulk operation is to act on: ids, or all that filters find, or all there is.
struct BulkFlags {
  std::vector<std::string> ids;
  ListFilters filters;
  std::int64_t limit = 0;  // 0: none
  bool yes = false;

  void add_flags(Command command, FilteredList list, const std::string& id_prose);
};

// An operation of the API on many things, made in calls of at most `slice_max`.
struct BulkOperation {
  std::string_view method;
  std::string_view path;
  std::string_view ids_parameter;
  std::int64_t slice_max;
  HeaderList headers;
  std::string_view done_word;  // "cancelled"
  std::string_view things;     // "messages"
  std::string_view question;   // asked before it acts on all there is
  // How many one call acted on.
  std::int64_t (*count_of)(const JsonValue& answer);
  // Whether more may match behind an answer with a full count and without cursor.
  bool full_means_more = false;
};

// Calls until nothing is left, showing how far it is; says in the end how many it acted on (with
// --json: the answers, a line each). Every call is whole in itself: Ctrl-C ends it between two
// calls with kInterrupted, and the same command goes on where it stopped.
CallResult<void> run_bulk(Session& session, const BulkFlags& flags, const BulkOperation& operation);

}  // namespace ferry::app::cli
