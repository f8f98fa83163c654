// The lines of an export: each a CloudEvent in JSON, described with an example in
// eventlog/README.md. There is exactly one way to write a line, so that a reader can make it again
// from what it read and compare. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventlog/record.h"
#include "eventlog/sha256.h"

namespace runledger::eventlog {

// Persisted: never change, never reuse a number.
inline constexpr int kExportFormat = 1;
inline constexpr std::string_view kExportName = "runledger-export";
inline constexpr std::string_view kLineStart = R"({"specversion":"1.0","id":")";
// Behind it an event's line has its offset, and the other lines:
inline constexpr std::string_view kStartWord = "start-";
inline constexpr std::string_view kCheckpointWord = "checkpoint-";
inline constexpr std::string_view kEndWord = "end-";
// In front of a name that is no string of CloudEvents, and so stands there in base64.
inline constexpr std::string_view kBase64Word = "base64:";

// The longest line: a payload of the longest in base64, and all that may stand around it.
inline constexpr std::size_t kLineBytesMax = kPayloadBytesMax / 3 * 4 + 64 * 1024;

// Which part of which log.
struct ExportStart {
  std::string source;
  Offset from = 0;
  Offset to = 0;         // the end, not part of it
  Digest hash_before{};  // of the last commit before; all zero if there is none
};

struct ExportEnd {
  std::uint64_t checkpoints = 0;
  Digest hash{};  // of the last commit
};

// Where an event stands in its commit.
struct CommitMarks {
  std::uint32_t events = 0;    // of the commit that begins with it; else 0
  std::optional<Digest> hash;  // of the commit that ends with it
};

enum class DataForm { kJson, kBase64 };

// The source of CloudEvents that a log is, by the hash of its first commit (all zero if it has
// none): with an event's id it names the event.
std::string export_source(const Digest& first_commit);

// Where the first quote or backslash is, else the size: what strings in JSON have to escape besides
// control characters.
std::size_t first_to_escape(std::string_view text);

// kJson if the payload can stand in a line as it is, and any reader of JSON can read it there.
DataForm data_form(std::string_view payload);

// These append the line and its line feed.
void put_start_line(const ExportStart& start, std::string& out);
void put_event_line(std::string_view source, const RecordView& record, const CommitMarks& marks,
                    DataForm form, std::string& out);
void put_checkpoint_line(std::string_view source, Offset offset, std::string_view json,
                         std::string& out);
void put_end_line(const ExportStart& start, const ExportEnd& end, std::string& out);

}  // namespace runledger::eventlog
