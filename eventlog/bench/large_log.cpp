#include <algorithm>
#include <string>

#include "eventlog/bench/flat_file.h"
#include "eventlog/bench/parts.h"
#include "eventlog/bench/polls.h"
#include "eventlog/bench/workload.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/verify.h"

namespace runledger::eventlog::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kGroup = 256;
constexpr std::size_t kFloorReadRecords = 4096;
constexpr std::size_t kHashedRecords = 50'000;

// The same records as the log has, but for their salts.
void add_to_flat(const Group& group, Offset first, FlatFile& flat, std::string& bytes) {
  for (const StreamAppend& item : group.items) {
    bytes.clear();
    encode_record(first++, item.stream, item.expected_idx, item.events[0], Salt{}, bytes);
    flat.add(bytes);
  }
}

void fill(const Settings& settings, RocksDbStorage& storage, FlatFile& flat) {
  Workload workload;
  std::string bytes;
  while (storage.log().head() < settings.events) {
    const Offset first = storage.log().head();
    settings.on_progress("writing a log", first, settings.events);
    const Group group = workload.next(kGroup);
    if (storage.commit(group.items, group.rows).at(0).status != AppendStatus::kAppended) {
      throw LogError("The log did not take a group");
    }
    add_to_flat(group, first, flat, bytes);
  }
  flat.flush();
}

std::uintmax_t bytes_in(const fs::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::error_code gone;  // a merge in the background may be removing it
    const std::uintmax_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

double per_s(Offset events, const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return static_cast<double>(events) * 1e6 / us_since(start);
}

ScanFigures replay(const EventLog& log, const FlatFile& flat) {
  ScanFigures figures;
  std::size_t payload_bytes = 0;
  figures.log_per_s = per_s(log.head(), [&] {
    log.read(0, [&](const RecordView& record) {
      payload_bytes += record.payload.size();
      return true;
    });
  });
  if (payload_bytes == 0) throw std::logic_error("The bench's log has no payloads");
  std::string bytes;
  figures.floor_per_s = per_s(flat.records(), [&] {
    for (Offset at = 0; at < flat.records(); at += kFloorReadRecords) {
      bytes.clear();
      flat.read(at, std::min<std::size_t>(kFloorReadRecords, flat.records() - at), bytes);
    }
  });
  return figures;
}

// The seal's hashing of records that are in memory already.
double hashed_per_s() {
  Workload workload;
  const Group group = workload.next(kHashedRecords);
  std::vector<std::string> records(kHashedRecords);
  std::vector<EncodedParts> parts;
  for (std::size_t i = 0; i < kHashedRecords; ++i) {
    const StreamAppend& item = group.items[i];
    parts.push_back(
        encode_record(i, item.stream, item.expected_idx, item.events[0], Salt{}, records[i]));
  }
  Sealer sealer;
  return per_s(kHashedRecords, [&] {
    sealer.begin_commit({}, kHashedRecords);
    for (const EncodedParts& part : parts) sealer.add(part.header, part.sealed_payload);
    sealer.end_commit();
  });
}

ScanFigures verify(const fs::path& log, Offset events, unsigned threads) {
  ScanFigures figures;
  figures.floor_per_s = threads * hashed_per_s();
  figures.log_per_s = per_s(events, [&] {
    VerifyOptions options;
    options.threads = threads;
    const auto report = verify_log(log, options);
    if (report.damage) throw LogError(report.damage->what, report.damage->offset);
  });
  return figures;
}

}  // namespace

LargeLogFigures measure_large_log(const Settings& settings) {
  const fs::path directory = settings.directory / "large";
  fs::create_directory(directory);
  LargeLogFigures figures;
  FlatFile flat(directory / "flat");
  {
    RocksDbStorage storage(directory / "log");
    fill(settings, storage, flat);
    figures.run_live = Polls(settings, storage.log(), flat).run_live();
  }
  const auto start = Clock::now();
  const RocksDbStorage storage(directory / "log");
  figures.open_ms = us_since(start) / 1e3;
  figures.events = storage.log().head();
  const auto events = static_cast<double>(figures.events);
  figures.record_bytes = static_cast<double>(flat.bytes()) / events;
  figures.disk_bytes = static_cast<double>(bytes_in(directory / "log")) / events;
  const Polls polls(settings, storage.log(), flat);
  figures.feed = polls.feed();
  figures.run_random = polls.run_random();
  figures.run_repeated = polls.run_repeated();
  figures.tail = polls.tail();
  figures.replay = replay(storage.log(), flat);
  figures.verify_one_thread = verify(directory / "log", figures.events, 1);
  figures.verify_two_threads = verify(directory / "log", figures.events, 2);
  fs::remove_all(directory);
  return figures;
}

}  // namespace runledger::eventlog::bench
