#pragma once

#include <expected>
#include <string>
#include <utility>

namespace ferry::app::cli {

// Why a command that calls a server did not do what it was asked, and how the process ends.
struct [[nodiscard]] Failure {
  int exit_code = 0;  // exit_codes.h
  std::string text;

  friend bool operator==(const Failure&, const Failure&) = default;
};

// RETURN_IF_ERROR and ASSIGN_OR_RETURN of base/result.h take these as they take a Result.
template <class T>
using CallResult = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> fail_with(int exit_code, std::string text) {
  return std::unexpected(Failure{exit_code, std::move(text)});
}

}  // namespace ferry::app::cli
