// What the tests of export and import share.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/byte_source.h"
#include "eventlog/log_export.h"
#include "eventlog/log_import.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {

// Bytes in memory, a few at a time.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text, std::size_t piece_bytes = 1000)
      : rest_(text), piece_bytes_(piece_bytes) {}
  std::size_t read(std::span<char> into) override;

 private:
  std::string_view rest_;
  std::size_t piece_bytes_;
};

std::string export_text(const std::filesystem::path& data, const ExportOptions& options = {});
std::vector<std::string> lines_of(std::string_view text);
std::string joined(const std::vector<std::string>& lines);

// Why it is refused; empty if it is not, and then the data directory is there.
std::string import_text(std::string_view text, const std::filesystem::path& data);

// Every row of log, streams, commits and checkpoints, byte by byte.
RowMap raw_rows(const std::filesystem::path& data);

// A data directory with a log of a few commits: whole, erased and binary payloads, one event that
// is a commit, a stream that goes over several, two checkpoints.
void make_small_log(const std::filesystem::path& data);

}  // namespace runledger::eventlog::test
