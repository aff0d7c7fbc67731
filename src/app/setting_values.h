#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "base/time.h"

// The texts of settings read into their types. Every function answers kInvalidRequest with a text
// that says what it expected; the caller adds the setting's name.

namespace ferry::app {

struct IntegerBounds {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

Result<std::int64_t> read_integer(const SettingTexts& texts, IntegerBounds bounds);
Result<double> read_number(const SettingTexts& texts, double min, double max);
// "64MB", "1GiB", "4096": decimal digits and one of B, KB, MB, GB, TB (all powers of 1024, with or
// without the "i").
Result<std::uint64_t> read_bytes(const SettingTexts& texts, std::uint64_t min, std::uint64_t max);
Result<Duration> read_duration(const SettingTexts& texts, Duration min, Duration max);
Result<bool> read_flag(const SettingTexts& texts);
Result<std::string> read_text(const SettingTexts& texts);
// Lists may come as several texts or as one, comma separated.
Result<std::vector<std::string>> read_list(const SettingTexts& texts);
// A list of "key=value".
Result<std::map<std::string, std::string>> read_map(const SettingTexts& texts);

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
// "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses).
Result<HostAndPort> read_host_and_port(const SettingTexts& texts);

}  // namespace ferry::app
