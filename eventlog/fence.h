// The fence: a small file beside the log's directory that says how far the log has certainly been,
// (head, hash of the chain). It is what notices that a WAL or the whole directory was lost, cut
// or replaced by an older copy. Replaced as a whole and synced, so it is never torn.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "eventlog/seal.h"

namespace runledger::eventlog {

// The files that stand beside a log's directory: DATA/log.fence for DATA/log.
std::filesystem::path beside_log(const std::filesystem::path& log_directory,
                                 std::string_view extension);
inline std::filesystem::path fence_file(const std::filesystem::path& log_directory) {
  return beside_log(log_directory, ".fence");
}

std::string encode_fence(const ChainHead& chain);
std::optional<ChainHead> decode_fence(std::string_view text);

// nullopt if there is no such file. Throws LogError if it is damaged or cannot be read.
std::optional<ChainHead> read_fence(const std::filesystem::path& file);
// What a failed write_fence() is told as.
std::string fence_failure(const std::system_error& failed);
// Throws std::system_error.
void write_fence(const std::filesystem::path& file, const ChainHead& chain);

}  // namespace runledger::eventlog
