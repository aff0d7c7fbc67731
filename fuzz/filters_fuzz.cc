#include <string>
#include <string_view>

#include "api/filters.h"
#include "base/check.h"
#include "domain/limits.h"
#include "fuzz/input.h"
#include "store/cursor.h"

// List filters and cursors. A page that is asked for stays within the limits, and a cursor that is
// understood is written the same way again.
//
//   input = query LF body

namespace {

using namespace ferry;       // NOLINT: a program of one file
using namespace ferry::api;  // NOLINT

constexpr TenantId kTenant{1};

void check_list(ListKind kind, const std::vector<QueryParameter>& parameters) {
  const IdCodec ids("secret");
  const auto list = parse_list_request(kind, parameters, kTenant, ids);
  if (!list) {
    CHECK(!list.error().text.empty());
    return;
  }
  const store::ListFilter& filter = list->page.filter;
  CHECK(filter.tenant == kTenant);
  CHECK(list->page.count >= 1 && list->page.count <= limits::kEventPageMax);
  for (const auto* texts : {&filter.urls, &filter.hosts, &filter.paths, &filter.labels}) {
    CHECK(texts->size() <= limits::kFilterValuesMax);
  }
  if (!list->page.cursor.empty()) (void)store::decode_cursor(list->page.cursor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view body = fuzz::text_of(data, size);
  const std::string_view query = fuzz::take_until(body, '\n');
  if (const auto cursor = store::decode_cursor(query)) {
    CHECK(store::encode_cursor(*cursor) == query);
  }
  const auto document = JsonDocument::parse(body);
  const auto parameters = read_parameters(query, document ? &*document : nullptr);
  if (!parameters) return 0;
  for (const ListKind kind : {ListKind::kEvents, ListKind::kDeadLetters, ListKind::kCancel}) {
    check_list(kind, *parameters);
  }
  return 0;
}
