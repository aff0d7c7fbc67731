#include "api/qstash/events.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "api/answers.h"
#include "api/filters.h"
#include "api/qstash/shown_message.h"
#include "api/store_read.h"

namespace ferry::api {
namespace {

using LoggedEvents = std::vector<store::LoggedEvent>;

constexpr std::size_t kEventBytesTypical = 512;
// Of the events of one page of grouped messages: with the largest page of 100, forty for each.
constexpr int kGroupedReadsMax = 4;

Result<ListRequest> read_list_request(const Call& call) {
  return parse_list_request(ListKind::kEvents, parse_query(query_of(call.request.head.target)),
                            call.caller.tenant->id, *call.services.context.ids);
}

// How one answer shows events.
struct View {
  const IdCodec& ids;
  BodyTrim trim;
};

void write_events(JsonWriter& json, std::string_view key, const LoggedEvents& events,
                  const View& view) {
  json.key(key).begin_array();
  for (const store::LoggedEvent& event : events) write_event(json, event, view.ids, view.trim);
  json.end_array();
}

// The events of each delivery together, deliveries in the order of their first event in the list.
std::vector<LoggedEvents> group_by_delivery(const LoggedEvents& events) {
  std::vector<LoggedEvents> groups;
  std::unordered_map<DeliveryId, std::size_t> places;
  for (const store::LoggedEvent& event : events) {
    const auto [place, is_new] = places.try_emplace(event.delivery.id, groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(event);
  }
  return groups;
}

void write_groups(JsonWriter& json, const std::vector<LoggedEvents>& groups, const View& view) {
  json.key("messages").begin_array();
  for (const LoggedEvents& events : groups) {
    json.begin_object();
    write_event_group_facts(json, events.front(), view.ids);
    write_events(json, "events", events, view);
    json.end_object();
  }
  json.end_array();
}

// Runs on a reader thread: a page of messages, then all events of these.
struct GroupedPage {
  std::vector<LoggedEvents> groups;
  std::string cursor;
};

Result<GroupedPage> read_grouped(store::Store& store, store::PageRequest page) {
  if (page.filter.states == 0) page.filter.states = state_bit(EventState::kCreated);
  ASSIGN_OR_RETURN(store::EventPage anchors, store.events(page));
  store::PageRequest all;
  all.filter.tenant = page.filter.tenant;
  all.order = page.order;
  all.count = limits::kEventPageMax;
  for (const store::LoggedEvent& anchor : anchors.events) {
    if (std::ranges::find(all.filter.deliveries, anchor.delivery.id) ==
        all.filter.deliveries.end()) {
      all.filter.deliveries.push_back(anchor.delivery.id);
    }
  }
  LoggedEvents events;
  for (int reads = 0; reads < kGroupedReadsMax && !anchors.events.empty(); ++reads) {
    ASSIGN_OR_RETURN(store::EventPage more, store.events(all));
    std::ranges::move(more.events, std::back_inserter(events));
    all.cursor = std::move(more.cursor);
    if (all.cursor.empty()) break;
  }
  GroupedPage grouped{group_by_delivery(events), std::move(anchors.cursor)};
  const auto place = [&](const LoggedEvents& group) {
    return std::ranges::find(all.filter.deliveries, group.front().delivery.id);
  };
  std::ranges::sort(grouped.groups, {}, place);
  return grouped;
}

Awaitable<Answered> list_grouped(const Context& context, ListRequest request) {
  CO_ASSIGN_OR_RETURN(
      const GroupedPage page,
      co_await read_store(context.readers, [&store = context.store, page = request.page] {
        return read_grouped(store, page);
      }));
  JsonWriter json;
  json.begin_object().field_if("cursor", page.cursor);
  write_groups(json, page.groups, {*context.ids, request.trim_body});
  json.end_object();
  co_return json_answer(std::move(json).take());
}

Awaitable<Result<store::EventPage>> read_page(const Context& context, store::PageRequest page) {
  co_return co_await read_store(context.readers, [&store = context.store, page = std::move(page)] {
    return store.events(page);
  });
}

}  // namespace

Awaitable<Answered> list_events(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(ListRequest request, read_list_request(call));
  if (request.grouped) co_return co_await list_grouped(context, std::move(request));
  CO_ASSIGN_OR_RETURN(const store::EventPage page, co_await read_page(context, request.page));
  JsonWriter json(page.events.size() * kEventBytesTypical);
  json.begin_object().field_if("cursor", page.cursor);
  write_events(json, "events", page.events, {*context.ids, request.trim_body});
  json.end_object();
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> list_logs(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(ListRequest request, read_list_request(call));
  if (request.grouped) co_return co_await list_grouped(context, std::move(request));
  CO_ASSIGN_OR_RETURN(const store::EventPage page, co_await read_page(context, request.page));
  const View view{*context.ids, request.trim_body};
  JsonWriter json(2 * page.events.size() * kEventBytesTypical);
  json.begin_object().field_if("cursor", page.cursor);
  write_events(json, "events", page.events, view);
  write_events(json, "logs", page.events, view);
  if (request.one_message) write_groups(json, group_by_delivery(page.events), view);
  json.end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api
