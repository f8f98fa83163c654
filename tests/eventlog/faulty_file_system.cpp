#include "tests/eventlog/faulty_file_system.h"

#include <rocksdb/file_system.h>

namespace runledger::eventlog::test {
namespace {

using rocksdb::DataVerificationInfo;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus failure_of(const FaultState& state, const std::string& what) {
  return state.disk_full() ? IOStatus::NoSpace("injected: " + what)
                           : IOStatus::IOError("injected: " + what);
}

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, FaultState& state,
             Operation append, Operation sync)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        state_(state),
        append_(append),
        sync_(sync) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (!state_.strikes(append_)) return target()->Append(data, options, context);
    target()->Append(Slice(data.data(), data.size() / 2), options, context).PermitUncheckedError();
    return failure_of(state_, "writing " + name_);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    if (state_.strikes(sync_)) return failure_of(state_, "syncing " + name_);
    return target()->Sync(options, context);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    if (state_.strikes(sync_)) return failure_of(state_, "syncing " + name_);
    return target()->Fsync(options, context);
  }

 private:
  std::string name_;
  FaultState& state_;
  Operation append_;
  Operation sync_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, FaultState& state)
      : FSDirectoryWrapper(std::move(directory)), state_(state) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    if (strikes()) return failure_of(state_, "syncing the directory");
    return FSDirectoryWrapper::Fsync(options, context);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions& how) override {
    if (strikes()) return failure_of(state_, "syncing the directory");
    return FSDirectoryWrapper::FsyncWithDirOptions(options, context, how);
  }

 private:
  bool strikes() { return state_.strikes(Operation::kDirectorySync); }

  FaultState& state_;
};

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFileSystem(FaultState& state)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(state) {}

  const char* Name() const override { return "FaultyFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    using enum Operation;
    const bool wal = name.ends_with(".log");
    const bool table = name.ends_with(".sst");
    if (!wal && !table && name.find("MANIFEST-") == std::string::npos &&
        !name.ends_with(".dbtmp")) {
      return FileSystemWrapper::NewWritableFile(name, options, result, context);
    }
    if (state_.strikes(kCreate)) return failure_of(state_, "creating " + name);
    const auto status = FileSystemWrapper::NewWritableFile(name, options, result, context);
    if (status.ok()) {
      *result = std::make_unique<FaultyFile>(std::move(*result), name, state_,
                                             wal     ? kWalAppend
                                             : table ? kTableAppend
                                                     : kManifestAppend,
                                             wal     ? kWalSync
                                             : table ? kTableSync
                                                     : kManifestSync);
    }
    return status;
  }

  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* context) override {
    const auto status = FileSystemWrapper::NewDirectory(name, options, result, context);
    if (status.ok()) *result = std::make_unique<FaultyDirectory>(std::move(*result), state_);
    return status;
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    if (state_.strikes(Operation::kRename)) return failure_of(state_, "renaming to " + to);
    return FileSystemWrapper::RenameFile(from, to, options, context);
  }

 private:
  FaultState& state_;
};

}  // namespace

std::string_view to_text(Operation operation) {
  static constexpr std::array<std::string_view, kOperations> kNames = {
      "wal append",    "wal sync", "table append", "table sync",    "manifest append",
      "manifest sync", "create",   "rename",       "directory sync"};
  return kNames.at(static_cast<std::size_t>(operation));
}

void FaultState::arm(const Fault& fault) {
  const std::scoped_lock lock(mutex_);
  fault_ = fault;
  struck_ = false;
  counts_ = {};
}

bool FaultState::strikes(Operation operation) {
  const std::scoped_lock lock(mutex_);
  const int now = ++counts_.at(static_cast<std::size_t>(operation));
  if (fault_.lasting && struck_) return true;
  if (operation != fault_.operation || now != fault_.nth) return false;
  struck_ = true;
  return true;
}

bool FaultState::struck() const {
  const std::scoped_lock lock(mutex_);
  return struck_;
}

bool FaultState::disk_full() const {
  const std::scoped_lock lock(mutex_);
  return fault_.disk_full;
}

int FaultState::count(Operation operation) const {
  const std::scoped_lock lock(mutex_);
  return counts_.at(static_cast<std::size_t>(operation));
}

std::unique_ptr<rocksdb::Env> make_faulty_env(FaultState& state) {
  return rocksdb::NewCompositeEnv(std::make_shared<FaultyFileSystem>(state));
}

}  // namespace runledger::eventlog::test
