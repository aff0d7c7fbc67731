#include "app/shown_settings.h"

#include <gtest/gtest.h>

#include "app/memory_budgets.h"

namespace ferry::app {
namespace {

std::string shown(std::map<std::string, SettingTexts> flags) {
  auto loaded =
      load_settings_with_texts({}, {.file = "", .environment = {}, .flags = std::move(flags)});
  EXPECT_TRUE(loaded) << loaded.error().text;
  loaded->settings = with_memory_budgets(loaded->settings, 1ull << 30);
  return shown_settings(*loaded);
}

TEST(ShownSettings, NameEverySettingWithItsValue) {
  const std::string page = shown({{"region", {"eu"}}});
  for (const SettingInfo& info : setting_table()) {
    EXPECT_TRUE(page.contains(std::string(info.name) + " = ")) << info.name;
  }
  EXPECT_TRUE(page.contains("region = \"eu\"\n")) << page;
  EXPECT_TRUE(page.contains("dedup_window = \"10m\"  # default\n")) << page;
}

TEST(ShownSettings, HaveTheBudgetsThatAreInEffect) {
  const std::string page = shown({{"delivery.body_memory", {"5MB"}}});
  EXPECT_TRUE(page.contains("\nmemory = \"1GB\"  # default\n")) << page;
  EXPECT_TRUE(page.contains("reading_memory = \"192MB\"  # default\n")) << page;
  EXPECT_TRUE(page.contains("inbox_memory = \"64MB\"  # default\n")) << page;
  EXPECT_TRUE(page.contains("answer_memory = \"128MB\"  # default\n")) << page;
  EXPECT_TRUE(page.contains("delivery.body_memory = \"5MB\"\n")) << page;
  EXPECT_TRUE(page.contains("storage.tail_bytes_max = \"64MB\"  # default\n")) << page;
}

TEST(ShownSettings, HideSecrets) {
  const std::string page = shown({{"metrics.token", {"s3cret"}}});
  EXPECT_TRUE(page.contains("metrics.token = \"(hidden)\"\n")) << page;
  EXPECT_FALSE(page.contains("s3cret")) << page;
}

}  // namespace
}  // namespace ferry::app
