// Reads the lines of an export one after the other, verifies that they are a whole log, and hands
// them to a writer. One thread. For the .cpp files of this folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "eventlog/export_parse.h"
#include "eventlog/import_writer.h"
#include "eventlog/line_reader.h"
#include "eventlog/log_import.h"
#include "eventlog/seal.h"

namespace runledger::eventlog {

class ImportReader {
 public:
  // These outlive it. on_progress is called with how many events were read, of how many.
  ImportReader(ByteSource& lines, ImportWriter& writer,
               std::function<void(Offset done, Offset total)> on_progress)
      : lines_(lines, kLineBytesMax), writer_(writer), on_progress_(std::move(on_progress)) {}

  // To the end of the source. Gives where the chain stands. Throws ImportRefused, and what the
  // others throw.
  ChainHead run();

 private:
  std::optional<std::string_view> next_line();
  void read_start();
  void take_event(std::string_view line);
  void require_place(const RecordView& record);
  void begin_commit(const CommitMarks& marks);
  void end_commit(const CommitMarks& marks);
  void take_checkpoint(std::string_view line);
  void take_end(std::string_view line);
  void require_source(const Digest& first_commit) const;
  void progress(std::size_t bytes);
  [[noreturn]] void refuse(const std::string& reason) const;

  LineReader lines_;
  ImportWriter& writer_;
  std::function<void(Offset, Offset)> on_progress_;
  ExportStart start_;
  EventParser parser_;
  EventLine event_;
  Sealer sealer_;
  Offset next_ = 0;  // the offset of the next event
  ChainHead chain_;  // after the last whole commit
  std::uint32_t commit_events_ = 0;
  Offset commit_end_ = 0;  // of the commit that was begun
  std::uint64_t checkpoints_ = 0;
  Offset checkpoints_end_ = 0;  // what the last checkpoint covers
  Offset shown_ = 0;
  std::uint64_t bytes_since_shown_ = 0;
};

}  // namespace runledger::eventlog
