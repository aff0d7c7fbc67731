#include "api/list_answer.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "api/answers.h"
#include "api/store_read.h"
#include "http/answer_stream.h"
#include "http/byte_budget.h"
#include "http/claim_wait.h"

namespace ferry::api {
namespace {

constexpr Duration kMemoryWaitMax = std::chrono::seconds(10);

std::unexpected<Error> overloaded() {
  return fail(ErrorCode::kOverloaded, "too many answers are being sent at once");
}

std::unexpected<Error> has_changed() {
  return fail(ErrorCode::kConflict, "what was being sent has changed");
}

// The text of an answer, in order. One coroutine at a time uses it.
class ListText {
 public:
  ListText(const Context& context, ListPlan plan)
      : context_(context),
        plan_(std::move(plan)),
        party_(http::Party::of_caller(static_cast<std::uint64_t>(plan_.tenant.value))) {
    sections_.push_back(std::move(plan_.page));
  }

  // Waits for the memory that the answer holds until its end.
  Awaitable<bool> claim_memory();
  // At most kPartBytes; empty at the end.
  Awaitable<Result<std::string>> next();
  void let_go();

 private:
  Awaitable<Result<void>> make_text();
  Awaitable<Result<ListPart>> read_part(ReadPart read, PartRequest request);
  Awaitable<Result<void>> cut_to_page(ListPart& part);
  void set_text(std::string prefix, ListPart part);
  void end_section(const std::string& next_place);
  Awaitable<Result<void>> restore();
  void keep_or_drop_rest();

  const Context& context_;
  ListPlan plan_;
  const http::Party party_;
  std::unique_ptr<http::ByteBudget::Claim> claim_;
  std::unique_ptr<http::ByteBudget::Claim> rest_claim_;  // of a text larger than a piece

  std::vector<ListSection> sections_;  // the page, then what its end made of the rest
  std::size_t section_ = 0;
  bool section_opened_ = false;
  PartRequest request_;      // of the next part
  std::size_t entries_ = 0;  // of this section so far
  std::size_t page_bytes_ = 0;
  PageEnd end_;
  std::string closing_;
  bool ended_ = false;
  std::optional<ListPart> whole_page_;  // kept for a section that repeats it

  // The text that was made last: what stands in front of a part, and the part.
  std::string prefix_;
  std::string json_;
  std::size_t given_ = 0;
  std::size_t text_bytes_ = 0;
  bool is_one_entry_ = false;  // it can be read again
  ReadPart text_read_;
  PartRequest text_request_;
  bool dropped_ = false;  // the text was let go of before it was all given out
};

Awaitable<bool> ListText::claim_memory() {
  if (context_.answers == nullptr) co_return true;
  claim_ = context_.answers->claim(party_, std::min(kPartBytes, context_.answers->bytes_max()));
  claim_->end_transfer();  // a reader that is too slow is recalled by what it was sent
  co_return co_await http::wait_until_granted(*claim_, kMemoryWaitMax);
}

Awaitable<Result<std::string>> ListText::next() {
  if (dropped_) {
    if (const Result<void> again = co_await restore(); !again) {
      co_return std::unexpected(again.error());
    }
  }
  while (given_ == text_bytes_ && !ended_) {
    if (const Result<void> made = co_await make_text(); !made) {
      co_return std::unexpected(made.error());
    }
  }
  std::string piece = prefix_.substr(std::min(given_, prefix_.size()));
  const std::size_t at = given_ + piece.size() - prefix_.size();
  piece.append(json_, at, kPartBytes);
  given_ += piece.size();
  keep_or_drop_rest();
  co_return piece;
}

// Text larger than a piece is one entry, or a part whose texts grew in JSON. The entry is kept as
// far as there is memory; without, it is read again for the next piece.
void ListText::keep_or_drop_rest() {
  if (given_ == text_bytes_) {
    std::string().swap(json_);  // assigning one would keep the memory
    rest_claim_.reset();
    return;
  }
  if (rest_claim_ || context_.answers == nullptr) return;
  const std::size_t rest = text_bytes_ - given_;
  if (!is_one_entry_) {
    rest_claim_ = context_.answers->claim_at_once(party_, rest);
  } else {
    rest_claim_ = context_.answers->claim(party_, rest);
  }
  if (rest_claim_) rest_claim_->end_transfer();
  if (!rest_claim_ || !rest_claim_->is_granted()) let_go();
}

void ListText::let_go() {
  if (given_ == text_bytes_ || !is_one_entry_) return;
  rest_claim_.reset();
  std::string().swap(json_);
  dropped_ = true;
}

Awaitable<Result<void>> ListText::restore() {
  Result<ListPart> part = co_await read_part(text_read_, text_request_);
  if (!part) co_return std::unexpected(part.error());
  if (prefix_.size() + part->json.size() != text_bytes_) co_return has_changed();
  json_ = std::move(part->json);
  dropped_ = false;
  co_return Result<void>();
}

Awaitable<Result<ListPart>> ListText::read_part(ReadPart read, PartRequest request) {
  const ReadKind kind = plan_.is_lookup   ? ReadKind::kLookup
                        : request.goes_on ? ReadKind::kRestOfScan
                                          : ReadKind::kScan;
  co_return co_await read_store(
      context_, plan_.tenant, kind,
      [read = std::move(read), request = std::move(request)] { return read(request); });
}

// The next part with what stands in front of it, or in the end what stands behind all.
Awaitable<Result<void>> ListText::make_text() {
  given_ = 0;
  if (section_ == sections_.size()) {
    set_text(closing_, {});
    ended_ = true;
    co_return Result<void>();
  }
  std::string prefix;
  if (!section_opened_) {
    const ListSection& section = sections_[section_];
    prefix = section.opening;
    request_ = {.from = section.from, .entries_max = section.entries_max};
    request_.goes_on = section_ > 0;
    section_opened_ = true;
  }
  const ReadPart read = sections_[section_].read;
  ListPart part;
  if (sections_[section_].repeats_page && whole_page_) {
    part = std::move(*whole_page_);
    whole_page_.reset();
  } else if (request_.entries_max > 0) {
    Result<ListPart> found = co_await read_part(read, request_);
    if (!found) co_return std::unexpected(found.error());
    part = std::move(*found);
  }
  if (section_ == 0) {
    if (const Result<void> cut = co_await cut_to_page(part); !cut) co_return cut;
  }
  if (entries_ > 0 && !part.ends.empty()) prefix += ',';
  text_read_ = read;
  text_request_ = request_;
  entries_ += part.ends.size();
  request_.from = part.next;
  request_.entries_max -= std::min(request_.entries_max, part.ends.size());
  request_.goes_on = true;
  const bool page_is_full =
      section_ == 0 && (part.cut_short || page_bytes_ >= plan_.page_bytes_max);
  const bool is_last = part.next.empty() || request_.entries_max == 0 || page_is_full;
  const bool is_whole_page = section_ == 0 && is_last && entries_ == part.ends.size();
  if (is_whole_page && part.json.size() <= kPartBytes) whole_page_ = part;
  set_text(std::move(prefix), std::move(part));
  if (is_last) end_section(request_.from);
  co_return Result<void>();
}

void ListText::set_text(std::string prefix, ListPart part) {
  is_one_entry_ = part.ends.size() == 1;
  prefix_ = std::move(prefix);
  json_ = std::move(part.json);
  text_bytes_ = prefix_.size() + json_.size();
}

// A part that would make the page too long is cut to what fits; of the first one at least
// an entry.
Awaitable<Result<void>> ListText::cut_to_page(ListPart& part) {
  if (entries_ == 0) end_.start = part.start;
  std::size_t fitting = part.ends.size();
  const std::size_t room = plan_.page_bytes_max - std::min(plan_.page_bytes_max, page_bytes_);
  while (fitting > 0 && part.ends[fitting - 1] > room) --fitting;
  if (fitting == part.ends.size()) {
    page_bytes_ += part.json.size();
    co_return Result<void>();
  }
  page_bytes_ = plan_.page_bytes_max;
  if (entries_ == 0 && part.ends.size() == 1) co_return Result<void>();
  if (fitting == 0 && entries_ > 0) {
    part = ListPart();
    part.next = request_.from;
    co_return Result<void>();
  }
  // Read once more, for the place behind its last entry.
  PartRequest shorter = request_;
  shorter.entries_max = std::max<std::size_t>(fitting, 1);
  Result<ListPart> again = co_await read_part(sections_[0].read, shorter);
  if (!again) co_return std::unexpected(again.error());
  part = std::move(*again);
  request_.entries_max = shorter.entries_max;
  co_return Result<void>();
}

void ListText::end_section(const std::string& next_place) {
  if (section_ == 0) {
    end_.cursor = next_place;
    end_.entries = entries_;
    ListRest rest = plan_.rest ? plan_.rest(end_) : ListRest();
    for (ListSection& section : rest.sections) sections_.push_back(std::move(section));
    closing_ = std::move(rest.closing);
    const bool is_repeated = std::ranges::any_of(sections_, &ListSection::repeats_page);
    if (!is_repeated) whole_page_.reset();
  }
  section_opened_ = false;
  entries_ = 0;
  ++section_;
}

}  // namespace

Awaitable<Answered> answer_list(const Context& context, ListPlan plan) {
  const auto text = std::make_shared<ListText>(context, std::move(plan));
  if (!co_await text->claim_memory()) co_return overloaded();
  std::string whole;
  while (whole.size() < kPartBytes) {
    Result<std::string> piece = co_await text->next();
    if (!piece) co_return std::unexpected(std::move(piece.error()));
    if (piece->empty()) co_return json_answer(std::move(whole));
    whole += *piece;
  }
  http::ServerResponse response = json_answer(std::move(whole));
  response.stream = {.next = [text] { return text->next(); }, .let_go = [text] { text->let_go(); }};
  co_return response;
}

Awaitable<Answered> answer_whole_list(const Context& context, TenantId tenant, ReadPart read) {
  ListPlan plan;
  plan.tenant = tenant;
  plan.is_lookup = true;
  plan.page = {.opening = "[", .read = std::move(read)};
  plan.page_bytes_max = std::numeric_limits<std::size_t>::max();
  plan.rest = [](const PageEnd&) { return ListRest{{}, "]"}; };
  co_return co_await answer_list(context, std::move(plan));
}

ReadPart read_all(std::size_t count, std::function<void(JsonWriter& json, std::size_t at)> write) {
  return [count, write = std::move(write)](const PartRequest& request) {
    ListPart part;
    std::size_t at = request.from.empty() ? 0 : std::stoull(request.from);
    for (; at < count && !is_full(part, request); ++at) {
      add_entry(part, [&](JsonWriter& json) { write(json, at); });
    }
    if (at < count) part.next = std::to_string(at);
    return Result<ListPart>(std::move(part));
  };
}

Awaitable<Answered> answer_all(const Context& context, TenantId tenant, std::size_t count,
                               std::function<void(JsonWriter& json, std::size_t at)> write) {
  co_return co_await answer_whole_list(context, tenant, read_all(count, std::move(write)));
}

Awaitable<Answered> answer_one(const Context& context, TenantId tenant, ReadPart read) {
  ListPlan plan;
  plan.tenant = tenant;
  plan.is_lookup = true;
  plan.page.read = std::move(read);
  plan.page.entries_max = 1;
  co_return co_await answer_list(context, std::move(plan));
}

}  // namespace ferry::api
