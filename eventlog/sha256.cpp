#include "eventlog/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace runledger::eventlog {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// -1 if it is none.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void require(int ok) {
  if (ok != 1) throw std::runtime_error("SHA-256 failed in OpenSSL");
}

}  // namespace

struct Sha256::Context {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* running = EVP_MD_CTX_new();

  ~Context() {
    EVP_MD_CTX_free(running);
    EVP_MD_free(algorithm);
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(context_->algorithm != nullptr && context_->running != nullptr ? 1 : 0);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::begin() {
  require(EVP_DigestInit_ex2(context_->running, context_->algorithm, nullptr));
}

void Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->running, bytes.data(), bytes.size()));
}

Digest Sha256::finish() {
  Digest digest;
  require(EVP_DigestFinal_ex(context_->running, digest.data(), nullptr));
  return digest;
}

std::optional<Digest> digest_from(std::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

std::string to_hex(std::string_view bytes) {
  std::string text(2 * bytes.size(), '\0');
  char* digit = text.data();
  for (const char byte : bytes) {
    *digit++ = kHexDigits[static_cast<unsigned char>(byte) >> 4];
    *digit++ = kHexDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit_value(text[2 * i]);
    const int low = digit_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace runledger::eventlog
