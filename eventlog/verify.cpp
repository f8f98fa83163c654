#include "eventlog/verify.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "eventlog/chain_check.h"
#include "eventlog/fence.h"
#include "eventlog/index_sum.h"
#include "eventlog/read_only_database.h"
#include "eventlog/rocksdb_reader.h"
#include "eventlog/verify_seals.h"
#include "eventlog/wal_check.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

constexpr Offset kChunkEventsMin = 16'384;  // a thread's share at a time
constexpr Offset kChunksWanted = 100;

void require_readable(const fs::path& directory) {
  const std::string place = "the log in " + directory.string();
  std::error_code error;
  if (!fs::is_directory(directory, error)) throw LogError("Expected " + place + ", but it is none");
  if (::access(directory.c_str(), R_OK | X_OK) != 0) {
    throw LogError("Expected " + place + " to be readable for this user");
  }
  if (fs::is_empty(directory)) throw LogError("Expected " + place + ", but there is no file");
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file(error) && ::access(entry.path().c_str(), R_OK) != 0) {
      throw LogError("Expected the file " + entry.path().string() +
                     " to be readable for this user");
    }
  }
}

class Verification {
 public:
  Verification(fs::path directory, const VerifyOptions& options)
      : directory_(std::move(directory)), options_(options), in_records_(new_seed()) {}

  VerifyReport run() {
    // The fence first: what it says was durable before the database was read.
    const auto fence = find_fence();
    if (!open()) return report_;
    try {
      verify_all(fence);
    } catch (const LogError& error) {
      damaged(error.offset().value_or(0), error.what());
    }
    return report_;
  }

 private:
  void verify_all(const std::optional<ChainHead>& fence) {
    const RocksDbReader reader(*database_);
    head_ = reader.last_record_end();
    const Offset stated = reader.position().value_or(LogPosition{}).head;
    if (stated != head_) {
      damaged(std::min(stated, head_), "the records end before offset " + std::to_string(head_) +
                                           ", but the position says " + std::to_string(stated));
    }
    verify_records();
    verify_checkpoints(*database_, head_, report_, damage_sink());
    if (fence) verify_fence(*fence);
    if (options_.witness) verify_witness(*database_, head_, *options_.witness, damage_sink());
  }

  static std::uint64_t new_seed() {
    std::array<std::uint8_t, 8> bytes{};
    fill_from_kernel(bytes);
    std::uint64_t seed = 0;
    for (const std::uint8_t byte : bytes) seed = seed << 8 | byte;
    return seed;
  }

  // Any of the threads; the lowest offset stays.
  void damaged(Offset offset, const std::string& what) {
    const std::scoped_lock lock(mutex_);
    if (!report_.damage || offset < report_.damage->offset) report_.damage = {offset, what};
  }
  ReportDamage damage_sink() {
    return [this](Offset offset, const std::string& what) {
      damaged(offset, what);
    };
  }

  std::optional<ChainHead> find_fence() {
    const fs::path file = fence_file(directory_);
    try {
      const auto fence = read_fence(file);
      report_.has_fence = fence.has_value();
      return fence;
    } catch (const LogError& error) {
      fence_fault_ = error.what();
      return std::nullopt;
    }
  }

  // False if nothing can be read at all.
  bool open() {
    std::string fault;
    try {
      database_ = open_stable(directory_, {});
    } catch (const RepeatedWal& error) {
      damaged(0, std::string("nothing can be read: ") + error.what());
      return false;
    } catch (const LogError& error) {
      fault = error.what();
    }
    if (fault.empty()) return true;
    try {
      database_.reset();
      database_ =
          std::make_unique<Database>(directory_, RocksDbOptions{}, Database::Mode::kSalvage);
      damaged(RocksDbReader(*database_).last_record_end(), fault);
      return true;
    } catch (const LogError&) {
      damaged(0, "nothing can be read: " + fault);
      return false;
    }
  }

  // Ends of commits, so that the parts between can be checked at the same time.
  std::vector<ChainHead> chunk_starts() const {
    std::vector<ChainHead> starts = {ChainHead{}};
    const Offset step = std::max(kChunkEventsMin, head_ / kChunksWanted);
    for (Offset at = step; at < head_; at += step) {
      const auto start = chain_at_or_before(*database_, at);
      if (start && start->head > starts.back().head) starts.push_back(*start);
    }
    return starts;
  }

  void verify_records() {
    const std::vector<ChainHead> starts = chunk_starts();
    IndexSum in_index(0);
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < std::max(1u, options_.threads); ++i) {
        threads.emplace_back([&] { take_chunks(starts); });
      }
      in_index = sum_index();
      take_chunks(starts);
    }
    if (!report_.damage && !(in_index == in_records_)) find_index_fault();
    if (!report_.damage || report_.damage->offset > 0) {
      const Offset sound = report_.damage ? report_.damage->offset : head_;
      report_.chain = chain_at_or_before(*database_, sound).value_or(ChainHead{});
    }
    if (!fence_fault_.empty()) damaged(head_, fence_fault_);
  }

  void take_chunks(std::span<const ChainHead> starts) {
    IndexSum sum = in_records_empty_;
    std::uint64_t erased = 0;
    for (std::size_t i = next_chunk_++; i < starts.size(); i = next_chunk_++) {
      const Offset end = i + 1 < starts.size() ? starts[i + 1].head : head_;
      try {
        check_chain(*database_, starts[i], end, [&](const RecordView& record) {
          sum.add(record);
          erased += record.payload_erased ? 1 : 0;
        });
      } catch (const LogError& error) {
        damaged(error.offset().value_or(starts[i].head), error.what());
        next_chunk_ = starts.size();  // what comes later is not the first
      }
      progress(end - starts[i].head);
    }
    const std::scoped_lock lock(mutex_);
    in_records_.add(sum);
    report_.erased_payloads += erased;
  }

  void progress(Offset done) {
    if (!options_.on_progress) return;
    const std::scoped_lock lock(mutex_);
    done_ += done;
    options_.on_progress(done_, head_);
  }

  IndexSum sum_index() {
    IndexSum sum = in_records_empty_;
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db().NewIterator(options, database_->streams()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) sum.add(view(it->key()), view(it->value()));
    return sum;  // an iterator that ends early gives another sum
  }

  static std::string index_fault(const RocksDbReader& reader, const RecordView& record) {
    try {
      if (reader.indexed_offset(record.stream, record.idx) == record.offset) return "";
    } catch (const LogError& error) {
      return error.what();
    }
    return "the stream index does not have entry " + std::to_string(record.idx) + " of stream " +
           std::string(record.stream) + " at this offset";
  }

  // The slow way, now that something is known to be wrong.
  void find_index_fault() {
    const RocksDbReader reader(*database_);
    reader.read(0, head_, [&](const RecordView& record) {
      const std::string fault = index_fault(reader, record);
      if (!fault.empty()) damaged(record.offset, fault);
      return fault.empty();
    });
    if (!report_.damage) damaged(head_, "the stream index has entries that no event stands for");
  }

  void verify_fence(const ChainHead& fence) {
    if (fence.head > head_) {
      damaged(head_, "the log ends before offset " + std::to_string(head_) + ", but the fence " +
                         fence_file(directory_).string() + " says that it had " +
                         std::to_string(fence.head) + " events");
    } else if (chain_at_or_before(*database_, fence.head) != fence) {
      damaged(fence.head == 0 ? 0 : fence.head - 1,
              "the log does not have the hash that the fence says: it is another log, or changed");
    }
  }

  fs::path directory_;
  const VerifyOptions& options_;
  std::unique_ptr<Database> database_;
  Offset head_ = 0;
  std::string fence_fault_;
  std::atomic<std::size_t> next_chunk_ = 0;

  std::mutex mutex_;  // of what follows, while threads run
  VerifyReport report_;
  IndexSum in_records_;
  const IndexSum in_records_empty_ = in_records_;
  Offset done_ = 0;
};

}  // namespace

VerifyReport verify_log(const fs::path& log_directory, const VerifyOptions& options) {
  std::error_code error;
  const bool has_fence = fs::exists(fence_file(log_directory), error);
  const bool has_files = fs::is_directory(log_directory, error) && !fs::is_empty(log_directory);
  if (has_fence && !has_files) {
    VerifyReport report;
    report.has_fence = true;
    report.damage = {0,
                     "the log in " + log_directory.string() + " is gone, its fence file is there"};
    return report;
  }
  require_readable(log_directory);
  return Verification(log_directory, options).run();
}

}  // namespace runledger::eventlog
