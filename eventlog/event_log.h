// The append-only event log. One writer; any number of readers on any thread.
//
// append() returns only after the events are durable. It is all or nothing: if one stream is not at
// the index that its writer expected, nothing at all is written and the results say where each
// stands. An I/O failure while writing gives kUnknown: the events may or may not be there, nothing
// more can be appended through this object, and only a reopen tells. Reads throw LogError on I/O
// failure or damage; so does append() if it cannot read where a stream stands, and then nothing is
// written.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/record.h"

namespace runledger::eventlog {

struct StreamAppend {
  std::string stream;            // e.g. "run_01…", "sys/access"; 1 to kNameBytesMax bytes, no NUL
  StreamIndex expected_idx = 0;  // the index that the first event must get
  std::vector<NewEvent> events;  // at least one
};

enum class AppendStatus { kAppended, kConflict, kNotWritten, kUnknown };

struct AppendResult {
  AppendStatus status = AppendStatus::kUnknown;
  Offset first_offset = 0;      // kAppended: the first event's offset; the others follow densely
  StreamIndex current_idx = 0;  // kConflict: the index that the stream's next event would get
  std::string detail;           // kUnknown: what failed
};

// The log cannot be read or is damaged. what() names the place.
class LogError : public std::runtime_error {
 public:
  explicit LogError(const std::string& what, std::optional<Offset> offset = std::nullopt)
      : std::runtime_error(what), offset_(offset) {}

  // The event that is missing or wrong, where it is one.
  std::optional<Offset> offset() const { return offset_; }

 private:
  std::optional<Offset> offset_;
};

// The disk failed, or is full: what is stored may be as good as ever.
class LogIoError : public LogError {
 public:
  using LogError::LogError;
};

// Called once per record, in order; the view is valid during the call. False ends the reading.
using RecordVisitor = std::function<bool(const RecordView&)>;

class EventLog {
 public:
  virtual ~EventLog() = default;

  // One result per item, in order. Appends are made by one thread at a time. The same stream may
  // stand in several items; the expected indices then follow each other. An event over the limits
  // of record.h is a programming error and throws std::invalid_argument before anything is written.
  virtual std::vector<AppendResult> append(std::span<const StreamAppend> items) = 0;

  // The offset that the next event will get, i.e. the number of events that are durable.
  virtual Offset head() const = 0;
  // The index that the stream's next event will get; 0 for a stream that does not exist.
  virtual StreamIndex stream_head(std::string_view stream) const = 0;

  // Everything durable from there on, to the head at the time of the call.
  virtual void read(Offset from, const RecordVisitor& visit) const = 0;
  virtual void read_stream(std::string_view stream, StreamIndex from,
                           const RecordVisitor& visit) const = 0;
};

}  // namespace runledger::eventlog
