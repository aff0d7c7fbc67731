#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "app/cli/client/call_result.h"
#include "app/cli/command.h"
#include "base/bytes.h"
#include "base/header_list.h"
#include "base/time.h"

namespace ferry::app::cli {

// What a message is to be: the flags that publishing, enqueueing and schedules share. Outlives the
// parsing.
class PublishFlags {
 public:
  void add_flags(Command command);

  // The headers of the call, in the order given. kNotUnderstood for a time that is none.
  CallResult<HeaderList> headers(TimePoint now) const;
  // Of `--body TEXT`, `--body @FILE` or `--body -`. kNotUnderstood when the file cannot be read.
  CallResult<Bytes> body(std::FILE* in) const;

 private:
  HeaderList headers_;
  std::string not_before_;
  std::string body_;
};

// What a `--body` flag says: TEXT, @FILE, or - for standard input. kNotUnderstood when the file
// cannot be read.
CallResult<Bytes> read_body(const std::string& flag, std::FILE* in);

// `--option NAME=VALUE`, several times: any option of the API, as the header Upstash-NAME.
void add_option_flag(Command command, HeaderList& headers);

}  // namespace ferry::app::cli
