#include "domain/lineage.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/digest.h"
#include "base/encoding.h"

// header := "v1;root=" root ";hops=" number ";path=" [visit *("|" visit)] ";sig=" 64 hex digits
// visit  := 8 hex digits ":" number
// The signature is of everything before ";sig=". A root has no ';'.

namespace ferry {
namespace {

constexpr std::size_t kFunctionDigits = 8;
constexpr std::size_t kHeaderBytesMax = 2048;

std::string hash_of(std::string_view function) {
  return hex_encode(as_text(sha256(function))).substr(0, kFunctionDigits);
}

void visit(std::vector<Lineage::Visit>& visits, const std::string& function) {
  Lineage::Visit now{function, 1};
  const auto before = std::ranges::find(visits, function, &Lineage::Visit::function);
  if (before != visits.end()) {
    now.count += before->count;
    visits.erase(before);
  }
  visits.insert(visits.begin(), std::move(now));
  if (visits.size() > kLineageVisitsMax) visits.pop_back();
}

std::int32_t count_of(const Lineage& lineage, const std::string& function) {
  const auto found = std::ranges::find(lineage.visits, function, &Lineage::Visit::function);
  return found == lineage.visits.end() ? 0 : found->count;
}

std::string signature_of(std::string_view text, std::string_view key) {
  return hex_encode(as_text(HmacSha256(key).sign(text)));
}

std::optional<std::int32_t> read_number(std::string_view text) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// Cuts "name=" and what follows up to the next ';' from the front of `text`.
std::optional<std::string_view> take_field(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

std::optional<Lineage::Visit> read_visit(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != kFunctionDigits) return std::nullopt;
  const auto count = read_number(text.substr(colon + 1));
  if (!count) return std::nullopt;
  return Lineage::Visit{std::string(text.substr(0, colon)), *count};
}

std::optional<std::vector<Lineage::Visit>> read_path(std::string_view text) {
  std::vector<Lineage::Visit> visits;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    auto each = read_visit(text.substr(0, end));
    if (!each || visits.size() == kLineageVisitsMax) return std::nullopt;
    visits.push_back(std::move(*each));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return visits;
}

}  // namespace

Result<Lineage> continue_lineage(const Lineage& before, std::string_view function,
                                 std::string_view request_id, bool recursion_allowed) {
  const std::string hash = hash_of(function);
  Lineage next = before;
  if (before.root.empty()) {
    next.root = request_id;
  } else {
    ++next.hops;
  }
  const bool too_far = next.hops >= kLineageHopsMax;
  const bool too_often = count_of(before, hash) >= kLineageFunctionVisitsMax;
  if (!recursion_allowed && (too_far || too_often)) {
    return fail(ErrorCode::kRecursionDetected,
                "invoking function " + std::string(function) + " again: the chain of request " +
                    before.root + " came by it " + std::to_string(count_of(before, hash)) +
                    " times in " + std::to_string(before.hops + 1) + " invocations");
  }
  visit(next.visits, hash);
  return next;
}

std::string write_lineage(const Lineage& lineage, std::string_view key) {
  std::string text = "v1;root=" + lineage.root + ";hops=" + std::to_string(lineage.hops) + ";path=";
  for (const Lineage::Visit& each : lineage.visits) {
    if (!text.ends_with('=')) text += '|';
    text += each.function + ":" + std::to_string(each.count);
  }
  return text + ";sig=" + signature_of(text, key);
}

std::optional<Lineage> read_lineage(std::string_view text, std::string_view key) {
  constexpr std::string_view kSignature = ";sig=";
  const std::size_t at = text.rfind(kSignature);
  if (text.size() > kHeaderBytesMax || at == std::string_view::npos) return std::nullopt;
  std::string_view fields = text.substr(0, at);
  const std::string_view given = text.substr(at + kSignature.size());
  if (!equals_constant_time(given, signature_of(fields, key))) return std::nullopt;
  if (take_field(fields, "v1") != std::string_view()) return std::nullopt;
  const auto root = take_field(fields, "root=");
  const auto hops = take_field(fields, "hops=");
  const auto path = take_field(fields, "path=");
  if (!root || root->empty() || !hops || !path || !fields.empty()) return std::nullopt;
  const auto count = read_number(*hops);
  auto visits = read_path(*path);
  if (!count || !visits) return std::nullopt;
  return Lineage{std::string(*root), *count, std::move(*visits)};
}

}  // namespace ferry
