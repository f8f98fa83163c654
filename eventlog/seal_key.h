// The Ed25519 key pair that checkpoints are signed with. Any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eventlog/random_bytes.h"

namespace runledger::eventlog {

class SealKey {
 public:
  // From a PEM file of mode 0600, which is created, durably, if it is not there. Throws LogError if
  // it cannot be read, is no such key, or may be read by others; std::system_error if the disk
  // fails.
  static SealKey load_or_create(const std::filesystem::path& file, const FillRandom& fill_random);
  // nullopt if there is no such file, or this user may not read it.
  static std::optional<SealKey> load(const std::filesystem::path& file);

  SealKey(SealKey&&) noexcept;
  ~SealKey();

  const std::string& public_key() const { return public_key_; }  // 32 bytes
  std::string sign(std::string_view message) const;              // 64 bytes

 private:
  struct Pair;
  explicit SealKey(std::unique_ptr<Pair> pair);

  std::unique_ptr<Pair> pair_;
  std::string public_key_;
};

bool is_signed_by(std::string_view public_key, std::string_view message,
                  std::string_view signature);

}  // namespace runledger::eventlog
