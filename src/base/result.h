#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/errors.h"

namespace ferry {

// Why something that can fail did. The text is a sentence for the person who caused it: what was
// attempted, on which id, header or field.
struct [[nodiscard]] Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string text;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = std::expected<T, Error>;

// An Error ready to be returned from any function that returns a Result.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text) {
  return std::unexpected(Error{code, std::move(text)});
}

// The same with the catalogue's own text.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code) {
  return fail(code, std::string(error_info(code).text));
}

}  // namespace ferry

#define FERRY_CONCAT_INNER(a, b) a##b
#define FERRY_CONCAT(a, b) FERRY_CONCAT_INNER(a, b)

// Leaves the function with the error of `expression`, a Result<void>.
#define RETURN_IF_ERROR(expression)                       \
  do {                                                    \
    if (auto result = (expression); !result) [[unlikely]] \
      return std::unexpected(std::move(result.error()));  \
  } while (false)

// Declares or assigns `target` from a Result, or leaves the function with its error.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_AS(FERRY_CONCAT(result_of_line_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_AS(name, target, expression) \
  auto name = (expression);                           \
  if (!name) [[unlikely]]                             \
    return std::unexpected(std::move(name.error()));  \
  target = std::move(*name)

// The same inside a coroutine.
#define CO_ASSIGN_OR_RETURN(target, expression) \
  CO_ASSIGN_OR_RETURN_AS(FERRY_CONCAT(result_of_line_, __LINE__), target, expression)
#define CO_ASSIGN_OR_RETURN_AS(name, target, expression) \
  auto name = (expression);                              \
  if (!name) [[unlikely]]                                \
    co_return std::unexpected(std::move(name.error()));  \
  target = std::move(*name)
