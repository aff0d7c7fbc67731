#pragma once

#include <memory>
#include <string>

#include "http/tls.h"

namespace ferry::http {

// A certificate authority made for one test, and the PEM files that servers and clients take.
class TestAuthority {
 public:
  struct Leaf {
    std::string names;  // the subjectAltName, "DNS:a.example,IP:127.0.0.1"; empty: there is none
    std::string subject = "leaf";
    long valid_from_seconds = -3600;  // relative to now
    long valid_to_seconds = 3600;
  };

  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  const std::string& ca_file() const { return ca_file_; }
  // A server's context with a new certificate of this authority.
  TlsContext server(const Leaf& leaf) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string folder_;
  std::string ca_file_;
};

}  // namespace ferry::http
