#include "app/cli/client/publish_flags.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "app/cli/client/console.h"
#include "app/cli/client/moment.h"
#include "app/cli/exit_codes.h"
#include "base/encoding.h"

namespace ferry::app::cli {
namespace {

struct OptionRow {
  const char* flag;
  const char* header;
  const char* prose;
};

// Contract section 2.4.
constexpr auto kOptions = std::to_array<OptionRow>({
    {"--method", "Upstash-Method", "HTTP method of the delivery [POST]"},
    {"--content-type", "Content-Type", "Of the body"},
    {"--delay", "Upstash-Delay", "Deliver so much later, such as 10s or 1d2h"},
    {"--retries", "Upstash-Retries", "Tries after the first one [3]"},
    {"--retry-delay", "Upstash-Retry-Delay",
     "Milliseconds between tries, such as 'pow(2, retried) * 1000'"},
    {"--timeout", "Upstash-Timeout", "Of one try, such as 30s"},
    {"--callback", "Upstash-Callback", "URL that is told how each try went"},
    {"--failure-callback", "Upstash-Failure-Callback", "URL that is told when all tries failed"},
    {"--success-destination", "Upstash-Success-Destination", "Push the result of a success there"},
    {"--failure-destination", "Upstash-Failure-Destination", "Push the result of a failure there"},
    {"--ordering-key", "Upstash-Ordering-Key", "Messages of one key go one after the other"},
    {"--flow-key", "Upstash-Flow-Control-Key", "Messages of one key share the limits of --flow"},
    {"--flow", "Upstash-Flow-Control-Value", "Such as 'rate=10,period=1s' or 'parallelism=5'"},
    {"--dedup-id", "Upstash-Deduplication-Id", "A second message with this id is dropped"},
    {"--redact", "Upstash-Redact-Fields", "What is not to be shown, such as 'body,header[X-Key]'"},
});

// An Option::Check.
std::string check_header(const std::string& name, const std::string& value) {
  if (!is_header_name(name)) return "'" + name + "' is no header name";
  if (!is_header_value(value)) return "the value has a control character";
  return {};
}

std::pair<std::string, std::string> split_at(const std::string& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string::npos) return {};
  const std::string_view whole = text;
  return {std::string(trim(whole.substr(0, at))), std::string(trim(whole.substr(at + 1)))};
}

// A flag that may be given several times, each making one header of the pair it holds.
void add_pair_flag(Command command, HeaderList& headers, const char* flag, const char* prefix,
                   char separator, const char* prose) {
  const auto keep = [&headers, prefix, separator](const std::vector<std::string>& given) {
    for (const std::string& text : given) {
      auto [name, value] = split_at(text, separator);
      headers.add(prefix + name, std::move(value));
    }
  };
  const auto check = [separator](const std::string& text) {
    const auto [name, value] = split_at(text, separator);
    if (name.empty()) return "'" + text + "' has no '" + std::string(1, separator) + "'";
    return check_header(name, value);
  };
  command.add_option(flag, keep, prose).repeated().check(check);
}

void add_labels(Command command, HeaderList& headers) {
  const auto keep = [&headers](const std::vector<std::string>& labels) {
    std::string list;
    for (const std::string& label : labels) list += (list.empty() ? "" : ",") + label;
    headers.add("Upstash-Label", std::move(list));
  };
  command.add_option("--label", keep, "To find the message by; may be given several times")
      .repeated()
      .check([](const std::string& label) { return check_header("Upstash-Label", label); });
}

CallResult<Bytes> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) {
    return fail_with(kNotUnderstood, "cannot read " + path + ": " + std::strerror(errno));
  }
  std::string text = read_all(file.get());
  if (std::ferror(file.get()) != 0) return fail_with(kNotUnderstood, "cannot read " + path);
  return Bytes::take(std::move(text));
}

}  // namespace

void add_option_flag(Command command, HeaderList& headers) {
  add_pair_flag(command, headers, "--option", "Upstash-", '=',
                "Any option of the API as NAME=VALUE, such as Callback-Retries=3");
}

void PublishFlags::add_flags(Command command) {
  command.add_option("--body", body_, "The body; @FILE: of a file, -: of standard input");
  for (const OptionRow& row : kOptions) {
    const auto keep = [this, header = row.header](const std::string& value) {
      headers_.add(header, value);
    };
    command.add_option(row.flag, keep, row.prose)
        .check([header = row.header](const std::string& value) {
          return check_header(header, value);
        });
  }
  const auto keep_flag = [this] { headers_.add("Upstash-Content-Based-Deduplication", "true"); };
  command.add_flag("--dedup-content", keep_flag, "Drop a second message that is the same");
  command.add_option("--not-before", not_before_, "Deliver at this time, such as 2026-11-21T08:30");
  add_labels(command, headers_);
  add_pair_flag(command, headers_, "--header", "Upstash-Forward-", ':',
                "'Name: value' for the destination; may be given several times");
  add_option_flag(command, headers_);
}

CallResult<HeaderList> PublishFlags::headers(TimePoint now) const {
  HeaderList headers = headers_;
  if (!not_before_.empty()) {
    const auto moment = parse_moment(not_before_, now);
    if (!moment) return fail_with(kNotUnderstood, moment.error().text);
    headers.add("Upstash-Not-Before", std::to_string(to_unix_seconds(*moment)));
  }
  return headers;
}

CallResult<Bytes> PublishFlags::body(std::FILE* in) const { return read_body(body_, in); }

CallResult<Bytes> read_body(const std::string& flag, std::FILE* in) {
  if (flag == "-") return Bytes::take(read_all(in));
  if (flag.starts_with('@')) return read_file(flag.substr(1));
  return Bytes::copy(flag);
}

}  // namespace ferry::app::cli
