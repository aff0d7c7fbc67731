#include "app/cli/table.h"

#include <gtest/gtest.h>

namespace ferry::app::cli {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestText) {
  EXPECT_EQ(format_table({{"NAME", "ID"}, {"a", "1"}, {"longer", "22"}}),
            "NAME    ID\n"
            "a       1\n"
            "longer  22\n");
}

TEST(Table, LinesEndWithoutBlanks) {
  EXPECT_EQ(format_table({{"A", "B"}, {"x", ""}}), "A  B\nx\n");
}

TEST(Table, OfNothingIsEmpty) { EXPECT_EQ(format_table({}), ""); }

}  // namespace
}  // namespace ferry::app::cli
