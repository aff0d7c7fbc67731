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

TEST(Table, CountsCharactersAndNotBytes) {
  EXPECT_EQ(format_table({{"für", "B"}, {"€", "x"}, {"long", "y"}}),
            "für   B\n"
            "€     x\n"
            "long  y\n");
}

TEST(Table, InPartsNeverGetsNarrower) {
  std::vector<std::size_t> widths;
  EXPECT_EQ(format_table({{"NAME", "ID"}, {"longer", "1"}}, widths), "NAME    ID\nlonger  1\n");
  EXPECT_EQ(format_table({{"a", "2"}}, widths), "a       2\n");
}

TEST(Table, OfNothingIsEmpty) { EXPECT_EQ(format_table({}), ""); }

}  // namespace
}  // namespace ferry::app::cli
