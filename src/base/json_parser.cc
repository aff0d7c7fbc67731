#include "base/json_parser.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <exception>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json_tape.h"

// boost::json::basic_parser knows the grammar; TapeBuilder puts what it finds on a tape. A
// container's elements are gathered on a stack while it is open and copied to the tape, side by
// side, when it ends.

namespace ferry {
namespace {

namespace json = boost::json;
using std::size_t;
using ErrorCodeOf = json::error_code;  // of the parser, not of ours

std::unexpected<Error> invalid(std::string text) {
  return fail(ErrorCode::kInvalidBody, "invalid JSON body: " + std::move(text));
}

class TapeBuilder {
 public:
  static constexpr size_t max_object_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_array_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_key_size = std::numeric_limits<std::uint32_t>::max();
  static constexpr size_t max_string_size = std::numeric_limits<std::uint32_t>::max();

  TapeBuilder(JsonParser::TakeElement take, JsonLimits limits)
      : take_(std::move(take)), limits_(limits) {}

  const std::optional<Error>& error() const { return error_; }
  std::unique_ptr<const JsonTape> take_tape() { return std::move(tape_); }

  bool on_document_begin(ErrorCodeOf&) { return true; }
  bool on_document_end(ErrorCodeOf&) { return true; }
  bool on_object_begin(ErrorCodeOf& code) {
    if (take_ && open_.empty()) return refuse("the text is no array", code);
    return begin(JsonKind::kObject);
  }
  bool on_array_begin(ErrorCodeOf&) { return begin(JsonKind::kArray); }
  bool on_object_end(size_t, ErrorCodeOf& code) { return end_object(code); }
  bool on_array_end(size_t, ErrorCodeOf& code) { return end_array(code); }
  bool on_key_part(json::string_view part, size_t, ErrorCodeOf& code) { return append(part, code); }
  bool on_key(json::string_view part, size_t, ErrorCodeOf& code) { return end_name(part, code); }
  bool on_string_part(json::string_view part, size_t, ErrorCodeOf& code) {
    return append(part, code);
  }
  bool on_string(json::string_view part, size_t, ErrorCodeOf& code) {
    return append(part, code) && put_text(JsonKind::kText, code);
  }
  bool on_number_part(json::string_view part, ErrorCodeOf& code) { return append(part, code); }
  bool on_int64(std::int64_t, json::string_view part, ErrorCodeOf& code) {
    return put_number(part, code);
  }
  bool on_uint64(std::uint64_t, json::string_view part, ErrorCodeOf& code) {
    return put_number(part, code);
  }
  bool on_double(double, json::string_view part, ErrorCodeOf& code) {
    return put_number(part, code);
  }
  bool on_bool(bool flag, ErrorCodeOf& code) {
    return put({.place = 0, .size = 0, .kind = JsonKind::kBool, .flag = flag}, code);
  }
  bool on_null(ErrorCodeOf& code) { return put({}, code); }
  bool on_comment_part(json::string_view, ErrorCodeOf&) { return true; }
  bool on_comment(json::string_view, ErrorCodeOf&) { return true; }

 private:
  struct Open {
    JsonKind kind;
    size_t first;                  // of its elements or members on the stack
    std::uint64_t name_place = 0;  // of the member that is being read
    std::uint32_t name_bytes = 0;
  };

  bool begin(JsonKind kind) {
    open_.push_back(
        {kind, kind == JsonKind::kArray ? element_stack_.size() : member_stack_.size()});
    return true;
  }
  bool append(json::string_view part, ErrorCodeOf& code) {
    if (tape_->texts.size() + part.size() > limits_.text_bytes_max) {
      error_ = fail(ErrorCode::kTooLarge).error();
      code = json::error::incomplete;  // any error ends the parsing
      return false;
    }
    tape_->texts.append(part.data(), part.size());
    return true;
  }
  bool put_number(json::string_view part, ErrorCodeOf& code) {
    return append(part, code) && put_text(JsonKind::kNumber, code);
  }
  bool put_text(JsonKind kind, ErrorCodeOf& code);
  bool put(const JsonTape::Node& node, ErrorCodeOf& code);
  bool end_name(json::string_view part, ErrorCodeOf& code);
  bool end_array(ErrorCodeOf& code);
  bool end_object(ErrorCodeOf& code);
  bool take_element(ErrorCodeOf& code);
  void order_members(size_t first);
  bool refuse(std::string text, ErrorCodeOf& code) {
    error_ = invalid(std::move(text)).error();
    code = json::error::incomplete;  // any error ends the parsing
    return false;
  }

  JsonParser::TakeElement take_;
  JsonLimits limits_;
  std::unique_ptr<JsonTape> tape_ = std::make_unique<JsonTape>();
  std::vector<Open> open_;
  std::vector<std::uint32_t> element_stack_;
  std::vector<JsonTape::Member> member_stack_;
  std::uint64_t text_begin_ = 0;  // of the name, string or number that is being read
  std::optional<Error> error_;
};

bool TapeBuilder::put_text(JsonKind kind, ErrorCodeOf& code) {
  const std::uint64_t place = text_begin_;
  const auto bytes = static_cast<std::uint32_t>(tape_->texts.size() - place);
  text_begin_ = tape_->texts.size();
  return put({.place = place, .size = bytes, .kind = kind}, code);
}

bool TapeBuilder::put(const JsonTape::Node& node, ErrorCodeOf& code) {
  if (tape_->nodes.size() >= limits_.values_max) {
    return refuse("more than " + std::to_string(limits_.values_max) + " values", code);
  }
  const auto place = static_cast<std::uint32_t>(tape_->nodes.size());
  tape_->nodes.push_back(node);
  if (open_.empty()) {
    if (take_) return refuse("the text is no array", code);
    tape_->root = place;
    return true;
  }
  const Open& open = open_.back();
  if (open.kind == JsonKind::kArray) {
    if (take_ && open_.size() == 1) return tape_->root = place, take_element(code);
    element_stack_.push_back(place);
  } else {
    member_stack_.push_back({open.name_place, open.name_bytes, place, 0});
  }
  return true;
}

bool TapeBuilder::end_name(json::string_view part, ErrorCodeOf& code) {
  if (!append(part, code)) return false;
  Open& open = open_.back();
  open.name_place = text_begin_;
  open.name_bytes = static_cast<std::uint32_t>(tape_->texts.size() - text_begin_);
  text_begin_ = tape_->texts.size();
  if (member_stack_.size() - open.first < kJsonMembersMax) return true;
  return refuse("an object has more than " + std::to_string(kJsonMembersMax) + " members", code);
}

bool TapeBuilder::take_element(ErrorCodeOf& code) {
  Result<void> taken = take_(JsonValue(*tape_, tape_->root));
  tape_->clear();
  text_begin_ = 0;
  if (taken) return true;
  error_ = std::move(taken.error());
  code = json::error::incomplete;
  return false;
}

bool TapeBuilder::end_array(ErrorCodeOf& code) {
  const size_t first = open_.back().first;
  const JsonTape::Node node{.place = tape_->elements.size(),
                            .size = static_cast<std::uint32_t>(element_stack_.size() - first),
                            .kind = JsonKind::kArray};
  tape_->elements.insert(tape_->elements.end(),
                         element_stack_.begin() + static_cast<std::ptrdiff_t>(first),
                         element_stack_.end());
  element_stack_.resize(first);
  open_.pop_back();
  if (take_ && open_.empty()) {
    tape_->root = 0;
    tape_->nodes.push_back(node);
    return true;
  }
  return put(node, code);
}

bool TapeBuilder::end_object(ErrorCodeOf& code) {
  const size_t first = open_.back().first;
  order_members(first);
  const JsonTape::Node node{.place = tape_->members.size(),
                            .size = static_cast<std::uint32_t>(member_stack_.size() - first),
                            .kind = JsonKind::kObject};
  tape_->members.insert(tape_->members.end(),
                        member_stack_.begin() + static_cast<std::ptrdiff_t>(first),
                        member_stack_.end());
  member_stack_.resize(first);
  open_.pop_back();
  return put(node, code);
}

// Leaves the last of the members of each name, in the place of the first, and orders them by hash.
void TapeBuilder::order_members(size_t first) {
  std::vector<JsonTape::Member>& all = member_stack_;
  const bool hashed = all.size() - first > JsonTape::kUnhashedMembersMax;
  const auto same_name = [&](const JsonTape::Member& a, const JsonTape::Member& b) {
    return a.hash == b.hash && tape_->name_of(a) == tape_->name_of(b);
  };
  std::vector<std::uint32_t> order(all.size() - first);
  std::iota(order.begin(), order.end(), 0u);
  if (hashed) {
    for (size_t i = first; i < all.size(); ++i)
      all[i].hash = json_name_hash(tape_->name_of(all[i]));
    std::ranges::sort(order, {},
                      [&](std::uint32_t at) { return std::pair(all[first + at].hash, at); });
  }
  // In `order` members of one name stand side by side when they are hashed; else all are compared.
  std::vector<bool> dropped(order.size());
  bool any_dropped = false;
  for (size_t i = 0; i < order.size(); ++i) {
    JsonTape::Member& kept = all[first + order[i]];
    if (dropped[order[i]]) continue;
    for (size_t j = i + 1; j < order.size(); ++j) {
      JsonTape::Member& later = all[first + order[j]];
      if (hashed && later.hash != kept.hash) break;
      if (dropped[order[j]] || !same_name(kept, later)) continue;
      kept.node = later.node;
      dropped[order[j]] = any_dropped = true;
    }
  }
  if (any_dropped) {
    size_t end = first;
    for (size_t i = first; i < all.size(); ++i) {
      if (!dropped[i - first]) all[end++] = all[i];
    }
    all.resize(end);
    return order_members(first);  // nothing is dropped a second time
  }
  tape_->by_hash.insert(tape_->by_hash.end(), order.begin(), order.end());
}

json::parse_options parse_options() {
  json::parse_options options;
  options.max_depth = kJsonLevelsMax;
  return options;
}

}  // namespace

struct JsonParser::State {
  State(TakeElement take, JsonLimits limits) : parser(parse_options(), std::move(take), limits) {}

  TapeBuilder& builder() { return parser.handler(); }  // tree: allow, Boost's word

  Result<void> write(bool more, std::string_view piece) {
    try {
      json::error_code code;
      const size_t used = parser.write_some(more, piece.data(), piece.size(), code);
      if (builder().error()) return std::unexpected(*builder().error());
      if (!code && used < piece.size()) code = json::error::extra_data;
      if (code) return invalid(code.message());
    } catch (const std::exception& problem) {
      return invalid(problem.what());
    }
    return {};
  }

  json::basic_parser<TapeBuilder> parser;
};

JsonParser::JsonParser(JsonLimits limits) : JsonParser(nullptr, limits) {}
JsonParser::JsonParser(TakeElement take, JsonLimits limits)
    : state_(std::make_unique<State>(std::move(take), limits)) {}
JsonParser::~JsonParser() = default;

Result<void> JsonParser::feed(std::string_view piece) {
  if (piece.empty()) return {};
  return state_->write(true, piece);
}

Result<JsonDocument> JsonParser::finish() {
  if (!state_->parser.done()) RETURN_IF_ERROR(state_->write(false, ""));
  return JsonDocument(state_->builder().take_tape());
}

}  // namespace ferry
