#include "eventlog/seal_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "eventlog/durable_file.h"
#include "eventlog/event_log.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPrivateKeyBytes = 32;
constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kPemBytesMax = 1024;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Buffer = std::unique_ptr<BIO, decltype(&BIO_free)>;

void require(bool ok) {
  if (!ok) throw std::runtime_error("Ed25519 failed in OpenSSL");
}

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* data_of(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::string new_pem(const FillRandom& fill_random) {
  std::array<std::uint8_t, kPrivateKeyBytes> seed{};
  fill_random(seed);
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
                EVP_PKEY_free);
  const Buffer buffer(BIO_new(BIO_s_mem()), BIO_free);
  require(key && buffer &&
          PEM_write_bio_PKCS8PrivateKey(buffer.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(buffer.get(), &text);
  return std::string(text, static_cast<std::size_t>(bytes));
}

void require_private(const fs::path& file) {
  const auto others = fs::perms::group_all | fs::perms::others_all;
  if ((fs::status(file).permissions() & others) == fs::perms::none) return;
  throw LogError("Expected the key " + file.string() +
                 " to be for its owner alone, but others may use it; set its mode to 0600");
}

}  // namespace

struct SealKey::Pair {
  Key key{nullptr, EVP_PKEY_free};
};

SealKey::SealKey(std::unique_ptr<Pair> pair)
    : pair_(std::move(pair)), public_key_(kPublicKeyBytes, '\0') {
  std::size_t bytes = public_key_.size();
  require(EVP_PKEY_get_raw_public_key(pair_->key.get(), data_of(public_key_), &bytes) == 1);
}
SealKey::SealKey(SealKey&&) noexcept = default;
SealKey::~SealKey() = default;

std::optional<SealKey> SealKey::load(const fs::path& file) {
  if (::access(file.c_str(), R_OK) != 0) return std::nullopt;
  const auto pem = read_small_file(file, kPemBytesMax);
  if (!pem) return std::nullopt;
  require_private(file);
  const Buffer buffer(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())), BIO_free);
  auto pair = std::make_unique<Pair>();
  pair->key.reset(PEM_read_bio_PrivateKey(buffer.get(), nullptr, nullptr, nullptr));
  if (!pair->key || EVP_PKEY_get_base_id(pair->key.get()) != EVP_PKEY_ED25519) {
    throw LogError("Expected the file " + file.string() +
                   " to hold an Ed25519 key in PEM; restore it, or remove it to get a new one");
  }
  return SealKey(std::move(pair));
}

SealKey SealKey::load_or_create(const fs::path& file, const FillRandom& fill_random) {
  if (!fs::exists(file)) write_durably(file, new_pem(fill_random));
  auto key = load(file);
  if (!key) throw LogError("Expected the key " + file.string() + " to be readable by this user");
  return std::move(*key);
}

std::string SealKey::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  std::size_t bytes = signature.size();
  require(context &&
          EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pair_->key.get()) == 1 &&
          EVP_DigestSign(context.get(), data_of(signature), &bytes, data_of(message),
                         message.size()) == 1);
  return signature;
}

bool is_signed_by(std::string_view public_key, std::string_view message,
                  std::string_view signature) {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(public_key),
                                            public_key.size()),
                EVP_PKEY_free);
  if (!key) return false;
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(context &&
          EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  return EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message),
                          message.size()) == 1;
}

}  // namespace runledger::eventlog
