#include "domain/publish_options.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"

namespace ferry {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 5> kMethodNames{{
    {Method::kGet, "GET"},
    {Method::kPost, "POST"},
    {Method::kPut, "PUT"},
    {Method::kPatch, "PATCH"},
    {Method::kDelete, "DELETE"},
}};

template <class T>
void fill(std::optional<T>& option, const std::optional<T>& from) {
  if (!option) option = from;
}

}  // namespace

std::string_view method_name(Method method) {
  for (const auto& [known, name] : kMethodNames) {
    if (known == method) return name;
  }
  CHECK(false);  // every enumerator has returned
}

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& [method, name] : kMethodNames) {
    if (equals_ignore_case(text, name)) return method;
  }
  return std::nullopt;
}

bool operator==(const HookOptions& a, const HookOptions& b) {
  return a.url == b.url && (a.options == b.options || *a.options == *b.options);
}

PublishOptions merge(const PublishOptions& over, const PublishOptions& under) {
  PublishOptions merged = over;
  fill(merged.method, under.method);
  if (!over.delay && !over.not_before) {
    merged.delay = under.delay;
    merged.not_before = under.not_before;
  }
  fill(merged.max_retries, under.max_retries);
  fill(merged.retry_delay_expression, under.retry_delay_expression);
  fill(merged.timeout, under.timeout);
  fill(merged.content_type, under.content_type);
  for (const HeaderField& field : under.forward_headers) {
    if (!over.forward_headers.contains(field.name)) {
      merged.forward_headers.add(field.name, field.value);
    }
  }
  fill(merged.callback, under.callback);
  fill(merged.failure_callback, under.failure_callback);
  if (!over.deduplication_id && !over.content_based_deduplication) {
    merged.deduplication_id = under.deduplication_id;
    merged.content_based_deduplication = under.content_based_deduplication;
  }
  fill(merged.labels, under.labels);
  fill(merged.redaction, under.redaction);
  fill(merged.flow_control, under.flow_control);
  fill(merged.success_destination, under.success_destination);
  fill(merged.failure_destination, under.failure_destination);
  if (!over.queue_name && !over.ordering_key) {
    merged.queue_name = under.queue_name;
    merged.ordering_key = under.ordering_key;
  }
  return merged;
}

}  // namespace ferry
