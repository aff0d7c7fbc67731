#include "http/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <string_view>

namespace ferry::http {

namespace ssl = boost::asio::ssl;

namespace {

constexpr std::string_view kAlpnHttp11 = "\x08http/1.1";

// A client that offers only other protocols goes on without ALPN: it may still speak HTTP/1.1.
int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size,
                  const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  const int match = SSL_select_next_proto(
      &chosen, out_size, reinterpret_cast<const unsigned char*>(kAlpnHttp11.data()),
      static_cast<unsigned int>(kAlpnHttp11.size()), offered, offered_size);
  if (match != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

TlsContext make_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Idle connections give their 34 KB of record buffers back.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

std::unexpected<Error> cannot_use(std::string_view what, const std::string& file,
                                  const boost::system::error_code& reason) {
  return fail(ErrorCode::kInvalidRequest, "cannot use the TLS " + std::string(what) + " file " +
                                              file + ": " + reason.message());
}

}  // namespace

Result<TlsContext> make_server_tls(const std::string& certificate_file,
                                   const std::string& key_file) {
  TlsContext context = make_context(ssl::context::tls_server);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate_file, error);
  if (error) return cannot_use("certificate", certificate_file, error);
  // OpenSSL compares the key with the certificate here.
  context->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) return cannot_use("key", key_file, error);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_http11, nullptr);
  return context;
}

Result<TlsContext> make_client_tls(const std::string& ca_file) {
  TlsContext context = make_context(ssl::context::tls_client);
  boost::system::error_code error;
  context->set_default_verify_paths(error);
  if (error)
    return fail(ErrorCode::kInvalidRequest, "cannot use the system's CAs: " + error.message());
  if (!ca_file.empty()) {
    context->load_verify_file(ca_file, error);
    if (error) return cannot_use("CA", ca_file, error);
  }
  SSL_CTX_set_verify(context->native_handle(), SSL_VERIFY_PEER, nullptr);
  return context;
}

Result<void> expect_peer_name(ssl_st* connection, const std::string& host) {
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  bool accepted = false;
  if (not_an_address) {
    // RFC 9525 sections 6.3 and 6.4: names in the subject are not looked at, and a wildcard is
    // a whole label.
    SSL_set_hostflags(connection,
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    accepted = SSL_set1_host(connection, host.c_str()) == 1 &&
               SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
  } else {
    // RFC 6066 section 3 forbids addresses in SNI.
    accepted = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  }
  if (!accepted) return fail(ErrorCode::kTlsFailed, "not a name a certificate can be for: " + host);
  return {};
}

}  // namespace ferry::http
