// A file that is there as a whole or not at all: written under another name beside it, and renamed
// when it is complete and durable. One thread. Failures throw std::system_error.
#pragma once

#include <filesystem>
#include <string_view>

#include "eventlog/durable_file.h"

namespace runledger::eventlog {

class NewFile {
 public:
  // Mode 0600. What is there and is no regular file (a pipe, a device) is written directly.
  explicit NewFile(const std::filesystem::path& path);
  ~NewFile();  // unless finished, removes what was written
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes);
  void finish();  // replaces the file that had the name

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty if written directly
  FileDescriptor file_;
};

}  // namespace runledger::eventlog
