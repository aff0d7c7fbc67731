// flow list, get, pause, resume, pin, unpin, reset, total: flow control by key.

#include <array>
#include <cstdint>
#include <memory>

#include "app/cli/client/client_commands.h"
#include "app/cli/client/named_things.h"
#include "app/cli/client/target.h"
#include "app/cli/exit_codes.h"

namespace ferry::app::cli {
namespace {

constexpr std::string_view kTotalPath = "/v2/globalParallelism";

std::string of_limit(const JsonValue& key, std::string_view count, std::string_view max) {
  const auto limit = key.find(max);
  const bool limited = limit && limit->integer().value_or(0) > 0;
  return cell_text(key, count) + (limited ? " of " + cell_text(key, max) : " of any");
}

std::string parallelism_of(const JsonValue& key) {
  return of_limit(key, "parallelismCount", "parallelismMax");
}

std::string rate_of(const JsonValue& key) {
  std::string rate = of_limit(key, "rateCount", "rateMax");
  const auto period = key.find("ratePeriod");
  if (!period || period->integer().value_or(0) <= 0) return rate;
  return rate + " in " + cell_text(key, "ratePeriod") + "s";
}

std::string pins_of(const JsonValue& key) {
  const bool parallelism = cell_text(key, "isPinnedParallelism") == "yes";
  const bool rate = cell_text(key, "isPinnedRate") == "yes";
  if (parallelism && rate) return "both";
  if (parallelism) return "parallelism";
  return rate ? "rate" : "-";
}

constexpr auto kColumns = std::to_array<Column>({
    {"KEY", "flowControlKey"},
    {"WAITING", "waitListSize"},
    {"PARALLELISM", "", parallelism_of},
    {"RATE", "", rate_of},
    {"PINNED", "", pins_of},
    {"PAUSED", "isPaused"},
});

constexpr NamedThings kKeys{.path = "/v2/flowControl",
                            .one = "flow-control key",
                            .columns = kColumns,
                            .pause_method = "POST"};

void add_list(Command flow, const ClientPlacePtr& place) {
  const auto search = std::make_shared<std::string>();
  Command command =
      add_client_command(flow, place, "list", "Keys in use", [search](Session& session) {
        Target target(kKeys.path);
        if (!search->empty()) target.parameter("search", *search);
        return session.show({.method = "GET", .target = std::move(target).take()},
                            [](const JsonValue& keys) { return list_text(kColumns, keys); });
      });
  command.add_option("--search", *search, "Keys with this text in them");
}

struct Pin {
  std::string key;
  std::int64_t parallelism = 0;  // 0: not given
  std::int64_t rate = 0;
  std::string period;
};

// The wire has whole seconds here (contract section 12).
CallResult<void> write_period(Target& target, const std::string& text) {
  if (text.empty()) return {};
  const auto period = parse_duration(text);
  if (!period) return fail_with(kNotUnderstood, "--period: " + period.error().text);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*period);
  if (seconds != *period) return fail_with(kNotUnderstood, "--period: must be whole seconds");
  target.parameter("period", std::to_string(seconds.count()));
  return {};
}

CallResult<void> pin(Session& session, const Pin& pin) {
  if (pin.parallelism == 0 && pin.rate == 0) {
    return fail_with(kNotUnderstood, "give --parallelism, --rate or both");
  }
  Target target(kKeys.path);
  target.segment(pin.key).segment("pin");
  if (pin.parallelism > 0) target.parameter("parallelism", std::to_string(pin.parallelism));
  if (pin.rate > 0) target.parameter("rate", std::to_string(pin.rate));
  RETURN_IF_ERROR(write_period(target, pin.period));
  return session.carry_out({.method = "POST", .target = std::move(target).take()},
                           "flow-control key " + pin.key + " is pinned");
}

void add_pin(Command flow, const ClientPlacePtr& place) {
  const auto flags = std::make_shared<Pin>();
  Command command = add_client_command(flow, place, "pin", "Hold limits, whatever messages say",
                                       [flags](Session& session) { return pin(session, *flags); });
  command.add_option("name", flags->key, "Of the flow-control key").required();
  command.add_option("--parallelism", flags->parallelism, "Attempts at a time").positive();
  command.add_option("--rate", flags->rate, "Attempts in a period").positive();
  command.add_option("--period", flags->period, "Such as 1m [1s]").needs("--rate");
}

struct Unpin {
  std::string key;
  bool parallelism = false;
  bool rate = false;
};

CallResult<void> unpin(Session& session, const Unpin& unpin) {
  if (!unpin.parallelism && !unpin.rate) {
    return fail_with(kNotUnderstood, "give --parallelism, --rate or both");
  }
  Target target(kKeys.path);
  target.segment(unpin.key).segment("unpin");
  if (unpin.parallelism) target.parameter("parallelism", "true");
  if (unpin.rate) target.parameter("rate", "true");
  return session.carry_out({.method = "POST", .target = std::move(target).take()},
                           "flow-control key " + unpin.key + " is unpinned");
}

void add_unpin(Command flow, const ClientPlacePtr& place) {
  const auto flags = std::make_shared<Unpin>();
  Command command =
      add_client_command(flow, place, "unpin", "Let the next message set the limits again",
                         [flags](Session& session) { return unpin(session, *flags); });
  command.add_option("name", flags->key, "Of the flow-control key").required();
  command.add_flag("--parallelism", flags->parallelism, "The attempts at a time");
  command.add_flag("--rate", flags->rate, "The rate and its period");
}

void add_reset(Command flow, const ClientPlacePtr& place) {
  const auto key = std::make_shared<std::string>();
  Command command = add_client_command(
      flow, place, "reset", "Begin a new period with nothing used", [key](Session& session) {
        return session.carry_out(
            {.method = "POST",
             .target = std::move(Target(kKeys.path).segment(*key).segment("resetRate")).take()},
            "flow-control key " + *key + " begins a new period");
      });
  command.add_option("name", *key, "Of the flow-control key").required();
}

}  // namespace

void add_flow_commands(Command ferry, const ClientPlacePtr& place) {
  Command flow = ferry.add_noun("flow", "Flow control: rate and parallelism by key");
  add_list(flow, place);
  add_get_command(flow, place, kKeys);
  add_pause_commands(flow, place, kKeys);
  add_pin(flow, place);
  add_unpin(flow, place);
  add_reset(flow, place);
  add_client_command(
      flow, place, "total", "Attempts under way, of all keys and of none", [](Session& session) {
        return session.show({.method = "GET", .target = std::string(kTotalPath)}, record_text);
      });
}

}  // namespace ferry::app::cli
