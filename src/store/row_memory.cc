#include "store/row_memory.h"

#include <string>

#include "store/function_fields.h"
#include "store/message_fields.h"
#include "store/resource_fields.h"

namespace ferry::store {
namespace {

constexpr std::size_t kRowOverhead = 160;        // pointers, place and key in the engine's table
constexpr std::size_t kAllocationOverhead = 16;  // of one text
constexpr std::size_t kTextInPlaceMax = 15;      // a shorter text takes no memory of its own

// Adds up what the fields of a row take besides the row itself.
class FieldMemory {
 public:
  template <class T>
  void operator()(std::string_view, const T& value) {
    add(value);
  }
  template <class T>
  void present(std::string_view, const std::shared_ptr<const T>& value) {
    add(value);
  }
  template <class T>
  void some(std::string_view, const std::vector<T>& values) {
    add(values);
  }
  template <class... Flags>
  void bits(Bit<Flags>...) {}
  template <class List>
  void since(std::uint8_t, List list) {
    list();
  }
  std::size_t bytes() const { return bytes_; }

 private:
  template <class T>
  void add(const T& value) {
    if constexpr (is_optional<T>) {
      if (value) add(*value);
    } else if constexpr (is_shared<T>) {
      if (value == nullptr) return;
      bytes_ += sizeof(*value) + kAllocationOverhead;
      add(*value);
    } else if constexpr (is_vector<T>) {
      bytes_ += value.size() * sizeof(typename T::value_type);
      for (const auto& each : value) add(each);
    } else if constexpr (Listed<T>) {
      FieldsOf<T>::list(*this, value);
    }
  }
  void add(const std::string& value) {
    if (value.size() > kTextInPlaceMax) bytes_ += value.size() + kAllocationOverhead;
  }
  void add(const Bytes& value) { bytes_ += value.size(); }
  void add(const HeaderList& value) {
    for (const HeaderField& header : value) {
      bytes_ += sizeof header;
      add(header.name);
      add(header.value);
    }
  }
  // Its parts are in memory about as they are stored, headers with some more.
  void add(const PublishOptions& value) {
    std::string encoded;
    encode_publish_options(value, encoded);
    bytes_ += encoded.size() + value.forward_headers.size() * sizeof(HeaderField);
  }

  std::size_t bytes_ = 0;
};

}  // namespace

std::size_t row_memory(const Resource& resource) {
  if (const auto* body = std::get_if<ScheduleBodyPtr>(&resource)) return (*body)->body.size();
  return std::visit(
      [](const auto& row) {
        FieldMemory memory;
        FieldsOf<std::remove_cvref_t<decltype(*row)>>::list(memory, *row);
        return kRowOverhead + sizeof(*row) + memory.bytes();
      },
      resource);
}

}  // namespace ferry::store
