#include "api/cli/bench_report.h"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace runledger::cli {
namespace {

using namespace eventlog::bench;
using Json = nlohmann::ordered_json;

// Three decimals are more than any of these figures is worth.
double rounded(double value) {
  return std::round(value * 1e3) / 1e3;
}

double ratio(double of, double to) {
  return to > 0 ? rounded(of / to) : 0;
}

Json json_of(const Rate& rate) {
  return {{"commands_per_s", std::round(rate.per_s)},
          {"p50_us", rounded(rate.latency.p50_us)},
          {"p99_us", rounded(rate.latency.p99_us)}};
}

Json json_of(const AppendFigures& figures) {
  return {
      {"clients", figures.clients},
      {"fdatasync", json_of(figures.fdatasync)},
      {"bare_rocksdb", json_of(figures.bare_rocksdb)},
      {"unsealed", json_of(figures.unsealed)},
      {"log", json_of(figures.log)},
      {"log_to_bare_rocksdb", ratio(figures.log.per_s, figures.bare_rocksdb.per_s)},
      {"log_to_bare_rocksdb_p50",
       ratio(figures.bare_rocksdb.latency.p50_us, figures.log.latency.p50_us)},
      {"p50_to_fdatasync_p50", ratio(figures.log.latency.p50_us, figures.fdatasync.latency.p50_us)},
      {"bare_rocksdb_cpu_us", rounded(figures.bare_rocksdb_cpu_us)},
      {"unsealed_cpu_us", rounded(figures.unsealed_cpu_us)},
      {"log_cpu_us", rounded(figures.log_cpu_us)},
      {"log_to_bare_rocksdb_cpu", ratio(figures.bare_rocksdb_cpu_us, figures.log_cpu_us)},
      {"seal_share", rounded(figures.seal_share)},
      {"seal_cpu_share", rounded(figures.seal_cpu_share)}};
}

Json json_of(const QueueFigures& figures) {
  return {{"clients", figures.clients},
          {"bare_rocksdb", json_of(figures.bare_rocksdb)},
          {"log", json_of(figures.log)},
          {"bare_rocksdb_commands_in_a_commit", rounded(figures.bare_rocksdb_group)},
          {"log_commands_in_a_commit", rounded(figures.log_group)},
          {"log_to_bare_rocksdb", ratio(figures.log.per_s, figures.bare_rocksdb.per_s)}};
}

Json json_of(const PollFigures& figures) {
  return {{"p50_us", rounded(figures.log.p50_us)},
          {"p99_us", rounded(figures.log.p99_us)},
          {"flat_file_p50_us", rounded(figures.floor.p50_us)},
          {"flat_file_p99_us", rounded(figures.floor.p99_us)}};
}

Json json_of(const ScanFigures& figures, const char* floor) {
  return {{"events_per_s", std::round(figures.log_per_s)},
          {floor, std::round(figures.floor_per_s)},
          {"to_floor", ratio(figures.log_per_s, figures.floor_per_s)}};
}

Json json_of(const LargeLogFigures& figures) {
  return {{"events", figures.events},
          {"record_bytes_per_event", rounded(figures.record_bytes)},
          {"disk_bytes_per_event", rounded(figures.disk_bytes)},
          {"open_ms", rounded(figures.open_ms)},
          {"poll_30_events",
           {{"feed", json_of(figures.feed)},
            {"run_at_random", json_of(figures.run_random)},
            {"run_repeated", json_of(figures.run_repeated)},
            {"run_live", json_of(figures.run_live)},
            {"tail", json_of(figures.tail)}}},
          {"replay", json_of(figures.replay, "flat_file_events_per_s")},
          {"verify_1_thread", json_of(figures.verify_one_thread, "hashing_events_per_s")},
          {"verify_2_threads", json_of(figures.verify_two_threads, "hashing_events_per_s")}};
}

std::string line_of(const AppendFigures& figures) {
  const double log_us = figures.log.latency.p50_us;
  return fmt::format(
      "{:>7} {:>12.0f} {:>12.0f} {:>12.0f} {:>8.2f} {:>9.0f} {:>9.0f} {:>9.2f} {:>7.1f}%\n",
      figures.clients, figures.fdatasync.per_s, figures.bare_rocksdb.per_s, figures.log.per_s,
      ratio(figures.log.per_s, figures.bare_rocksdb.per_s), log_us, figures.log.latency.p99_us,
      ratio(log_us, figures.fdatasync.latency.p50_us), 100 * figures.seal_cpu_share);
}

std::string line_of(const QueueFigures& figures) {
  return fmt::format("{:>7} {:>12.0f} {:>12.0f} {:>8.2f} {:>9.0f} {:>9.0f} {:>9.1f}\n",
                     figures.clients, figures.bare_rocksdb.per_s, figures.log.per_s,
                     ratio(figures.log.per_s, figures.bare_rocksdb.per_s),
                     figures.log.latency.p50_us, figures.log.latency.p99_us, figures.log_group);
}

std::string line_of(const char* name, const PollFigures& figures) {
  return fmt::format("  {:<28} {:>9.1f} {:>9.1f} {:>12.1f}\n", name, figures.log.p50_us,
                     figures.log.p99_us, figures.floor.p50_us);
}

std::string line_of(const char* name, const ScanFigures& figures) {
  return fmt::format("  {:<28} {:>12.0f} {:>12.0f} {:>8.2f}\n", name, figures.log_per_s,
                     figures.floor_per_s, ratio(figures.log_per_s, figures.floor_per_s));
}

std::string table_of(const LargeLogFigures& figures) {
  return fmt::format(
             "\nA log of {} events: {:.0f} bytes an event as encoded, {:.0f} on the disk with "
             "index, seal and rows; opened in {:.0f} ms\n"
             "\nReading 30 events, us            p50       p99    flat file\n",
             figures.events, figures.record_bytes, figures.disk_bytes, figures.open_ms) +
         line_of("feed, from the middle", figures.feed) +
         line_of("a run, at random", figures.run_random) +
         line_of("a run, repeatedly", figures.run_repeated) +
         line_of("runs being written", figures.run_live) +
         line_of("the end of the feed", figures.tail) +
         "\nWhole log, events/s                   log        floor    ratio\n" +
         line_of("replay; a flat file", figures.replay) +
         line_of("verify, 1 thread; hashing", figures.verify_one_thread) +
         line_of("verify, 2 threads; hashing", figures.verify_two_threads);
}

}  // namespace

std::string as_table(const Report& report) {
  std::string text =
      "Groups written one after the other: commands/s\n"
      "clients    fdatasync bare RocksDB          log  log/bare    p50 us    p99 us  p50/sync"
      "    seal\n";
  for (const AppendFigures& figures : report.append) text += line_of(figures);
  text +=
      "\nCallers waiting on a queue: commands/s, and what a caller waits\n"
      "clients bare RocksDB          log  log/bare    p50 us    p99 us  a commit\n";
  for (const QueueFigures& figures : report.queue) text += line_of(figures);
  return text + table_of(report.large_log);
}

std::string as_json(const Report& report) {
  Json json;
  for (const AppendFigures& figures : report.append) json["append"].push_back(json_of(figures));
  for (const QueueFigures& figures : report.queue) json["queue"].push_back(json_of(figures));
  json["large_log"] = json_of(report.large_log);
  return json.dump(2) + "\n";
}

}  // namespace runledger::cli
