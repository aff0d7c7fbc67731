#include "api/json_body.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "http/cpu_slice.h"

namespace ferry::api {
namespace {

// Small enough that the elements which end in one piece, and what is done with each, fit a slice.
constexpr std::size_t kPieceBytes = 4u << 10;

Awaitable<Result<void>> feed_in_slices(JsonParser& parser, Bytes body) {
  http::CpuSlice slice;
  for (std::size_t at = 0; at < body.size(); at += kPieceBytes) {
    const std::size_t bytes = std::min(kPieceBytes, body.size() - at);
    if (Result<void> fed = parser.feed(body.view().substr(at, bytes)); !fed) co_return fed;
    if (slice.used_up()) co_await slice.pause();
  }
  co_return Result<void>();
}

}  // namespace

Awaitable<Result<JsonDocument>> parse_json_body(Bytes body) {
  JsonParser parser;
  if (const Result<void> fed = co_await feed_in_slices(parser, std::move(body)); !fed) {
    co_return std::unexpected(fed.error());
  }
  co_return parser.finish();
}

Awaitable<Result<void>> for_each_element(Bytes body, JsonParser::TakeElement take,
                                         JsonLimits limits) {
  JsonParser parser(std::move(take), limits);
  if (Result<void> fed = co_await feed_in_slices(parser, std::move(body)); !fed) co_return fed;
  if (const Result<JsonDocument> end = parser.finish(); !end) {
    co_return std::unexpected(end.error());
  }
  co_return Result<void>();
}

}  // namespace ferry::api
