// Floor of reading: the log's records one after the other in a plain file, and where each begins.
// Written by one thread; then any thread reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/durable_file.h"
#include "eventlog/record.h"

namespace runledger::eventlog::bench {

class FlatFile {
 public:
  explicit FlatFile(const std::filesystem::path& file);

  void add(std::string_view record);
  void flush();

  Offset records() const { return starts_.size() - 1; }
  std::size_t bytes() const { return starts_.back(); }
  // Appends the bytes of [from, from + count) to out. Throws std::system_error.
  void read(Offset from, std::size_t count, std::string& out) const;

 private:
  FileDescriptor fd_;
  std::string waiting_;
  std::vector<std::size_t> starts_ = {0};
};

}  // namespace runledger::eventlog::bench
