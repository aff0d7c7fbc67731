#include "api/json_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "api/body_digest.h"
#include "http/cpu_slice.h"

// What one call takes of its thread between two turns of the loop, in CPU time.

namespace ferry::api {
namespace {

constexpr std::int64_t kTurnUsMax = 5'000;

template <class T>
Awaitable<void> keep_result(Awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

// Runs `work` to its end, turn by turn, and returns what the longest turn took.
template <class T>
std::int64_t longest_turn_us(Awaitable<T> work, std::optional<T>& result) {
  asio::io_context io{1};
  asio::co_spawn(io.get_executor(), keep_result(std::move(work), result), asio::detached);
  std::int64_t longest = 0;
  while (true) {
    const std::int64_t before = http::thread_cpu_us();
    if (io.run_one() == 0) return longest;
    longest = std::max(longest, http::thread_cpu_us() - before);
  }
}

std::string array_of(std::string_view element, std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ",";
    text += element;
  }
  return text + "]";
}

TEST(JsonBody, ALargeBodyIsReadInShortTurns) {
  std::size_t taken = 0;
  const auto take = [&taken](const JsonValue& element) -> Result<void> {
    taken += element.find("headers")->size();
    return {};
  };
  const std::string text = array_of(
      R"({"destination":"https://a.test/","body":"{\"a\":1}","headers":{"A":"1","B":"2"}})",
      100'000);
  std::optional<Result<void>> read;
  EXPECT_LT(longest_turn_us(for_each_element(Bytes::copy(text), take), read), kTurnUsMax);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(taken, 200'000u);
}

TEST(JsonBody, ABodyOfManyValuesIsRefusedEarlyAndInShortTurns) {
  std::optional<Result<JsonDocument>> read;
  EXPECT_LT(longest_turn_us(parse_json_body(Bytes::copy(array_of("1", 5'000'000))), read),
            kTurnUsMax);
  ASSERT_TRUE(read);
  ASSERT_FALSE(*read);
  EXPECT_EQ(read->error().text, "invalid JSON body: more than 100000 values");
}

TEST(BodyDigest, ALargeBodyIsHashedInShortTurns) {
  const std::string body(32u << 20, 'x');
  std::optional<Sha256Digest> digest;
  EXPECT_LT(longest_turn_us(hash_body(Bytes::copy(body)), digest), kTurnUsMax);
  EXPECT_EQ(digest, sha256(body));
}

}  // namespace
}  // namespace ferry::api
