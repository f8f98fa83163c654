// One event as the log stores it: a small binary envelope around an opaque payload.
// The bytes are described in eventlog/README.md. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace runledger::eventlog {

using Offset = std::uint64_t;       // position in the whole log: dense, from 0
using StreamIndex = std::uint64_t;  // position within one stream: dense, from 0

// What a writer hands in. The log adds offset and index.
struct NewEvent {
  std::int64_t time_us = 0;  // microseconds since 1970, UTC
  std::string tenant;        // whose data this is; empty for the system's own
  std::string owner;         // user within the tenant; empty for the system's own
  std::string type;          // dotted name, e.g. "run.created"
  std::uint16_t version = 1;
  std::string actor;       // who caused it, e.g. "user:alice", "worker:local-1", "system"
  std::string command_id;  // the command that it came from
  std::string payload;     // JSON text; never looked into here
};

// Random bytes that go with a payload, so that nobody can guess an erased one from its digest.
using Salt = std::array<std::uint8_t, 16>;

// A stored event. The views point into the bytes that it was decoded from.
struct RecordView {
  Offset offset = 0;
  StreamIndex idx = 0;
  std::int64_t time_us = 0;
  std::uint16_t version = 0;
  std::string_view stream;
  std::string_view tenant;
  std::string_view owner;
  std::string_view type;
  std::string_view actor;
  std::string_view command_id;
  std::string_view payload;
  bool payload_erased = false;      // then payload is empty
  std::uint32_t payload_bytes = 0;  // that it has or, erased, had

  // What the seal covers (seal.h): the record up to its names, and salt and payload, or of an
  // erased payload their digest.
  std::string_view header;
  std::string_view sealed_payload;
};

inline constexpr std::size_t kNameBytesMax = 255;                 // each text field but the payload
inline constexpr std::size_t kPayloadBytesMax = 8 * 1024 * 1024;  // one event's payload

}  // namespace runledger::eventlog
