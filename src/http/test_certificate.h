#pragma once

#include <string>

namespace ferry::http {

// A fresh self-signed certificate for localhost and 127.0.0.1 with its key, as PEM files in the
// tests' folder that end with the object.
class TestCertificate {
 public:
  // `subject` tells certificates apart; it is no name they are for.
  explicit TestCertificate(const std::string& subject);
  ~TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  const std::string& certificate_file() const { return certificate_file_; }
  const std::string& key_file() const { return key_file_; }

  // Overwrites both files with those of `other`, as a renewal does.
  void replace_by(const TestCertificate& other);

 private:
  std::string certificate_file_;
  std::string key_file_;
};

}  // namespace ferry::http
