#include "dispatch/senders/rocketmq_frame.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "base/cuts.h"

namespace ferry::dispatch {
namespace {

std::string frame_text(const std::string& head, const std::string& body, char encoding = 0) {
  std::string text(3, '\0');
  text += static_cast<char>(4 + head.size() + body.size());
  text += encoding;
  text += std::string(2, '\0');
  text += static_cast<char>(head.size());
  return text + head + body;
}

ErrorCode refusal(std::string_view frame) {
  const auto read = read_rocketmq_frame(frame);
  return read ? ErrorCode::kCount : read.error().code;
}

TEST(RocketMqFrame, IsWrittenAsTheProtocolHasIt) {
  const RocketMqFrame request{.code = 105,
                              .opaque = 7,
                              .fields = {{"topic", "t"}, {"acceptStandardJsonOnly", "true"}},
                              .body = Bytes::copy("12345")};
  const std::string head = R"({"code":105,"language":"CPP","version":435,"opaque":7,"flag":0,)"
                           R"("extFields":{"acceptStandardJsonOnly":"true","topic":"t"}})";
  EXPECT_EQ(write_rocketmq_head(request) + "12345", frame_text(head, "12345"));
}

TEST(RocketMqFrame, IsReadWithEverythingInIt) {
  const auto frame = read_rocketmq_frame(
      frame_text(R"({"code":17,"flag":1,"language":"JAVA","opaque":7,"remark":"no topic",)"
                 R"("extFields":{"msgId":"1","n":null},"version":435})",
                 "body"));
  ASSERT_TRUE(frame.has_value()) << frame.error().text;
  EXPECT_EQ(frame->code, 17);
  EXPECT_EQ(frame->opaque, 7);
  EXPECT_TRUE(frame->is_answer);
  EXPECT_EQ(frame->remark, "no topic");
  EXPECT_EQ(frame->fields.at("msgId"), "1");
  EXPECT_EQ(frame->body.view(), "body");
  EXPECT_FALSE(read_rocketmq_frame(frame_text(R"({"code":1,"flag":2})", ""))->is_answer);
}

TEST(RocketMqFrame, IsRefusedWhenMalformed) {
  EXPECT_EQ(refusal(""), ErrorCode::kProtocolError);
  EXPECT_EQ(refusal(std::string("\0\0\0\4\0\0\0", 7)), ErrorCode::kProtocolError);
  EXPECT_EQ(refusal(frame_text("{}", "", 1)), ErrorCode::kProtocolError);  // binary head
  EXPECT_EQ(refusal(frame_text("[]", "")), ErrorCode::kProtocolError);
  EXPECT_EQ(refusal(frame_text("{\"code\":", "")), ErrorCode::kProtocolError);
  EXPECT_EQ(refusal(frame_text("{}", "")), ErrorCode::kProtocolError);
  std::string long_head = frame_text("{}", "");
  long_head[7] = 100;
  EXPECT_EQ(refusal(long_head), ErrorCode::kProtocolError);
}

// A code read as 0 is a success, so nothing but 0 may be read as 0.
TEST(RocketMqFrame, NumbersThatDoNotFitAreRefused) {
  const auto code_of = [](const std::string& code) -> std::optional<std::int32_t> {
    const auto frame = read_rocketmq_frame(frame_text("{\"flag\":1,\"code\":" + code + "}", ""));
    return frame ? std::optional(frame->code) : std::nullopt;
  };
  EXPECT_EQ(code_of("0"), 0);
  EXPECT_EQ(code_of("2147483647"), std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(code_of("-2147483648"), std::numeric_limits<std::int32_t>::min());
  for (const char* code : {"2147483648", "-2147483649", "4294967296", "18446744073709551616",
                           "1e300", "0.5", "\"0\"", "null", "[]"}) {
    EXPECT_EQ(code_of(code), std::nullopt) << code;
  }
  EXPECT_EQ(refusal(frame_text(R"({"code":0,"flag":4294967297})", "")), ErrorCode::kProtocolError);
  EXPECT_EQ(refusal(frame_text(R"({"code":0,"opaque":4294967296})", "")),
            ErrorCode::kProtocolError);
}

TEST(RocketMqFrame, IsFoundHoweverItsBytesAreCut) {
  const std::string two = frame_text(R"({"code":0,"flag":1})", "body") +
                          frame_text(R"({"code":1,"flag":1,"opaque":9})", "");
  const auto codes_and_bodies = [&](cuts::Ends ends) {
    std::string found;
    const auto put = [&](std::string_view piece) -> std::size_t {
      std::size_t taken = 0;
      for (;;) {
        const auto bytes = rocketmq_frame_bytes(piece.substr(taken));
        EXPECT_TRUE(bytes.has_value());
        if (!bytes || !*bytes || piece.size() - taken < **bytes) return taken;
        const auto frame = read_rocketmq_frame(piece.substr(taken, **bytes));
        EXPECT_TRUE(frame.has_value());
        if (frame) found += std::to_string(frame->code) + std::string(frame->body.view()) + ";";
        taken += **bytes;
      }
    };
    EXPECT_EQ(cuts::put_in_pieces(two, ends, put, [] { return false; }), two.size());
    return found;
  };
  EXPECT_EQ(codes_and_bodies({}), "0body;1;");
  EXPECT_EQ(cuts::first_difference(two, codes_and_bodies), "");
}

TEST(RocketMqFrame, TellsItsLengthFromItsBeginning) {
  EXPECT_EQ(*rocketmq_frame_bytes(""), std::nullopt);
  EXPECT_EQ(*rocketmq_frame_bytes(std::string("\0\0\0", 3)), std::nullopt);
  EXPECT_EQ(**rocketmq_frame_bytes(std::string("\0\0\1\2", 4)), 4u + 258u);
  EXPECT_EQ(**rocketmq_frame_bytes(std::string("\x00\x40\x00\x00", 4)), 4u + (4u << 20));
  EXPECT_FALSE(rocketmq_frame_bytes(std::string("\x00\x40\x00\x01", 4)).has_value());
  EXPECT_FALSE(rocketmq_frame_bytes(std::string("\0\0\0\3", 4)).has_value());
  EXPECT_FALSE(rocketmq_frame_bytes("HTTP/1.1 400").has_value());
}

// Made with the signing class of org.apache.rocketmq:rocketmq-acl 5.1.4.
TEST(RocketMqFrame, IsSignedAsTheOfficialClientDoes) {
  const RocketMqFrame request{.code = 310,
                              .fields = {{"AccessKey", "AK"},
                                         {"SecurityToken", "STS"},
                                         {"a", "ferry"},
                                         {"b", "results"},
                                         {"i", "KEYS\x01r-1:s\x02"}},
                              .body = Bytes::copy(R"({"a":1})")};
  EXPECT_EQ(rocketmq_signature(request, "SK"), "kwpwcvRrpeXMaqlQD2HY/yu0c/c=");
}

}  // namespace
}  // namespace ferry::dispatch
