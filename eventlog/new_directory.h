// A directory that is there as a whole or not at all: it is built beside its place under a name of
// its own, and renamed at the end. One thread.
#pragma once

#include <filesystem>

#include "eventlog/durable_file.h"

namespace runledger::eventlog {

class NewDirectory {
 public:
  // The target is missing or an empty directory, its parent exists. Makes the directory to build
  // in, mode 0700, and removes those that killed processes have left of the same target. Throws
  // DataDirectoryError; std::system_error if the disk fails.
  explicit NewDirectory(const std::filesystem::path& target);
  // Removes what was built, unless finish() came to its end.
  ~NewDirectory();
  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Gives the directory its name; durable when it returns. What is in it has been synced before.
  void finish();

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  FileDescriptor lock_;  // tells other processes that the directory is in use
};

}  // namespace runledger::eventlog
