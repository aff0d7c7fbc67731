#include "api/qstash/flow_keys.h"

#include <algorithm>
#include <array>

#include "api/list_answer.h"
#include "api/qstash/resources.h"
#include "api/query.h"
#include "api/scalars.h"
#include "api/store_read.h"
#include "base/encoding.h"
#include "base/json_writer.h"

namespace ferry::api {
namespace {

using engine::ChangeFlowKey;
using Change = ChangeFlowKey::Change;
using Parameters = std::vector<QueryParameter>;

constexpr std::size_t kFlowKeyBytesTypical = 288;

const FlowKey& key_of(const engine::ResourceView& view) {
  return *std::get<FlowKeyPtr>(view.resource);
}

// Those who wait: the rows of the key's lane without those whose attempt runs, and who waits for it
// elsewhere. The rows were counted a moment later than the rest, hence the floor.
std::int64_t waiting(const engine::ResourceView& view, std::int64_t lane_rows) {
  return std::max<std::int64_t>(0, lane_rows - view.running_in_lane + view.waiting_elsewhere);
}

void write_flow_key(JsonWriter& json, const engine::ResourceView& view, std::int64_t lane_rows) {
  const FlowKey& key = key_of(view);
  json.begin_object()
      .field("flowControlKey", key.key)
      .field("waitListSize", waiting(view, lane_rows))
      .field("parallelismMax", key.parallelism)
      .field("parallelismCount", view.running)
      .field("rateMax", key.rate)
      .field("rateCount", view.started)
      .field("ratePeriod", std::chrono::floor<std::chrono::seconds>(key.period).count())
      .field("ratePeriodStart", to_unix_seconds(key.window_start))
      .field("isPaused", key.paused)
      .field("isPinnedParallelism", key.pinned_parallelism)
      .field("isPinnedRate", key.pinned_rate)
      .end_object();
}

Awaitable<Result<std::vector<std::int64_t>>> read_lanes(const Context& context, TenantId tenant,
                                                        std::vector<engine::ResourceView> keys) {
  std::vector<LaneId> lanes;
  for (const engine::ResourceView& key : keys) lanes.push_back(key.lane);
  co_return co_await read_store(
      context, tenant, ReadKind::kLookup,
      [&store = context.store, lanes = std::move(lanes)] { return store.lane_sizes(lanes); });
}

const std::string* find_last(const Parameters& parameters, std::string_view name) {
  const std::string* found = nullptr;
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name == name) found = &parameter.value;
  }
  return found;
}

std::unexpected<Error> invalid(std::string_view name, std::string_view why) {
  return fail(ErrorCode::kInvalidFilter, "invalid " + std::string(name) + ": " + std::string(why));
}

Result<std::optional<std::int32_t>> read_limit(const Parameters& parameters,
                                               std::string_view name) {
  const std::string* text = find_last(parameters, name);
  if (text == nullptr) return std::nullopt;
  const Result<std::int32_t> limit = parse_flow_limit(trim(*text));
  if (!limit) return invalid(name, limit.error().text);
  return *limit;
}

Result<void> read_pin(const Parameters& parameters, ChangeFlowKey& command) {
  ASSIGN_OR_RETURN(command.parallelism, read_limit(parameters, "parallelism"));
  ASSIGN_OR_RETURN(command.rate, read_limit(parameters, "rate"));
  if (!command.parallelism && !command.rate) return invalid("pin", "needs parallelism or rate");
  const std::string* period = find_last(parameters, "period");
  if (period == nullptr) return {};
  if (!command.rate) return invalid("period", "has no meaning without rate");
  const Result<Duration> parsed = parse_flow_period(*period);
  if (!parsed) return invalid("period", parsed.error().text);
  command.period = *parsed;
  return {};
}

// Which half to unpin: a value that is present asks for it.
Result<std::optional<std::int32_t>> read_unpinned(const Parameters& parameters,
                                                  std::string_view name) {
  const std::string* text = find_last(parameters, name);
  if (text == nullptr) return std::nullopt;
  const auto flag = parse_bool(*text);
  if (!flag) return invalid(name, "must be true or false");
  return *flag ? std::optional<std::int32_t>(0) : std::nullopt;
}

Result<void> read_unpin(const Parameters& parameters, ChangeFlowKey& command) {
  ASSIGN_OR_RETURN(command.parallelism, read_unpinned(parameters, "parallelism"));
  ASSIGN_OR_RETURN(command.rate, read_unpinned(parameters, "rate"));
  return {};
}

Result<void> read_nothing(const Parameters&, ChangeFlowKey&) { return {}; }

struct ChangeRow {
  std::string_view word;
  Change change;
  Result<void> (*read)(const Parameters& parameters, ChangeFlowKey& command);
};

constexpr auto kChanges = std::to_array<ChangeRow>({
    {"pause", Change::kPause, read_nothing},
    {"resume", Change::kResume, read_nothing},
    {"pin", Change::kPin, read_pin},
    {"unpin", Change::kUnpin, read_unpin},
    {"resetRate", Change::kReset, read_nothing},
    {"reset", Change::kReset, read_nothing},
});

Result<ChangeFlowKey> read_change(const Call& call) {
  const std::string_view rest = call.parameter("rest");
  const std::size_t slash = rest.rfind('/');
  const std::string_view word = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
  const auto row = std::ranges::find_if(
      kChanges, [&](const ChangeRow& known) { return equals_ignore_case(known.word, word); });
  if (row == kChanges.end()) return fail(ErrorCode::kNotFound);
  ChangeFlowKey command;
  command.tenant = call.caller.tenant->id;
  command.key = percent_decode(rest.substr(0, rest.size() - word.size()));
  if (!command.key.empty()) command.key.pop_back();  // the slash in front of the word
  if (command.key.empty() || command.key.size() > kFlowKeyBytesMax) {
    return fail(ErrorCode::kInvalidRequest, "invalid flow control key: must be 1 to " +
                                                std::to_string(kFlowKeyBytesMax) + " bytes");
  }
  command.change = row->change;
  RETURN_IF_ERROR(row->read(parse_query(query_of(call.request.head.target)), command));
  return command;
}

}  // namespace

Awaitable<Answered> list_flow_keys(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(
      std::vector<engine::ResourceView> keys,
      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kFlowKey));
  const Parameters parameters = parse_query(query_of(call.request.head.target));
  if (const std::string* search = find_last(parameters, "search")) {
    std::erase_if(keys, [&](const engine::ResourceView& view) {
      return !key_of(view).key.contains(*search);
    });
  }
  CO_ASSIGN_OR_RETURN(const std::vector<std::int64_t> rows,
                      co_await read_lanes(context, call.caller.tenant->id, keys));
  co_return co_await answer_all(
      context, call.caller.tenant->id, keys.size(),
      [keys, rows](JsonWriter& json, std::size_t at) { write_flow_key(json, keys[at], rows[at]); });
}

Awaitable<Answered> get_flow_key(Call call) {
  const Context& context = call.services.context;
  CO_ASSIGN_OR_RETURN(
      const std::vector<engine::ResourceView> keys,
      co_await read_resources(context, call.caller.tenant->id, ResourceKind::kFlowKey,
                              percent_decode(call.parameter("rest"))));
  CO_ASSIGN_OR_RETURN(const std::vector<std::int64_t> rows,
                      co_await read_lanes(context, call.caller.tenant->id, keys));
  JsonWriter json(kFlowKeyBytesTypical);
  write_flow_key(json, keys.front(), rows.front());
  co_return json_answer(std::move(json).take());
}

Awaitable<Answered> change_flow_key(Call call) {
  CO_ASSIGN_OR_RETURN(ChangeFlowKey command, read_change(call));
  co_return co_await carry_out(call.services.context, std::move(command));
}

Awaitable<Answered> get_global_parallelism(Call call) {
  engine::ReadParallelism command;
  command.tenant = call.caller.tenant->id;
  CO_ASSIGN_OR_RETURN(const engine::Parallelism now,
                      answer_as<engine::Parallelism>(
                          co_await call.services.context.engine.call(std::move(command))));
  JsonWriter json;
  json.begin_object()
      .field("parallelismMax", now.most)
      .field("parallelismCount", now.count)
      .end_object();
  co_return json_answer(std::move(json).take());
}

}  // namespace ferry::api
