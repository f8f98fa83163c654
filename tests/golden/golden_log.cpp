#include "tests/golden/golden_log.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "eventlog/memory_storage.h"

namespace runledger::golden {

using Json = nlohmann::ordered_json;

void write_log(const eventlog::EventLog& log, std::ostream& out) {
  log.read(0, [&](const eventlog::RecordView& record) {
    const Json line = {
        {"stream", record.stream}, {"tenant", record.tenant},         {"owner", record.owner},
        {"type", record.type},     {"version", record.version},       {"time_us", record.time_us},
        {"actor", record.actor},   {"command_id", record.command_id}, {"payload", record.payload}};
    out << line.dump() << "\n";
    return true;
  });
}

std::unique_ptr<eventlog::Storage> read_log(const std::filesystem::path& file) {
  auto storage = std::make_unique<eventlog::MemoryStorage>();
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const Json json = Json::parse(line);
    eventlog::StreamAppend append;
    append.stream = json.at("stream");
    append.expected_idx = storage->log().stream_head(append.stream);
    append.events.push_back({json.at("time_us"), json.at("tenant"), json.at("owner"),
                             json.at("type"), json.at("version"), json.at("actor"),
                             json.at("command_id"), json.at("payload")});
    storage->log().append({&append, 1});
  }
  if (storage->log().head() > 0) return storage;
  throw std::runtime_error(file.string() + " has no events");
}

}  // namespace runledger::golden
