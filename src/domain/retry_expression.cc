#include "domain/retry_expression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "domain/limits.h"

// The grammar (contract section 6.3), blanks and tabs allowed between any two tokens:
//
//   expr    = term *( ("+" | "-") term )
//   term    = unary *( ("*" | "/" | "%") unary )
//   unary   = ["-" | "+"] primary
//   primary = number | "retried" | name "(" expr *( "," expr ) ")" | "(" expr ")"
//   number  = digits ["." digits] [("e" | "E") ["+" | "-"] digits]
//
// All arithmetic is on doubles. Checking is evaluating with the result thrown away, so a text that
// was accepted at publish always evaluates later.

namespace ferry {
namespace {

using Arguments = std::span<const double>;

// fmin and fmax pass over NaN on either side, so the order of the arguments never matters.
double least(Arguments values) {
  double result = values.front();
  for (const double value : values) result = std::fmin(result, value);
  return result;
}

double greatest(Arguments values) {
  double result = values.front();
  for (const double value : values) result = std::fmax(result, value);
  return result;
}

struct Function {
  std::string_view name;
  std::size_t arguments_min;
  std::size_t arguments_max;
  double (*apply)(Arguments);
};

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

constexpr Function kFunctions[] = {
    {"pow", 2, 2, [](Arguments a) { return std::pow(a[0], a[1]); }},
    {"exp", 1, 1, [](Arguments a) { return std::exp(a[0]); }},
    {"sqrt", 1, 1, [](Arguments a) { return std::sqrt(a[0]); }},
    {"abs", 1, 1, [](Arguments a) { return std::fabs(a[0]); }},
    {"floor", 1, 1, [](Arguments a) { return std::floor(a[0]); }},
    {"ceil", 1, 1, [](Arguments a) { return std::ceil(a[0]); }},
    {"round", 1, 1, [](Arguments a) { return std::round(a[0]); }},
    {"min", 2, kAnyNumber, least},
    {"max", 2, kAnyNumber, greatest},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// One pass over one text. `depth` counts the parentheses around a place.
class Evaluation {
 public:
  Evaluation(std::string_view text, int retried) : text_(text), retried_(retried) {}

  Result<double> run();

 private:
  Result<double> expr(int depth);
  Result<double> term(int depth);
  Result<double> unary(int depth);
  Result<double> primary(int depth);
  Result<double> number();
  Result<double> named(int depth);
  Result<double> call(const Function& function, int depth);

  void skip_blanks();
  char peek();  // the next character that is not blank, or 0 at the end
  bool take(char c);
  Result<void> need(char c);
  void skip_digits();
  bool digit_at(std::size_t place) const { return place < text_.size() && is_digit(text_[place]); }
  std::unexpected<Error> error(std::string_view what) const;

  std::string_view text_;
  std::size_t at_ = 0;
  int retried_;
};

Result<double> Evaluation::run() {
  if (text_.size() > limits::kRetryExpressionBytesMax) {
    return fail(ErrorCode::kInvalidHeader, "the expression is longer than " +
                                               std::to_string(limits::kRetryExpressionBytesMax) +
                                               " bytes");
  }
  ASSIGN_OR_RETURN(const double value, expr(0));
  if (peek() != 0 || at_ < text_.size()) return error("unexpected character");
  return value;
}

Result<double> Evaluation::expr(int depth) {
  if (depth > limits::kRetryExpressionDepthMax) return error("too many levels of parentheses");
  ASSIGN_OR_RETURN(double value, term(depth));
  for (;;) {
    if (take('+')) {
      ASSIGN_OR_RETURN(const double right, term(depth));
      value += right;
    } else if (take('-')) {
      ASSIGN_OR_RETURN(const double right, term(depth));
      value -= right;
    } else {
      return value;
    }
  }
}

Result<double> Evaluation::term(int depth) {
  ASSIGN_OR_RETURN(double value, unary(depth));
  for (;;) {
    if (take('*')) {
      ASSIGN_OR_RETURN(const double right, unary(depth));
      value *= right;
    } else if (take('/')) {
      ASSIGN_OR_RETURN(const double right, unary(depth));
      value /= right;
    } else if (take('%')) {
      ASSIGN_OR_RETURN(const double right, unary(depth));
      value = std::fmod(value, right);
    } else {
      return value;
    }
  }
}

Result<double> Evaluation::unary(int depth) {
  const bool negative = take('-');
  if (!negative) take('+');
  ASSIGN_OR_RETURN(const double value, primary(depth));
  return negative ? -value : value;
}

Result<double> Evaluation::primary(int depth) {
  const char next = peek();
  if (is_digit(next)) return number();
  if (is_letter(next)) return named(depth);
  if (!take('(')) return error("expected a number, 'retried', a function or '('");
  ASSIGN_OR_RETURN(const double value, expr(depth + 1));
  RETURN_IF_ERROR(need(')'));
  return value;
}

Result<double> Evaluation::number() {
  const std::size_t start = at_;
  skip_digits();
  if (at_ < text_.size() && text_[at_] == '.' && digit_at(at_ + 1)) {
    ++at_;
    skip_digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    const bool has_sign =
        at_ + 1 < text_.size() && (text_[at_ + 1] == '+' || text_[at_ + 1] == '-');
    const std::size_t digits = at_ + (has_sign ? 2 : 1);
    if (digit_at(digits)) {
      at_ = digits;
      skip_digits();
    }
  }
  double value = 0;
  const auto result = std::from_chars(text_.data() + start, text_.data() + at_, value);
  if (result.ec != std::errc{}) {
    at_ = start;
    return error("number out of range");
  }
  return value;
}

Result<double> Evaluation::named(int depth) {
  const std::size_t start = at_;
  while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
  const std::string_view name = text_.substr(start, at_ - start);
  if (name == "retried") return retried_;
  const auto* const function = std::ranges::find(kFunctions, name, &Function::name);
  if (function == std::end(kFunctions)) {
    at_ = start;
    return error("unknown name '" + std::string(name) + "'");
  }
  return call(*function, depth);
}

Result<double> Evaluation::call(const Function& function, int depth) {
  RETURN_IF_ERROR(need('('));
  std::vector<double> arguments;
  do {
    ASSIGN_OR_RETURN(const double value, expr(depth + 1));
    arguments.push_back(value);
  } while (take(','));
  RETURN_IF_ERROR(need(')'));
  if (arguments.size() < function.arguments_min || arguments.size() > function.arguments_max) {
    return error("wrong number of arguments of " + std::string(function.name) + "()");
  }
  return function.apply(arguments);
}

void Evaluation::skip_blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

char Evaluation::peek() {
  skip_blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool Evaluation::take(char c) {
  if (peek() != c) return false;
  ++at_;
  return true;
}

Result<void> Evaluation::need(char c) {
  if (!take(c)) return error(std::string("expected '") + c + "'");
  return {};
}

void Evaluation::skip_digits() {
  while (digit_at(at_)) ++at_;
}

std::unexpected<Error> Evaluation::error(std::string_view what) const {
  return fail(ErrorCode::kInvalidHeader,
              std::string(what) + " at character " + std::to_string(at_ + 1));
}

}  // namespace

Result<void> check_retry_expression(std::string_view text) {
  RETURN_IF_ERROR(Evaluation(text, 0).run());
  return {};
}

std::optional<Duration> evaluate_retry_expression(std::string_view text, int retried) {
  const auto value = Evaluation(text, retried).run();
  if (!value || !std::isfinite(*value)) return std::nullopt;
  // Clamped before it becomes an integer: 1e300 is a legal result.
  const auto longest = static_cast<double>(limits::kDelayMax.count());
  return Duration(std::llround(std::clamp(*value, 0.0, longest)));
}

}  // namespace ferry
