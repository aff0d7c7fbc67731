#include "app/cli/client/bulk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "app/cli/client/interruption.h"
#include "app/cli/client/paging.h"
#include "app/cli/client/progress.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

// Ids travel in the request target, which is bounded (contract section 0.1: 16 KiB).
constexpr std::size_t kIdsInOneCall = 100;

// One run of an operation: what is done and what is left to do.
class Run {
 public:
  Run(Session& session, const BulkFlags& flags, const BulkOperation& operation)
      : session_(session), flags_(flags), operation_(operation) {}

  std::int64_t done() const { return done_; }
  bool ended() const { return ended_; }
  std::optional<std::int64_t> total() const;
  // The next call.
  CallResult<void> step();

 private:
  CallResult<std::string> next_target();
  std::string next_ids_target();
  void note(const JsonValue& answer);

  Session& session_;
  const BulkFlags& flags_;
  const BulkOperation& operation_;
  std::size_t ids_taken_ = 0;
  std::int64_t asked_ = 0;  // of the last call by filters: its count
  std::int64_t done_ = 0;
  std::string cursor_;
  bool ended_ = false;
};

std::optional<std::int64_t> Run::total() const {
  if (!flags_.ids.empty()) return static_cast<std::int64_t>(flags_.ids.size());
  return flags_.limit > 0 ? std::optional(flags_.limit) : std::nullopt;
}

std::string Run::next_ids_target() {
  Target target(operation_.path);
  const std::size_t end = std::min(ids_taken_ + kIdsInOneCall, flags_.ids.size());
  for (; ids_taken_ < end; ++ids_taken_) {
    target.parameter(operation_.ids_parameter, flags_.ids[ids_taken_]);
  }
  return std::move(target).take();
}

CallResult<std::string> Run::next_target() {
  if (!flags_.ids.empty()) return next_ids_target();
  const std::int64_t left = flags_.limit > 0 ? flags_.limit - done_ : operation_.slice_max;
  asked_ = std::min(left, operation_.slice_max);
  Target target(operation_.path);
  RETURN_IF_ERROR(flags_.filters.write(target, session_.now()));
  target.parameter("count", std::to_string(asked_));
  if (!cursor_.empty()) target.parameter("cursor", cursor_);
  return std::move(target).take();
}

void Run::note(const JsonValue& answer) {
  const std::int64_t count = operation_.count_of(answer);
  done_ += count;
  if (!flags_.ids.empty()) {
    ended_ = ids_taken_ == flags_.ids.size();
    return;
  }
  cursor_ = cursor_of(answer);
  const bool more = !cursor_.empty() || (operation_.full_means_more && count >= asked_);
  ended_ = !more || (flags_.limit > 0 && done_ >= flags_.limit);
}

CallResult<void> Run::step() {
  ASSIGN_OR_RETURN(std::string target, next_target());
  ASSIGN_OR_RETURN(const Bytes body, session_.call({.method = std::string(operation_.method),
                                                    .target = std::move(target),
                                                    .headers = operation_.headers}));
  if (session_.json()) session_.print_json(body.view());
  ASSIGN_OR_RETURN(const JsonDocument document, parse_answer(body.view()));
  note(document.root());
  return {};
}

CallResult<void> check_chosen(const Session& session, const BulkFlags& flags,
                              const BulkOperation& operation) {
  if (!flags.ids.empty() && !flags.filters.empty()) {
    return fail_with(kNotUnderstood, "give ids or filters, not both: ids override filters");
  }
  if (!flags.ids.empty() || !flags.filters.empty() || flags.yes) return {};
  if (!session.console().answers) {
    return fail_with(kNotUnderstood, "neither ids nor filters; for all of them give --yes");
  }
  if (session.console().confirms(operation.question)) return {};
  return fail_with(kFailed, "nothing was done");
}

std::string summary(const BulkOperation& operation, std::int64_t done) {
  return std::string(operation.done_word) + " " + std::to_string(done) + " " +
         std::string(operation.things);
}

}  // namespace

void BulkFlags::add_flags(Command command, FilteredList list, const std::string& id_prose) {
  command.add_option("id", ids, id_prose);
  filters.add_flags(command, list);
  command.add_option("--limit", limit, "At most so many").positive();
  command.add_flag("--yes", yes, "Do not ask before acting on all there is");
}

CallResult<void> run_bulk(Session& session, const BulkFlags& flags,
                          const BulkOperation& operation) {
  RETURN_IF_ERROR(check_chosen(session, flags, operation));
  const Interruption interruption;
  Run run(session, flags, operation);
  {
    Progress progress(session.console(), std::string(operation.done_word), run.total());
    progress.show(0);
    while (!run.ended() && !interruption.requested()) {
      if (const auto stepped = run.step(); !stepped) {
        const std::string before =
            run.done() > 0 ? summary(operation, run.done()) + ", then: " : "";
        return fail_with(stepped.error().exit_code, before + stepped.error().text);
      }
      progress.show(run.done());
    }
  }
  if (!run.ended()) {
    return fail_with(kInterrupted, "interrupted: " + summary(operation, run.done()) +
                                       "; the rest is as it was, the same command goes on");
  }
  if (!session.json()) session.console().print(summary(operation, run.done()) + "\n");
  return {};
}

}  // namespace ferry::app::cli
