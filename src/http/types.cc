#include "http/types.h"

#include <array>

namespace ferry::http {

namespace {

constexpr int kStatusMax = 599;

constexpr auto kPhrases = [] {
  std::array<std::string_view, kStatusMax + 1> phrases;
  phrases.fill("Unknown");
  phrases[100] = "Continue";
  phrases[200] = "OK";
  phrases[201] = "Created";
  phrases[202] = "Accepted";
  phrases[204] = "No Content";
  phrases[206] = "Partial Content";
  phrases[207] = "Multi-Status";
  phrases[301] = "Moved Permanently";
  phrases[302] = "Found";
  phrases[303] = "See Other";
  phrases[304] = "Not Modified";
  phrases[307] = "Temporary Redirect";
  phrases[308] = "Permanent Redirect";
  phrases[400] = "Bad Request";
  phrases[401] = "Unauthorized";
  phrases[403] = "Forbidden";
  phrases[404] = "Not Found";
  phrases[405] = "Method Not Allowed";
  phrases[406] = "Not Acceptable";
  phrases[408] = "Request Timeout";
  phrases[409] = "Conflict";
  phrases[410] = "Gone";
  phrases[412] = "Precondition Failed";
  phrases[413] = "Content Too Large";
  phrases[414] = "URI Too Long";
  phrases[415] = "Unsupported Media Type";
  phrases[417] = "Expectation Failed";
  phrases[422] = "Unprocessable Content";
  phrases[429] = "Too Many Requests";
  phrases[431] = "Request Header Fields Too Large";
  phrases[500] = "Internal Server Error";
  phrases[501] = "Not Implemented";
  phrases[502] = "Bad Gateway";
  phrases[503] = "Service Unavailable";
  phrases[504] = "Gateway Timeout";
  phrases[505] = "HTTP Version Not Supported";
  phrases[507] = "Insufficient Storage";
  return phrases;
}();

}  // namespace

std::string_view reason_phrase(int status) {
  const bool known = status >= 0 && status <= kStatusMax;
  return known ? kPhrases[static_cast<std::size_t>(status)] : "Unknown";
}

}  // namespace ferry::http
