// Content-addressed files: an artifact's name is the SHA-256 of its bytes. Bytes are staged in a
// temporary file, synced and renamed; whoever asks afterwards finds all of them or nothing.
// That a file lies here means little: an artifact exists when an event of the log names it.
// Any thread, one thread per StagedArtifact. I/O failures throw ArtifactError.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace runledger::core {

inline constexpr std::uint64_t kArtifactBytesMax = std::uint64_t{1} << 30;

class ArtifactError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StoredArtifact {
  std::string sha256;  // 64 lower-case hex digits
  std::uint64_t size = 0;
};

// Bytes on their way in. Destroyed without commit(): they are gone.
class StagedArtifact {
 public:
  virtual ~StagedArtifact() = default;
  virtual void write(std::string_view bytes) = 0;
  // Durable under its name when this returns; the same content may have been there already.
  virtual StoredArtifact commit() = 0;
  // The digest of what has been written so far; nothing can be written after it.
  virtual std::string sha256() = 0;
};

class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;
  virtual std::unique_ptr<StagedArtifact> stage() = 0;
  // nullopt: no such content, or not the form of a SHA-256.
  virtual std::optional<StoredArtifact> find(std::string_view sha256) const = 0;
  // The file to read it from.
  virtual std::filesystem::path path_of(std::string_view sha256) const = 0;
};

bool is_sha256_text(std::string_view text);

}  // namespace runledger::core
