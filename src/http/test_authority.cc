#include "http/test_authority.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace ferry::http {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* x) { X509_free(x); })>;

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, const char* subject, long from, long to) {
  static long serial = 1;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  return certificate;
}

void write_certificate(const std::string& path, X509* certificate) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr) << path;
  EXPECT_EQ(PEM_write_X509(file, certificate), 1);
  std::fclose(file);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr) << path;
  EXPECT_EQ(PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr), 1);
  std::fclose(file);
}

std::string make_folder() {
  std::string pattern = testing::TempDir() + "authority-XXXXXX";
  EXPECT_NE(mkdtemp(pattern.data()), nullptr);
  return pattern;
}

}  // namespace

struct TestAuthority::Keys {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate = make_certificate(key.get(), "Test Authority", -3600, 3600);
};

TestAuthority::TestAuthority()
    : keys_(std::make_unique<Keys>()), folder_(make_folder()), ca_file_(folder_ + "/ca.pem") {
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_key_usage, "critical,keyCertSign");
  EXPECT_GT(X509_sign(certificate, keys_->key.get(), EVP_sha256()), 0);
  write_certificate(ca_file_, certificate);
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

TlsContext TestAuthority::server(const Leaf& leaf) const {
  const Key key{EVP_EC_gen("P-256")};
  const Certificate certificate = make_certificate(key.get(), leaf.subject.c_str(),
                                                   leaf.valid_from_seconds, leaf.valid_to_seconds);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  if (!leaf.names.empty()) add_extension(certificate.get(), NID_subject_alt_name, leaf.names);
  EXPECT_GT(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()), 0);
  write_certificate(folder_ + "/leaf.pem", certificate.get());
  write_key(folder_ + "/leaf.key", key.get());
  const auto context = make_server_tls(folder_ + "/leaf.pem", folder_ + "/leaf.key");
  EXPECT_TRUE(context.has_value()) << (context ? "" : context.error().text);
  return context.value_or(nullptr);
}

}  // namespace ferry::http
