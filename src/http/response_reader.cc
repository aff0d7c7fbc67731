#include "http/response_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <string>
#include <utility>

namespace ferry::http {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using TextView = boost::beast::string_view;

namespace {

// Room set aside on the word of a Content-Length; more is taken when it has really come.
constexpr std::size_t kReserveBytesMax = std::size_t{256} << 10;
constexpr std::size_t kUsualFields = 12;

std::string text_of(TextView text) { return {text.data(), text.size()}; }

std::unexpected<Error> malformed(const std::string& what) {
  return fail(ErrorCode::kProtocolError, "malformed response: " + what);
}

}  // namespace

// Beast's parser without its message: fields and body go straight to where they stay.
struct ResponseReader::Parser final : beast_http::basic_parser<false> {
  explicit Parser(const Options& options) : body_bytes_max(options.body_bytes_max) {
    header_limit(kHeadBytesMax);
    body_limit(boost::none);
    eager(true);
    skip(options.kind != Kind::kOrdinary);
    response.headers.reserve(kUsualFields);
  }

  void on_request_impl(beast_http::verb, TextView, TextView, int, error_code&) override {}
  void on_response_impl(int code, TextView, int, error_code& error) override {
    if (code < 100) error = beast_http::error::bad_status;
    response.status = code;
  }
  void on_field_impl(beast_http::field, TextView name, TextView value, error_code&) override {
    if (!body_begun) response.headers.add(text_of(name), text_of(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    body_begun = true;
    if (!length) return;
    if (*length > body_bytes_max && *length - body_bytes_max > kDroppedBytesMax)
      dropped_bytes_max = 0;
    body.reserve(std::min({static_cast<std::size_t>(*length), body_bytes_max, kReserveBytesMax}));
  }
  std::size_t on_body_impl(TextView data, error_code& error) override {
    const std::size_t kept = std::min(data.size(), body_bytes_max - body.size());
    body.append(data.data(), kept);
    dropped_bytes += data.size() - kept;
    cut_off = dropped_bytes > dropped_bytes_max;
    if (cut_off) error = beast_http::error::body_limit;
    return data.size();
  }
  void on_chunk_header_impl(std::uint64_t, TextView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, TextView data, error_code& error) override {
    return on_body_impl(data, error);
  }
  void on_finish_impl(error_code&) override {}

  const std::size_t body_bytes_max;
  std::size_t dropped_bytes_max = kDroppedBytesMax;
  std::size_t dropped_bytes = 0;
  bool body_begun = false;
  bool cut_off = false;
  ClientResponse response;
  std::string body;
};

ResponseReader::ResponseReader(Options options)
    : options_(options), parser_(std::make_unique<Parser>(options)) {}

ResponseReader::~ResponseReader() = default;

bool ResponseReader::done() const { return parser_->is_done() || parser_->cut_off; }

bool ResponseReader::head_done() const { return parser_->is_header_done(); }

Result<std::size_t> ResponseReader::put(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    error_code error;
    used +=
        parser_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    if (parser_->cut_off || error == beast_http::error::need_more) break;
    if (error) return malformed(error.message());
    if (done()) RETURN_IF_ERROR(skip_interim());
  }
  return used;
}

Result<void> ResponseReader::skip_interim() {
  const int status = parser_->response.status;
  if (status >= 200) return {};
  if (status == 101) return malformed("a switch of protocols that nobody asked for");
  if (++interim_responses_ > kInterimResponsesMax) return malformed("too many interim responses");
  parser_ = std::make_unique<Parser>(options_);
  return {};
}

Result<void> ResponseReader::put_end() {
  if (!parser_->got_some())
    return fail(ErrorCode::kConnectionLost, "the connection was closed before the response");
  error_code error;
  parser_->put_eof(error);
  if (!error) return {};
  return fail(ErrorCode::kConnectionLost,
              head_done() ? "the connection was closed within the response body"
                          : "the connection was closed within the response head");
}

bool ResponseReader::keeps_connection() const {
  if (options_.kind == Kind::kToConnect) return parser_->response.status / 100 == 2;
  return !parser_->cut_off && parser_->keep_alive();
}

ClientResponse ResponseReader::take() {
  ClientResponse response = std::move(parser_->response);
  response.truncated = parser_->dropped_bytes > 0;
  response.body = Bytes::take(std::move(parser_->body));
  return response;
}

}  // namespace ferry::http
