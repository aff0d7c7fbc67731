#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"
#include "domain/limits.h"
#include "domain/publish_options.h"

namespace ferry {
namespace {

std::string encoded(const PublishOptions& options) {
  std::string out;
  encode_publish_options(options, out);
  return out;
}

std::optional<PublishOptions> decoded_hex(std::string_view hex) {
  return decode_publish_options(hex_decode(hex).value());
}

HookOptions hook(std::string url, PublishOptions options = {}) {
  return {std::move(url), std::make_shared<const PublishOptions>(std::move(options))};
}

// Callbacks of callbacks, `depth` of them.
PublishOptions nested(int depth) {
  PublishOptions options;
  for (int i = 0; i < depth; ++i) {
    PublishOptions outer;
    outer.callback = hook("u", std::move(options));
    options = std::move(outer);
  }
  return options;
}

PublishOptions everything() {
  PublishOptions options;
  options.method = Method::kPatch;
  options.delay = Duration(1500);
  options.not_before = from_unix_ms(1'700'000'000'000);
  options.max_retries = 7;
  options.retry_delay_expression = "1000";
  options.timeout = Duration(30'000);
  options.content_type = "a/b";
  options.forward_headers = {{"X-A", "1"}, {"X-A", "2"}};
  PublishOptions callback;
  callback.max_retries = 0;
  options.callback = hook("http://c", callback);
  options.failure_callback = hook("http://f");
  options.deduplication_id = "d";
  options.content_based_deduplication = true;
  options.labels = {{"l1", ""}};
  options.redaction = Redaction{.body = true, .all_headers = true, .headers = {"x"}};
  options.flow_control =
      FlowControl{.key = "k", .parallelism = 3, .rate = 5, .period = Duration(10'000)};
  options.queue_name = "q";
  options.ordering_key = "o";
  return options;
}

// Stored messages of version 1 are read for ever: these bytes must stay.
constexpr std::string_view kEverythingV1 =
    "01"
    "0104"
    "02b817"
    "0380a0abfef962"
    "040e"
    "050431303030"
    "06e0d403"
    "0703612f62"
    "0803582d410131"
    "0803582d410132"
    "0908687474703a2f2f63040000"
    "0a08687474703a2f2f6600"
    "0b0164"
    "0c01"
    "0d02026c3100"
    "0e03010178"
    "0f016b03060aa09c01"
    "100171"
    "11016f"
    "00";

TEST(PublishOptionsEncoding, BytesOfVersionOneNeverChange) {
  EXPECT_EQ(hex_encode(encoded(everything())), kEverythingV1);
  EXPECT_EQ(decoded_hex(kEverythingV1), everything());
}

// Fields that came later do not change what is written without them.
TEST(PublishOptionsEncoding, DestinationsOfResultsReadBack) {
  PublishOptions options;
  options.success_destination = "s";
  options.failure_destination = "f";
  EXPECT_EQ(hex_encode(encoded(options)), "0112017313016600");
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
}

TEST(PublishOptionsEncoding, NothingSetIsTwoBytes) {
  EXPECT_EQ(hex_encode(encoded({})), "0100");
  EXPECT_EQ(decoded_hex("0100"), PublishOptions{});
}

TEST(PublishOptionsEncoding, AppendsToWhatIsThere) {
  std::string out = "before";
  encode_publish_options({}, out);
  EXPECT_EQ(out, std::string("before\x01\0", 8));
}

TEST(PublishOptionsEncoding, SetButEmptyIsNotTheSameAsNotSet) {
  PublishOptions options;
  options.retry_delay_expression = "";
  options.content_type = "";
  options.deduplication_id = "";
  options.content_based_deduplication = false;
  options.labels.emplace();
  options.redaction.emplace();
  options.flow_control.emplace();
  options.queue_name = "";
  options.ordering_key = "";
  options.delay = Duration(0);
  options.max_retries = 0;
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
}

TEST(PublishOptionsEncoding, TheLargestNumbersReadBack) {
  PublishOptions options;
  options.delay = limits::kDelayMax;
  options.timeout = limits::kDelayMax;
  options.max_retries = INT32_MAX;
  options.not_before = from_unix_ms(std::int64_t{1} << 53);
  options.flow_control = FlowControl{
      .key = "k", .parallelism = INT32_MAX, .rate = INT32_MAX, .period = Duration::zero()};
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
}

TEST(PublishOptionsEncoding, EitherHalfOfFlowControlMayBeMissing) {
  PublishOptions options;
  options.flow_control = FlowControl{.key = "k", .parallelism = 2, .rate = {}};
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
  options.flow_control = FlowControl{.key = "k", .parallelism = {}, .rate = 2};
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
}

TEST(PublishOptionsEncoding, HooksReadBackAtTheirGreatestDepth) {
  const PublishOptions options = nested(limits::kHookNestingMax);
  EXPECT_EQ(decode_publish_options(encoded(options)), options);
}

TEST(PublishOptionsEncoding, HooksBeyondTheirGreatestDepthAreNotRead) {
  const auto bytes = [](int depth) {
    std::string out = "\x01";
    for (int i = 0; i < depth; ++i) out += "\x09\x01u";
    return out + std::string(static_cast<std::size_t>(depth) + 1, '\0');
  };
  EXPECT_EQ(bytes(limits::kHookNestingMax), encoded(nested(limits::kHookNestingMax)));
  EXPECT_TRUE(decode_publish_options(bytes(limits::kHookNestingMax)));
  EXPECT_FALSE(decode_publish_options(bytes(limits::kHookNestingMax + 1)));
  EXPECT_FALSE(decode_publish_options(bytes(100'000)));
}

TEST(PublishOptionsEncodingDeathTest, HooksBeyondTheirGreatestDepthAreNeverStored) {
  EXPECT_DEATH(encoded(nested(limits::kHookNestingMax + 1)), "kHookNestingMax");
}

TEST(PublishOptionsEncoding, EveryCutIsNoticed) {
  const std::string whole = encoded(everything());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_publish_options(std::string_view(whole).substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_publish_options(whole + '\0'));
}

TEST(PublishOptionsEncoding, WhatNoEncoderWritesIsNotRead) {
  for (const std::string_view hex : {
           "0000",                          // an unknown version
           "0200",                          //
           "011200",                        // an unknown field
           "01ff00",                        //
           "01010000",                      // method 0
           "01010600",                      // method 6
           "0102020102020100",              // a negative delay
           "0104010000",                    // negative retries
           "0104808080802000",              // retries beyond 32 bits
           "010280808080808080808002",      // a delay of 2^63
           "0104020100",                    // fields in the wrong order: 4 before 1
           "01040204020000",                // a field twice
           "010c0200",                      // a flag that is neither 0 nor 1
           "010dffffffffffffffffff0100",    // more labels than bytes
           "010d020000",                    // fewer labels than counted
           "010e040000",                    // an unknown redaction flag
           "010f016b04d00f00",              // an unknown flow control flag
           "010f016b0101d00f00",            // a negative parallelism
           "010f016b000100",                // a negative period
           "0105ff0100",                    // a text longer than the record
           "0104ffffffffffffffffffffff00",  // a number of more than ten bytes
       }) {
    EXPECT_FALSE(decoded_hex(hex)) << hex;
  }
}

TEST(PublishOptionsEncoding, AnyChangedByteReadsAsNothingOrAsOptionsThatEncodeAgain) {
  const std::string whole = encoded(everything());
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    if (const auto options = decode_publish_options(bytes)) {
      EXPECT_EQ(decode_publish_options(encoded(*options)), options);
    }
  }
}

}  // namespace
}  // namespace ferry
