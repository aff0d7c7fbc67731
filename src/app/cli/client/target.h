#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"

namespace ferry::app::cli {

// A request target put together: segments and parameters are given as they are meant and encoded
// here.
class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}

  Target& segment(std::string_view name) {
    text_ += "/" + percent_encode(name);
    return *this;
  }
  Target& parameter(std::string_view name, std::string_view value) {
    text_ += std::exchange(separator_, '&');
    text_.append(name).append("=").append(percent_encode(value));
    return *this;
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  char separator_ = '?';
};

}  // namespace ferry::app::cli
