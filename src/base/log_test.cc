#include "base/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace ferry::log {
namespace {

// Captures every line while a test runs and leaves the log as it found it.
class Log : public ::testing::Test {
 protected:
  Log() {
    set_sink([this](std::string_view line) { lines_.emplace_back(line); });
  }
  ~Log() override {
    set_sink({});
    configure({});
  }

  // The only line so far without its time, which is the one part a test cannot know.
  std::string only_line() const {
    EXPECT_EQ(lines_.size(), 1u);
    static const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
    return lines_.empty() ? "" : std::regex_replace(lines_.back(), time, "TIME");
  }

  std::vector<std::string> lines_;
};

TEST_F(Log, AJsonLineHasTimeLevelEventAndTheFieldsInOrder) {
  configure({.level = Level::kInfo, .format = Format::kJson});
  info("attempt", {{"delivery", "msg_1"},
                   {"status", 200},
                   {"bytes", std::uint64_t{5'000'000'000}},
                   {"seconds", 0.25},
                   {"reused", true},
                   {"host", std::string("example.com")}});
  EXPECT_EQ(only_line(),
            R"({"time":"TIME","level":"info","event":"attempt","delivery":"msg_1","status":200,)"
            R"("bytes":5000000000,"seconds":0.25,"reused":true,"host":"example.com"})");
}

TEST_F(Log, ATextLineIsKeyValue) {
  configure({.level = Level::kInfo, .format = Format::kText});
  warn("attempt", {{"delivery", "msg_1"}, {"status", -1}, {"seconds", 0.5}, {"reused", false}});
  EXPECT_EQ(only_line(), "TIME warn attempt delivery=msg_1 status=-1 seconds=0.5 reused=false");
}

TEST_F(Log, ATextValueThatCouldPassForSomethingElseIsQuoted) {
  configure({.level = Level::kInfo, .format = Format::kText});
  info("event", {{"blank", "a b"},
                 {"empty", ""},
                 {"equals", "a=b"},
                 {"quote", "a\"b"},
                 {"backslash", "a\\nb"},
                 {"plain", "https://example.com/a?b"}});
  EXPECT_EQ(only_line(), R"(TIME info event blank="a b" empty="" equals="a=b" quote="a\"b" )"
                         R"(backslash="a\\nb" plain=https://example.com/a?b)");
}

TEST_F(Log, NobodyForgesALine) {
  for (const Format format : {Format::kJson, Format::kText}) {
    configure({.level = Level::kInfo, .format = format});
    info("first\nsecond", {{"value", "x\r\n2026-11-21T08:30:00.125Z error forged\x1B[2J"}});
  }
  ASSERT_EQ(lines_.size(), 2u);
  for (const std::string& line : lines_) {
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
}

TEST_F(Log, BytesThatAreNotUtf8NeverReachALine) {
  configure({.level = Level::kInfo, .format = Format::kText});
  info("event", {{"value", "\xFF"}});
  EXPECT_EQ(only_line(), "TIME info event value=\"\uFFFD\"");
}

TEST_F(Log, WritesFromItsLevelUpwardsOnly) {
  configure({.level = Level::kWarn});
  debug("no");
  info("no");
  warn("yes");
  error("yes");
  EXPECT_EQ(lines_.size(), 2u);
  EXPECT_FALSE(enabled(Level::kInfo));
  EXPECT_TRUE(enabled(Level::kWarn));
}

TEST_F(Log, OffWritesNothing) {
  configure({.level = Level::kOff});
  error("no");
  write(Level::kOff, "no", {});
  EXPECT_TRUE(lines_.empty());
  EXPECT_FALSE(enabled(Level::kOff));
}

TEST_F(Log, DebugWritesEverything) {
  configure({.level = Level::kDebug, .format = Format::kText});
  debug("yes");
  EXPECT_EQ(only_line(), "TIME debug yes");
}

TEST_F(Log, LinesOfSeveralThreadsStayWhole) {
  configure({.level = Level::kInfo, .format = Format::kText});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < 200; ++n) info("line", {{"value", std::string(50, 'x')}});
      });
    }
  }
  EXPECT_EQ(lines_.size(), 800u);
  for (const std::string& line : lines_) {
    EXPECT_TRUE(line.ends_with(" info line value=" + std::string(50, 'x'))) << line;
  }
}

TEST_F(Log, GoesToStandardErrorWithoutASink) {
  configure({.level = Level::kInfo, .format = Format::kText});
  set_sink({});
  ::testing::internal::CaptureStderr();
  warn("at_once");
  const std::string immediate = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(immediate.ends_with("Z warn at_once\n")) << immediate;

  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) info("buffered", {{"number", i}});
  flush();
  const std::string flushed = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(flushed.find("info buffered number=0\n"), std::string::npos) << flushed;
  EXPECT_TRUE(flushed.ends_with("info buffered number=2\n")) << flushed;
  EXPECT_TRUE(lines_.empty());
}

TEST(LogNames, AreThoseOfTheConfiguration) {
  EXPECT_EQ(parse_level("debug"), Level::kDebug);
  EXPECT_EQ(parse_level("info"), Level::kInfo);
  EXPECT_EQ(parse_level("warn"), Level::kWarn);
  EXPECT_EQ(parse_level("error"), Level::kError);
  EXPECT_EQ(parse_level("off"), Level::kOff);
  EXPECT_FALSE(parse_level("INFO").has_value());
  EXPECT_FALSE(parse_level("").has_value());
  EXPECT_EQ(parse_format("json"), Format::kJson);
  EXPECT_EQ(parse_format("text"), Format::kText);
  EXPECT_FALSE(parse_format("xml").has_value());
}

}  // namespace
}  // namespace ferry::log
