// log_bench [--events N] [--groups N] [--dir DIR]: how fast the log is, beside its floors measured
// in the same run. One JSON object on stdout. The log and its floors take the same groups in turn,
// so that a slow moment of the machine hits all of them.
//
// "Clients" is how many commands wait at a time, which is how many one commit takes: the writer
// drains what is queued. A command is one event and two rows.
#include <fcntl.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "eventlog/commit_row.h"
#include "eventlog/keys.h"
#include "eventlog/log_position.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/verify.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kEventsPerRun = 60;
constexpr std::size_t kPollEvents = 30;
constexpr int kPolls = 20'000;
constexpr std::size_t kRunsAtATime = 256;

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

struct Settings {
  Offset events = 1'000'000;
  std::size_t groups = 1'000;
  fs::path directory = fs::temp_directory_path() / "runledger-log-bench";
};

// Makes commands: runs of kEventsPerRun events, some of them at the same time.
class Workload {
 public:
  struct Group {
    std::vector<StreamAppend> items;
    std::vector<RowChange> rows;
  };

  Group next(std::size_t clients) {
    Group group;
    for (std::size_t i = 0; i < clients; ++i) {
      const std::size_t slot = events_ % kRunsAtATime;
      const std::size_t turn = events_ / kRunsAtATime;
      const std::size_t run = turn / kEventsPerRun * kRunsAtATime + slot;
      StreamAppend item;
      item.stream = run_name(run);
      item.expected_idx = turn % kEventsPerRun;
      item.events.push_back(event());
      group.rows.push_back({"run/" + item.stream, item.events[0].payload});
      group.rows.push_back({"task/" + item.stream, item.events[0].payload});
      group.items.push_back(std::move(item));
      ++events_;
    }
    return group;
  }

  static std::string run_name(std::size_t run) {
    const std::string digits = std::to_string(run);
    return "run_" + std::string(26 - digits.size(), '0') + digits;
  }

 private:
  NewEvent event() {
    NewEvent made;
    made.time_us = 1'700'000'000'000'000 + static_cast<std::int64_t>(events_);
    made.tenant = "acme";
    made.owner = "alice";
    made.type = "task.progressed";
    made.actor = "worker:local-1";
    made.command_id = "cmd_" + std::to_string(random_());
    std::string text(150, ' ');
    for (char& c : text) c = static_cast<char>('a' + random_() % 26);
    made.payload = R"({"task_id":"clip","done":)" + std::to_string(random_() % 100) +
                   R"(,"text":")" + text + R"("})";
    return made;
  }

  std::mt19937_64 random_{1};
  std::size_t events_ = 0;
};

// Something that takes groups durably.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void write(const Workload::Group& group) = 0;
};

// Floor: the records' bytes appended to a file, and fdatasync.
class FileWriter final : public Writer {
 public:
  explicit FileWriter(const fs::path& file)
      : fd_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~FileWriter() override { ::close(fd_); }

  void write(const Workload::Group& group) override {
    bytes_.clear();
    for (const auto& item : group.items) {
      encode_record(0, item.stream, item.expected_idx, item.events[0], Salt{}, bytes_);
    }
    const auto written = ::write(fd_, bytes_.data(), bytes_.size());
    if (written != static_cast<::ssize_t>(bytes_.size()) || ::fdatasync(fd_) != 0) std::abort();
  }

 private:
  int fd_;
  std::string bytes_;
};

// Floor: the same rows of the same sizes in a RocksDB set up alike, with nothing checked, hashed or
// remembered.
class BareRocksDb final : public Writer {
 public:
  explicit BareRocksDb(const fs::path& directory)
      : database_(directory, {}, Database::Mode::kReadWrite) {}

  void write(const Workload::Group& group) override {
    rocksdb::WriteBatch batch;
    for (const auto& item : group.items) {
      bytes_.clear();
      encode_record(head_, item.stream, item.expected_idx, item.events[0], Salt{}, bytes_);
      batch.Put(database_.log(), log_key(head_), bytes_);
      batch.Put(database_.streams(), stream_key(item.stream, item.expected_idx),
                stream_value(head_));
      ++head_;
    }
    for (const auto& row : group.rows) batch.Put(database_.rows(), row.key, *row.value);
    batch.Put(database_.commits(), log_key(head_ - 1), encode_commit_row({1, {}}));
    batch.Put(database_.meta(), slice(kLogPositionKey), encode_position({head_, head_}));
    rocksdb::WriteOptions options;
    options.sync = true;
    require_ok(database_.db().Write(options, &batch), "writing", database_.name());
  }

 private:
  Database database_;
  Offset head_ = 0;
  std::string bytes_;
};

class LogWriter final : public Writer {
 public:
  explicit LogWriter(const fs::path& directory) : storage_(directory) {}
  void write(const Workload::Group& group) override {
    if (storage_.commit(group.items, group.rows).at(0).status != AppendStatus::kAppended) {
      std::abort();
    }
  }

 private:
  RocksDbStorage storage_;
};

Json figures(const std::vector<double>& took_us, std::size_t clients) {
  double sum = 0;
  for (const double value : took_us) sum += value;
  const double commands = static_cast<double>(clients * took_us.size());
  return {{"commands_per_s", std::round(commands * 1e6 / sum)},
          {"p50_us", std::round(percentile(took_us, 0.5))},
          {"p99_us", std::round(percentile(took_us, 0.99))}};
}

// What sealing costs beside the rest of a commit: drawing salts and hashing.
double seal_us_per_event() {
  Workload workload;
  const auto group = workload.next(20'000);
  std::vector<std::string> records(group.items.size());
  std::vector<EncodedParts> parts;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto& item = group.items[i];
    parts.push_back(encode_record(i, item.stream, 0, item.events[0], Salt{}, records[i]));
  }
  Sealer sealer;
  std::vector<std::uint8_t> salts(records.size() * sizeof(Salt));
  const auto start = Clock::now();
  fill_from_kernel(salts);
  sealer.begin_commit({}, 1);
  for (const auto& part : parts) sealer.add(part.header, part.sealed_payload);
  sealer.end_commit();
  return us_since(start) / static_cast<double>(parts.size());
}

Json bench_append(const Settings& settings, std::size_t clients) {
  fs::remove_all(settings.directory);
  fs::create_directories(settings.directory);
  const std::vector<std::string> names = {"file_fdatasync", "bare_rocksdb", "log"};
  std::vector<std::unique_ptr<Writer>> writers;
  writers.push_back(std::make_unique<FileWriter>(settings.directory / names[0]));
  writers.push_back(std::make_unique<BareRocksDb>(settings.directory / names[1]));
  writers.push_back(std::make_unique<LogWriter>(settings.directory / names[2]));
  std::vector<std::vector<double>> took_us(names.size());
  Workload workload;
  for (std::size_t i = 0; i < settings.groups; ++i) {
    const auto group = workload.next(clients);
    for (std::size_t turn = 0; turn < names.size(); ++turn) {
      const std::size_t kind = (i + turn) % names.size();
      const auto start = Clock::now();
      writers[kind]->write(group);
      took_us[kind].push_back(us_since(start));
    }
  }
  Json json = {{"clients", clients}};
  for (std::size_t kind = 0; kind < names.size(); ++kind) {
    json[names[kind]] = figures(took_us[kind], clients);
  }
  const double log = json["log"]["commands_per_s"];
  const double bare = json["bare_rocksdb"]["commands_per_s"];
  const double log_p50 = json["log"]["p50_us"];
  const double bare_p50 = json["bare_rocksdb"]["p50_us"];
  json["log_to_bare_rocksdb"] = log / bare;
  json["log_to_bare_rocksdb_p50"] = bare_p50 / log_p50;
  json["seal_share"] = seal_us_per_event() * log / 1e6;
  const double file_p50 = json["file_fdatasync"]["p50_us"];
  json["p50_to_fdatasync_p50"] = log_p50 / file_p50;
  return json;
}

Json bench_polls(const RocksDbStorage& storage) {
  const Offset head = storage.log().head();
  const std::size_t runs = head / kEventsPerRun;
  std::mt19937_64 random(7);
  std::vector<double> of_run, of_feed;
  std::string answer;
  const auto poll = [&](std::vector<double>& took, const std::function<void()>& read) {
    answer.clear();
    const auto start = Clock::now();
    read();
    took.push_back(us_since(start));
  };
  for (int i = 0; i < kPolls; ++i) {
    std::size_t left = kPollEvents;
    const auto visit = [&](const RecordView& record) {
      answer += record.payload;
      return --left > 0;
    };
    const std::string run = Workload::run_name(runs / 4 + random() % std::max(runs / 2, runs % 2));
    poll(of_run, [&] { storage.log().read_stream(run, kEventsPerRun / 4, visit); });
    left = kPollEvents;
    const Offset from = head / 4 + random() % (head / 2);
    poll(of_feed, [&] { storage.log().read(from, visit); });
  }
  return {{"run_p50_us", percentile(of_run, 0.5)},
          {"run_p99_us", percentile(of_run, 0.99)},
          {"feed_p50_us", percentile(of_feed, 0.5)},
          {"feed_p99_us", percentile(of_feed, 0.99)}};
}

double rate_of(Offset events, const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::round(static_cast<double>(events) * 1e6 / us_since(start));
}

std::uintmax_t bytes_in(const fs::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(directory)) bytes += entry.file_size();
  return bytes;
}

Json bench_large_log(const Settings& settings) {
  const fs::path directory = settings.directory / "log";
  fs::remove_all(settings.directory);
  fs::create_directories(settings.directory);
  constexpr std::size_t kGroup = 256;
  Json json = {{"events", settings.events}};
  {
    RocksDbStorage storage(directory);
    Workload workload;
    while (storage.log().head() < settings.events) {
      const auto group = workload.next(kGroup);
      storage.commit(group.items, group.rows);
    }
  }
  json["bytes_per_event"] = bytes_in(directory) / settings.events;
  const auto start = Clock::now();
  const RocksDbStorage storage(directory);
  json["open_ms"] = us_since(start) / 1e3;
  const Offset head = storage.log().head();
  json["poll_30_events"] = bench_polls(storage);
  json["read_events_per_s"] =
      rate_of(head, [&] { storage.log().read(0, [](const RecordView&) { return true; }); });
  for (const unsigned threads : {1u, 2u}) {
    json["verify_events_per_s_" + std::to_string(threads) + "_threads"] = rate_of(head, [&] {
      VerifyOptions options;
      options.threads = threads;
      if (verify_log(directory, options).damage) std::abort();
    });
  }
  return json;
}

int run(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--events") settings.events = std::stoull(argv[i + 1]);
    if (name == "--groups") settings.groups = std::stoull(argv[i + 1]);
    if (name == "--dir") settings.directory = fs::path(argv[i + 1]) / "runledger-log-bench";
  }
  Json json = {{"seal_us_per_event", seal_us_per_event()}};
  for (const std::size_t clients : {1, 16, 64, 256}) {
    json["append"].push_back(bench_append(settings, clients));
  }
  json["large_log"] = bench_large_log(settings);
  fs::remove_all(settings.directory);
  std::cout << json.dump(2) << "\n";
  return 0;
}

}  // namespace
}  // namespace runledger::eventlog

int main(int argc, char** argv) {
  return runledger::eventlog::run(argc, argv);
}
