// Measures the log beside its floors: what the disk, a file or a bare RocksDB takes for the same
// work in the same run. The log and its floors take turns in small steps, so that a slow moment of
// the machine hits all of them; ratios within a run say more than figures of different runs.
//
// "Clients" is how many callers wait at a time. A command is one event and two rows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "eventlog/bench/measure.h"
#include "eventlog/record.h"

namespace runledger::eventlog::bench {

// What is going on, and how much of it is done. Called by the thread that measures; what it throws
// ends the measuring.
using Progress =
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

struct Settings {
  Offset events = 1'000'000;   // of the log that is read
  std::size_t groups = 1'000;  // commits of each writer for each number of clients
  std::vector<std::size_t> clients = {1, 16, 64, 256};
  std::filesystem::path directory;  // exists, is empty, and is removed by the caller
  Progress on_progress = [](std::string_view, std::uint64_t, std::uint64_t) {
  };
};

// Groups of as many commands as there are clients, written one after the other.
struct AppendFigures {
  std::size_t clients = 0;
  Rate fdatasync;  // of a file, the same bytes
  Rate bare_rocksdb;
  Rate unsealed;
  Rate log;
  // What one command costs the committing thread, in microseconds of a processor.
  double bare_rocksdb_cpu_us = 0;
  double unsealed_cpu_us = 0;
  double log_cpu_us = 0;
  double seal_share = 0;      // of the log's median commit: what the unsealed one does not take
  double seal_cpu_share = 0;  // the same of processor time, which others on the machine blur less
};

// Callers that wait for an answer and ask again at once, a bounded queue, and one thread that
// commits whatever waits. Latency is what a caller sees.
struct QueueFigures {
  std::size_t clients = 0;
  Rate bare_rocksdb;
  Rate log;
  double bare_rocksdb_group = 0;  // commands in a commit, on average
  double log_group = 0;
};

// 30 events read, beside the same bytes read from a flat file.
struct PollFigures {
  Latency log;
  Latency floor;
};

struct ScanFigures {
  double log_per_s = 0;  // events
  double floor_per_s = 0;
};

struct LargeLogFigures {
  Offset events = 0;
  double record_bytes = 0;  // of an event, as encoded
  double disk_bytes = 0;    // of an event: records, index, seal and rows, compressed
  double open_ms = 0;
  PollFigures feed;               // by offset, from the middle
  PollFigures run_random;         // of one run by index, each time another one
  PollFigures run_repeated;       // of one run by index, again and again
  PollFigures run_live;           // of runs that are being written, while the log is open
  PollFigures tail;               // the last 30 events
  ScanFigures replay;             // every record; floor: the flat file in one go
  ScanFigures verify_one_thread;  // floor: the seal's hashing alone, in memory
  ScanFigures verify_two_threads;
};

struct Report {
  std::vector<AppendFigures> append;
  std::vector<QueueFigures> queue;
  LargeLogFigures large_log;
};

// Throws what the log throws, and what on_progress throws.
Report run(const Settings& settings);

}  // namespace runledger::eventlog::bench
