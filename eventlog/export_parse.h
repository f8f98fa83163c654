// Reading the lines of an export that may come from a stranger: what is not exactly as
// export_line.h writes it is refused. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "eventlog/checkpoint.h"
#include "eventlog/export_line.h"

namespace runledger::eventlog {

// An event's line as what is stored.
struct EventLine {
  std::string record_bytes;
  RecordView record;  // points into them
  CommitMarks marks;
};

// An event's line up to its payload.
struct EventFields {
  Offset offset = 0;
  StreamIndex idx = 0;
  std::string stream;
  NewEvent event;
};

// These give what is wrong with a line, for a person to read; empty if nothing is. The line is
// without its line feed; what is read is good only if nothing is wrong.
std::string parse_start_line(std::string_view line, ExportStart& start);
// The data are the bytes that the log keeps; whether the signature is good is not looked at.
std::string parse_checkpoint_line(std::string_view line, std::string_view source,
                                  std::string_view& json, Checkpoint& checkpoint);

// Keeps its memory from one event's line to the next. One thread.
class EventParser {
 public:
  std::string parse(std::string_view line, std::string_view source, EventLine& event);

 private:
  EventFields fields_;
  std::string again_;  // the line as an export would write it
};

}  // namespace runledger::eventlog
