// dlq list, get, retry, delete: messages that gave up.

#include <array>
#include <memory>

#include "app/cli/client/bulk.h"
#include "app/cli/client/client_commands.h"
#include "app/cli/client/paging.h"
#include "app/cli/client/publish_flags.h"

namespace ferry::app::cli {
namespace {

constexpr std::string_view kPath = "/v2/dlq";
constexpr std::string_view kRetryPath = "/v2/dlq/retry";
constexpr std::int64_t kPageMax = 100;  // contract section 11.2

// The number in front of the dash is when it died (contract section 0.5).
std::string died_at(const JsonValue& letter) {
  const std::string id = cell_text(letter, "dlqId");
  const std::string_view ms = std::string_view(id).substr(0, id.find('-'));
  if (ms.empty() || ms.size() > 14 ||
      ms.find_first_not_of("0123456789") != std::string_view::npos) {
    return "-";
  }
  return format_rfc3339(from_unix_ms(std::stoll(std::string(ms))));
}

constexpr auto kColumns = std::to_array<Column>({
    {"DLQ ID", "dlqId"},
    {"DIED", "", died_at},
    {"STATUS", "responseStatus"},
    {"RETRIES", "retried"},
    {"MESSAGE", "messageId"},
    {"URL", "url"},
    {"QUEUE", "queueName"},
    {"LABELS", "labels"},
    {"ERROR", "error"},
});

struct Listing {
  PageFlags pages;
  ListFilters filters;
};

void add_list(Command dlq, const ClientPlacePtr& place) {
  const auto listing = std::make_shared<Listing>();
  Command command = add_client_command(
      dlq, place, "list", "Dead letters, newest first", [listing](Session& session) {
        const PagedList list{
            .path = kPath, .member = "messages", .page_max = kPageMax, .columns = kColumns};
        return show_pages(session, list, listing->pages, listing->filters);
      });
  listing->filters.add_flags(command, FilteredList::kDeadLetters);
  listing->pages.add_flags(command);
}

void add_get(Command dlq, const ClientPlacePtr& place) {
  const auto id = std::make_shared<std::string>();
  Command command =
      add_client_command(dlq, place, "get", "Show one dead letter", [id](Session& session) {
        return session.show(
            {.method = "GET", .target = std::move(Target(kPath).segment(*id)).take()}, record_text);
      });
  command.add_option("id", *id, "Of the dead letter").required();
}

struct Retry {
  BulkFlags chosen;
  HeaderList overrides;
};

std::int64_t count_retried(const JsonValue& answer) {
  const auto responses = answer.find("responses");
  return responses ? static_cast<std::int64_t>(responses->size()) : 0;
}

CallResult<void> retry(Session& session, const Retry& retry) {
  if (retry.chosen.ids.size() == 1 && retry.chosen.filters.empty()) {
    return session.show(
        {.method = "POST",
         .target = std::move(Target(kRetryPath).segment(retry.chosen.ids.front())).take(),
         .headers = retry.overrides},
        [](const JsonValue& answer) { return cell_text(answer, "messageId") + "\n"; });
  }
  return run_bulk(session, retry.chosen,
                  {.method = "POST",
                   .path = kRetryPath,
                   .ids_parameter = "dlqIds",
                   .slice_max = kPageMax,
                   .headers = retry.overrides,
                   .done_word = "retried",
                   .things = "dead letters",
                   .question = "Send every dead letter again?",
                   .count_of = count_retried});
}

void add_retry(Command dlq, const ClientPlacePtr& place) {
  const auto flags = std::make_shared<Retry>();
  Command command =
      add_client_command(dlq, place, "retry", "Send again by ids, by filters, or all",
                         [flags](Session& session) { return retry(session, *flags); });
  flags->chosen.add_flags(command, FilteredList::kDeadLetters, "Of a dead letter");
  add_option_flag(command, flags->overrides);
}

std::int64_t count_deleted(const JsonValue& answer) {
  const auto count = answer.find("deleted");
  return count ? count->integer().value_or(0) : 0;
}

CallResult<void> delete_letters(Session& session, const BulkFlags& flags) {
  if (flags.ids.size() == 1 && flags.filters.empty()) {
    const std::string& id = flags.ids.front();
    return session.carry_out(
        {.method = "DELETE", .target = std::move(Target(kPath).segment(id)).take()},
        "deleted " + id);
  }
  return run_bulk(session, flags,
                  {.method = "DELETE",
                   .path = kPath,
                   .ids_parameter = "dlqIds",
                   .slice_max = kPageMax,
                   .headers = {},
                   .done_word = "deleted",
                   .things = "dead letters",
                   .question = "Delete every dead letter?",
                   .count_of = count_deleted});
}

void add_delete(Command dlq, const ClientPlacePtr& place) {
  const auto flags = std::make_shared<BulkFlags>();
  Command command =
      add_client_command(dlq, place, "delete", "Forget by ids, by filters, or all",
                         [flags](Session& session) { return delete_letters(session, *flags); });
  flags->add_flags(command, FilteredList::kDeadLetters, "Of a dead letter");
}

}  // namespace

void add_dead_letter_commands(Command ferry, const ClientPlacePtr& place) {
  Command dlq = ferry.add_noun("dlq", "Dead letters: messages whose tries all failed");
  add_list(dlq, place);
  add_get(dlq, place);
  add_retry(dlq, place);
  add_delete(dlq, place);
}

}  // namespace ferry::app::cli
