#include "app/cli/client/session.h"

#include "app/cli/exit_codes.h"
#include "base/encoding.h"

namespace ferry::app::cli {
namespace {

constexpr std::size_t kAnswerValuesMax = 20'000'000;  // a page of the largest list has fewer

}  // namespace

CallResult<JsonDocument> parse_answer(std::string_view body) {
  auto document = JsonDocument::parse(body, {.values_max = kAnswerValuesMax});
  if (document) return std::move(*document);
  return fail_with(kUnreachable, "the answer is no JSON; is this the URL of a Ferry server?");
}

CallResult<Bytes> Session::call(ServerCall call) {
  ASSIGN_OR_RETURN(ServerAnswer answer, connection_.exchange(std::move(call)));
  return std::move(answer.body);
}

CallResult<JsonDocument> Session::ask(ServerCall request) {
  ASSIGN_OR_RETURN(const Bytes body, call(std::move(request)));
  return parse_answer(body.view());
}

CallResult<void> Session::show(ServerCall request, const TextOf& text_of) {
  ASSIGN_OR_RETURN(const Bytes body, call(std::move(request)));
  if (json()) {
    print_json(body.view());
    return {};
  }
  ASSIGN_OR_RETURN(const JsonDocument document, parse_answer(body.view()));
  console_.print(text_of(document.root()));
  return {};
}

CallResult<void> Session::carry_out(ServerCall request, std::string_view done_text) {
  ASSIGN_OR_RETURN(const Bytes body, call(std::move(request)));
  if (json()) {
    print_json(body.view());
  } else {
    console_.print(std::string(done_text) + "\n");
  }
  return {};
}

void Session::print_json(std::string_view body) const {
  console_.print(trim(body));
  console_.print("\n");
}

}  // namespace ferry::app::cli
