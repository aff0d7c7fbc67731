#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/header_list.h"

namespace ferry {

// Writes JSON straight into one string: no tree, no copy of a large body. The caller keeps begin
// and end in pairs; commas are put by the writer.
//
//   JsonWriter json;
//   json.begin_object().field("status", 200).field_base64("body", body).end_object();
//   send(std::move(json).take());
class JsonWriter {
 public:
  JsonWriter() = default;
  explicit JsonWriter(std::size_t reserve) { out_.reserve(reserve); }

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::uint64_t number);
  // The shortest text that reads back as the same number; NaN and the infinities become null.
  JsonWriter& value(double number);
  JsonWriter& value(bool flag);
  JsonWriter& value_base64(std::string_view data);
  // `json` is put as it is; the caller vouches for it.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  // Nothing for an empty text: optional fields are left out, never sent empty.
  JsonWriter& field_if(std::string_view name, std::string_view text) {
    return text.empty() ? *this : key(name).value(text);
  }
  JsonWriter& field_base64(std::string_view name, std::string_view data) {
    return key(name).value_base64(data);
  }
  // {"Canonical-Name": ["v1", "v2"]} (contract section 0.1), names in ascending order.
  JsonWriter& value_headers(const HeaderList& headers);

  // The length so far, to remember the place of a gap that is filled later.
  std::size_t size() const { return out_.size(); }
  const std::string& text() const { return out_; }
  std::string take() && { return std::move(out_); }
  // Forgets what was written and keeps the memory, for a writer that is used again.
  void clear();

 private:
  void separate();

  std::string out_;
  bool comma_ = false;
};

// `text` between quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace ferry
