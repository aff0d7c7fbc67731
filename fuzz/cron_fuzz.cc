#include <chrono>

#include "base/check.h"
#include "domain/cron.h"
#include "fuzz/input.h"

// Four bytes say how many minutes after 1970 it is; the rest is a cron expression. An expression
// that was accepted keeps its meaning when its text is parsed again, never fires at or before the
// given time, and looked at from anywhere before its next time still fires then.

using namespace ferry;  // NOLINT: a program of one file

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  std::uint32_t minutes = 0;
  for (int i = 0; i < 4; ++i) minutes = minutes << 8 | fuzz::take_byte(text);
  const auto cron = Cron::parse(text);
  if (!cron) {
    CHECK(cron.error().text.starts_with("Invalid cron expression "));
    return 0;
  }
  CHECK(Cron::parse(cron->text()) == *cron);

  const TimePoint start = TimePoint(std::chrono::minutes(minutes)) + Duration(minutes % 60'000);
  const auto next = cron->next_after(start);
  if (!next) return 0;
  CHECK(*next > start);
  if (cron->text().find("@every") != std::string::npos) return 0;  // counts from where one looks
  CHECK(cron->next_after(start + (*next - start) / 2) == *next);
  CHECK(cron->next_after(*next - Duration(1)) == *next);
  return 0;
}
