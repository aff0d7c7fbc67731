#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/client/call_result.h"
#include "app/cli/client/target.h"
#include "app/cli/command.h"
#include "base/time.h"

namespace ferry::app::cli {

// The lists that can be filtered.
enum class FilteredList : std::uint8_t { kMessages = 1, kDeadLetters = 2, kLogs = 4 };

// The filters a command was given: values of one flag are alternatives, different flags must all
// hold. Outlives the parsing.
class ListFilters {
 public:
  void add_flags(Command command, FilteredList list);

  bool empty() const;
  // Appends the filters. kNotUnderstood for a time that is none.
  CallResult<void> write(Target& target, TimePoint now) const;

 private:
  struct Given {
    std::string parameter;  // as the API calls it
    std::vector<std::string> values;
  };
  std::vector<Given> texts_;
  std::string from_, until_;
};

}  // namespace ferry::app::cli
