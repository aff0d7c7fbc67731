#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "http/client.h"
#include "http/url.h"

namespace ferry::http {

// RFC 9112 section 3.2: servers are asked in origin form, forward proxies in absolute form.
enum class TargetForm : std::uint8_t { kOrigin, kAbsolute };

// Everything of a request before its body. Field values are written as given. Fields that belong to
// the connection or frame the body (Host, Content-Length, Transfer-Encoding, Connection, TE,
// Expect, ...) are the client's and left out when given. A Content-Length is always there for POST,
// PUT and PATCH, for others when there is a body (RFC 9110 section 8.6). kProtocolError names the
// method, field name or value that would break the framing.
Result<Bytes> request_head(const ClientRequest& request, const Url& url, TargetForm form);

// Asks a proxy for a tunnel to the URL's host.
Bytes connect_head(const Url& url);

// "host:port", an IPv6 host in brackets.
std::string host_and_port(std::string_view host, std::uint16_t port);

}  // namespace ferry::http
