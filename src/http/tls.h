#pragma once

#include <memory>
#include <string>

#include "base/result.h"

// OpenSSL contexts for both directions. Only .cc files of this folder look inside them.

struct ssl_st;  // OpenSSL's SSL: one connection

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Asio's name
}

namespace ferry::http {

// Shared because a connection keeps the context it began with while a reload puts another in place.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// A server's side: TLS 1.2 and later, the PEM chain and key of the two files, ALPN "http/1.1".
// kInvalidRequest names the file that cannot be read or does not fit the other; so a reload is a
// second call whose error leaves the first context in use.
Result<TlsContext> make_server_tls(const std::string& certificate_file,
                                   const std::string& key_file);

// A client's side: TLS 1.2 and later, the peer's chain verified against the system's CAs and those
// of `ca_file` (PEM; empty: none). kInvalidRequest when that file holds no certificate.
Result<TlsContext> make_client_tls(const std::string& ca_file);

// Before the handshake of a client's connection: the certificate must be for `host` (a name or a
// textual IP address without brackets), and a name is sent along (SNI). kTlsFailed when OpenSSL
// refuses the name.
Result<void> expect_peer_name(ssl_st* connection, const std::string& host);

}  // namespace ferry::http
