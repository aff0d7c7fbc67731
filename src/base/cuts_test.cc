#include "base/cuts.h"

#include <gtest/gtest.h>

namespace ferry::cuts {
namespace {

// Joins the whole lines of `text`, as a reader does that takes no part of a line.
std::string lines_of(std::string_view text, Ends ends) {
  std::string lines;
  const auto put = [&](std::string_view piece) {
    const std::size_t taken = piece.rfind('\n') + 1;  // 0 when there is none
    lines += piece.substr(0, taken);
    return taken;
  };
  put_in_pieces(text, ends, put, [] { return false; });
  return lines;
}

TEST(Cuts, WhatIsNotTakenComesAgain) {
  const std::size_t ends[] = {1, 3};
  std::vector<std::string> pieces;
  const auto put = [&](std::string_view piece) {
    pieces.emplace_back(piece);
    return pieces.size() == 1 ? 0 : piece.size();
  };
  EXPECT_EQ(put_in_pieces("abcde", ends, put, [] { return false; }), 5u);
  EXPECT_EQ(pieces, (std::vector<std::string>{"a", "abc", "de"}));
}

TEST(Cuts, AReaderOfWholeLinesAgreesWithItself) {
  const std::string_view text = "one\ntwo\n\nrest";
  EXPECT_EQ(first_difference(text, [&](Ends ends) { return lines_of(text, ends); }), "");
}

TEST(Cuts, AReaderThatLooksAtItsPiecesIsFound) {
  const std::string_view text = "abcdef";
  const auto pieces_with_c_and_d = [&](Ends ends) {
    int found = 0;
    const auto put = [&](std::string_view piece) {
      found += piece.find("cd") != piece.npos;
      return piece.size();
    };
    put_in_pieces(text, ends, put, [] { return false; });
    return found;
  };
  EXPECT_EQ(first_difference(text, pieces_with_c_and_d), "cut after byte 3");
  EXPECT_EQ(first_difference(text, [](Ends ends) { return ends.size() > 1; }),
            "cut after every byte");
}

}  // namespace
}  // namespace ferry::cuts
