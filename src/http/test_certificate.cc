#include "http/test_certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/check.h"

namespace ferry::http {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* x) { X509_free(x); })>;
using Extension =
    std::unique_ptr<X509_EXTENSION, decltype([](X509_EXTENSION* e) { X509_EXTENSION_free(e); })>;
using File = std::unique_ptr<std::FILE, decltype([](std::FILE* file) { std::fclose(file); })>;

constexpr long kHour = 3600;

Certificate self_sign(EVP_PKEY* key, const std::string& subject) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kHour);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const Extension names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"));
  X509_add_ext(certificate.get(), names.get(), -1);
  CHECK(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

std::string file_named(const std::string& subject, std::string_view kind) {
  return testing::TempDir() + "ferry_" + std::to_string(::getpid()) + "_" + subject + "_" +
         std::string(kind) + ".pem";
}

}  // namespace

TestCertificate::TestCertificate(const std::string& subject)
    : certificate_file_(file_named(subject, "certificate")), key_file_(file_named(subject, "key")) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = self_sign(key.get(), subject);
  const File certificate_out(std::fopen(certificate_file_.c_str(), "w"));
  CHECK(PEM_write_X509(certificate_out.get(), certificate.get()) == 1);
  const File key_out(std::fopen(key_file_.c_str(), "w"));
  CHECK(PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

TestCertificate::~TestCertificate() {
  std::filesystem::remove(certificate_file_);
  std::filesystem::remove(key_file_);
}

void TestCertificate::replace_by(const TestCertificate& other) {
  constexpr auto kOverwrite = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(other.certificate_file_, certificate_file_, kOverwrite);
  std::filesystem::copy_file(other.key_file_, key_file_, kOverwrite);
}

}  // namespace ferry::http
