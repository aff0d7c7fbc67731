#include "store/row_memory.h"

#include <gtest/gtest.h>

#include "store/test_rows.h"

namespace ferry::store {

using namespace test;

namespace {

TEST(RowMemory, GrowsWithWhatIsInARow) {
  UrlGroup group = *make_url_group("g");
  const auto bytes = [&] { return row_memory(std::make_shared<const UrlGroup>(group)); };
  const std::size_t before = bytes();
  EXPECT_GT(before, sizeof(UrlGroup));
  group.endpoints.push_back({.name = "n", .url = std::string(1'000, 'u')});
  EXPECT_GE(bytes(), before + 1'000 + sizeof(Endpoint));
  EXPECT_LT(bytes(), before + 1'200);
  group.default_headers.add("X-Large", std::string(5'000, 'h'));
  group.defaults.forward_headers.add("X-Large", std::string(5'000, 'h'));
  EXPECT_GE(bytes(), before + 11'000);
}

TEST(RowMemory, OfEveryKindIsThatOfItsTexts) {
  for (int kind = 1; kind <= 6; ++kind) {
    const auto bytes = [&](std::size_t name) {
      return row_memory(make_resource(static_cast<ResourceKind>(kind), std::string(name, 'n')));
    };
    EXPECT_GE(bytes(300), bytes(100) + 200) << kind;
  }
}

TEST(RowMemory, ABodyInItsRowIsNoPartOfItsSchedule) {
  Schedule schedule = *make_schedule("s");
  const std::size_t before = row_memory(std::make_shared<const Schedule>(schedule));
  schedule.body_bytes = 1 << 20;
  EXPECT_EQ(row_memory(std::make_shared<const Schedule>(schedule)), before);
  EXPECT_EQ(row_memory(make_schedule_body("s")), make_schedule_body("s")->body.size());
}

}  // namespace
}  // namespace ferry::store
