// messages list, get, cancel: what is not delivered yet.

#include <array>
#include <memory>

#include "app/cli/client/bulk.h"
#include "app/cli/client/client_commands.h"
#include "app/cli/client/paging.h"

namespace ferry::app::cli {
namespace {

constexpr std::string_view kPath = "/v2/messages";

std::string origin_of(const JsonValue& message) {
  for (const std::string_view member : {"queueName", "topicName", "scheduleId"}) {
    if (message.find(member)) return cell_text(message, member);
  }
  return "-";
}

constexpr auto kColumns = std::to_array<Column>({
    {"MESSAGE", "messageId"},
    {"CREATED", "createdAt"},
    {"NEXT TRY", "nextDeliveryTime"},
    {"RETRIES", "retried"},
    {"METHOD", "method"},
    {"URL", "url"},
    {"THROUGH", "", origin_of},
    {"LABELS", "labels"},
});

struct Listing {
  PageFlags pages;
  ListFilters filters;
};

void add_list(Command messages, const ClientPlacePtr& place) {
  const auto listing = std::make_shared<Listing>();
  Command command = add_client_command(
      messages, place, "list", "What waits, newest first", [listing](Session& session) {
        const PagedList list{
            .path = kPath, .member = "messages", .page_max = 100, .columns = kColumns};
        return show_pages(session, list, listing->pages, listing->filters);
      });
  listing->filters.add_flags(command, FilteredList::kMessages);
  listing->pages.add_flags(command);
}

void add_get(Command messages, const ClientPlacePtr& place) {
  const auto id = std::make_shared<std::string>();
  Command command =
      add_client_command(messages, place, "get", "Show one message", [id](Session& session) {
        return session.show(
            {.method = "GET", .target = std::move(Target(kPath).segment(*id)).take()}, record_text);
      });
  command.add_option("id", *id, "Of the message").required();
}

std::int64_t count_cancelled(const JsonValue& answer) {
  const auto count = answer.find("cancelled");
  return count ? count->integer().value_or(0) : 0;
}

CallResult<void> cancel(Session& session, const BulkFlags& flags) {
  if (flags.ids.size() == 1 && flags.filters.empty()) {
    const std::string& id = flags.ids.front();
    return session.carry_out(
        {.method = "DELETE", .target = std::move(Target(kPath).segment(id)).take()},
        "cancelled " + id);
  }
  return run_bulk(session, flags,
                  {.method = "DELETE",
                   .path = kPath,
                   .ids_parameter = "messageIds",
                   .slice_max = 500,  // contract section 10.3
                   .headers = {},
                   .done_word = "cancelled",
                   .things = "messages",
                   .question = "Cancel every message that is not delivered yet?",
                   .count_of = count_cancelled,
                   .full_means_more = true});
}

void add_cancel(Command messages, const ClientPlacePtr& place) {
  const auto flags = std::make_shared<BulkFlags>();
  Command command =
      add_client_command(messages, place, "cancel", "Cancel by ids, by filters, or all",
                         [flags](Session& session) { return cancel(session, *flags); });
  flags->add_flags(command, FilteredList::kMessages, "Of a message");
}

}  // namespace

void add_message_commands(Command ferry, const ClientPlacePtr& place) {
  Command messages = ferry.add_noun("messages", "Messages that are not delivered yet");
  add_list(messages, place);
  add_get(messages, place);
  add_cancel(messages, place);
}

}  // namespace ferry::app::cli
