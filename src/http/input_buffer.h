#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace ferry::http {

// The bytes of one connection that were read and not yet understood, in one flat piece. Small while
// requests are, so that ten thousand idle connections cost 80 MB; it grows for a long head and
// shrinks back once it is empty.
class InputBuffer {
 public:
  static constexpr std::size_t kCapacity = 8u << 10;

  std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  // The first `count` bytes are understood.
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Where to read more bytes to; never empty.
  std::span<char> space() {
    if (empty() && capacity_ != kCapacity) resize(kCapacity);
    if (end_ == capacity_) begin_ > 0 ? compact() : resize(capacity_ * 2);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }

 private:
  void compact() {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  void resize(std::size_t capacity) {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (!empty()) std::memcpy(bytes.get(), bytes_.get() + begin_, end_ - begin_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    end_ -= begin_;
    begin_ = 0;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ferry::http
