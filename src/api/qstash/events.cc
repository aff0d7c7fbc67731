#include "api/qstash/events.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/filters.h"
#include "api/qstash/paged_list.h"
#include "api/qstash/shown_message.h"

namespace ferry::api {
namespace {

using LoggedEvents = std::vector<store::LoggedEvent>;

// The most of one group of events, about what a page has, so that a group does not become endless.
constexpr std::uint32_t kGroupEventsMax = limits::kEventPageMax;
constexpr int kGroupReadsMax = 64;
constexpr int kAnchorsMax = 200;  // events looked at for one part of grouped messages

Result<ListRequest> read_list_request(const Call& call) {
  return parse_list_request(ListKind::kEvents, parse_query(query_of(call.request.head.target)),
                            call.caller.tenant->id, *call.services.context.ids);
}

// How one answer shows events, and from where; shared by the reads of the answer.
struct View {
  store::Store& store;
  std::shared_ptr<const IdCodec> ids;
  store::PageRequest page;
  BodyTrim trim;
};

// Whose events the parts of a page have. A part may be read again: what is noted last counts.
struct PageDeliveries {
  std::vector<std::pair<std::string, std::vector<DeliveryId>>> parts;  // by where they begin

  std::vector<DeliveryId>& of_part(const std::string& from) {
    if (parts.empty() || parts.back().first != from) parts.push_back({from, {}});
    parts.back().second.clear();
    return parts.back().second;
  }
};

// A delivery and how many events of a page it has.
using EventCount = std::pair<DeliveryId, std::size_t>;

// In the order of their first event.
std::vector<EventCount> count_events(const PageDeliveries& deliveries, std::size_t events) {
  std::vector<EventCount> counts;
  std::unordered_map<DeliveryId, std::size_t> places;
  for (const auto& [from, ids] : deliveries.parts) {
    for (const DeliveryId id : ids) {
      if (events-- == 0) return counts;
      const auto [place, is_new] = places.try_emplace(id, counts.size());
      if (is_new) counts.emplace_back(id, 0);
      ++counts[place->second].second;
    }
  }
  return counts;
}

// `deliveries`, if not null, is told whose events the part has.
ReadPart read_events(View view, std::shared_ptr<PageDeliveries> deliveries) {
  return [view = std::move(view),
          deliveries = std::move(deliveries)](const PartRequest& request) -> Result<ListPart> {
    ASSIGN_OR_RETURN(const store::EventPage found, view.store.events(part_of(view.page, request)));
    std::vector<DeliveryId>* const ids = deliveries ? &deliveries->of_part(request.from) : nullptr;
    ListPart part;
    for (const store::LoggedEvent& event : found.events) {
      add_entry(part, [&](JsonWriter& json) { write_event(json, event, *view.ids, view.trim); });
      if (ids != nullptr) ids->push_back(event.delivery.id);
    }
    part.start = found.start;
    part.next = found.cursor;
    part.cut_short = found.cut_short;
    return part;
  };
}

// The events of a delivery from `from` on, as one entry {facts, "events": [...]}: at most
// `events_max`, and about a page of bytes. Nothing when there are none.
Result<void> add_group(ListPart& part, const View& view, DeliveryId delivery,
                       const PartRequest& from) {
  store::PageRequest page = view.page;
  page.filter = {};
  page.filter.tenant = view.page.filter.tenant;
  page.filter.deliveries = {delivery};
  JsonWriter json;
  PartRequest request = from;
  for (int reads = 0; reads < kGroupReadsMax && request.entries_max > 0; ++reads) {
    ASSIGN_OR_RETURN(const store::EventPage found, view.store.events(part_of(page, request)));
    for (const store::LoggedEvent& event : found.events) {
      if (json.size() == 0) {
        json.begin_object();
        write_event_group_facts(json, event, *view.ids);
        json.key("events").begin_array();
      }
      write_event(json, event, *view.ids, view.trim);
    }
    request.from = found.cursor;
    request.entries_max -= std::min(request.entries_max, found.events.size());
    if (found.cursor.empty() || json.size() >= kPageBytesMax) break;
  }
  if (json.size() == 0) return {};
  json.end_array().end_object();
  add_entry(part, [&](JsonWriter& out) { out.raw(json.text()); });
  return {};
}

// Where each delivery of a page of groups was found first: it is shown there alone, also when the
// part is read again.
using FirstPlaces = std::unordered_map<DeliveryId, std::string>;

// A page of messages: each that an event of the page belongs to, with all of its events.
ReadPart read_groups(View view) {
  return [view = std::move(view),
          first = std::make_shared<FirstPlaces>()](const PartRequest& request) -> Result<ListPart> {
    ListPart part;
    PartRequest one = request;
    one.entries_max = 1;
    for (int anchors = 0; anchors < kAnchorsMax && !is_full(part, request); ++anchors) {
      ASSIGN_OR_RETURN(const store::EventPage anchor, view.store.events(part_of(view.page, one)));
      for (const store::LoggedEvent& event : anchor.events) {
        const DeliveryId delivery = event.delivery.id;
        if (first->try_emplace(delivery, one.from).first->second != one.from) continue;
        RETURN_IF_ERROR(add_group(part, view, delivery,
                                  {.from = {}, .entries_max = kGroupEventsMax, .goes_on = true}));
      }
      part.next = one.from = anchor.cursor;
      one.goes_on = true;
      part.cut_short = anchor.cut_short;
      if (anchor.cursor.empty() || anchor.cut_short) break;
    }
    return part;
  };
}

// The events of a page once more, by delivery.
ReadPart read_groups_of_page(View view, std::vector<EventCount> counts, std::string start) {
  return [view = std::move(view), counts = std::move(counts),
          start = std::move(start)](const PartRequest& request) -> Result<ListPart> {
    ListPart part;
    std::size_t at = request.from.empty() ? 0 : std::stoull(request.from);
    for (; at < counts.size() && !is_full(part, request); ++at) {
      const auto& [delivery, events] = counts[at];
      RETURN_IF_ERROR(
          add_group(part, view, delivery, {.from = start, .entries_max = events, .goes_on = true}));
    }
    if (at < counts.size()) part.next = std::to_string(at);
    return part;
  };
}

Awaitable<Answered> list_grouped(const Context& context, View view) {
  if (view.page.filter.states == 0) view.page.filter.states = state_bit(EventState::kCreated);
  const store::PageRequest page = view.page;
  co_return co_await answer_page(context, page, "messages", read_groups(std::move(view)));
}

View view_of(const Context& context, const ListRequest& request) {
  return {context.store, context.ids, request.page, request.trim_body};
}

}  // namespace

Awaitable<Answered> list_events(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const ListRequest request, read_list_request(call));
  View view = view_of(context, request);
  if (request.grouped) co_return co_await list_grouped(context, std::move(view));
  co_return co_await answer_page(context, request.page, "events",
                                 read_events(std::move(view), nullptr));
}

// The same array under two keys, and for one message its events as a group besides.
Awaitable<Answered> list_logs(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(const ListRequest request, read_list_request(call));
  View view = view_of(context, request);
  if (request.grouped) co_return co_await list_grouped(context, std::move(view));
  const auto deliveries =
      request.one_message ? std::make_shared<PageDeliveries>() : std::shared_ptr<PageDeliveries>();
  ListPlan plan;
  plan.tenant = request.page.filter.tenant;
  plan.page = {.opening = R"({"events":[)",
               .read = read_events(view, deliveries),
               .from = request.page.cursor,
               .entries_max = request.page.count};
  plan.page_bytes_max = kPageBytesMax / (request.one_message ? 3 : 2);
  plan.rest = [view, deliveries](const PageEnd& end) {
    ListRest rest;
    rest.sections.push_back({.opening = R"(],"logs":[)",
                             .read = read_events(view, nullptr),
                             .from = end.start,
                             .entries_max = end.entries,
                             .repeats_page = true});
    if (deliveries) {
      rest.sections.push_back(
          {.opening = R"(],"messages":[)",
           .read = read_groups_of_page(view, count_events(*deliveries, end.entries), end.start)});
    }
    rest.closing = end_of_page(end.cursor);
    return rest;
  };
  co_return co_await answer_list(context, std::move(plan));
}

}  // namespace ferry::api
