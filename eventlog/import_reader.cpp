#include "eventlog/import_reader.h"

#include "eventlog/log_export.h"

namespace runledger::eventlog {
namespace {

constexpr char kDigitMin = '0';
constexpr char kDigitMax = '9';

bool begins_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= kDigitMin && text.front() <= kDigitMax;
}

std::string events_text(Offset from, Offset to) {
  return "the events from offset " + std::to_string(from) + " to " + std::to_string(to - 1);
}

std::string place_of(std::uint64_t line, std::optional<Offset> offset) {
  const std::string place = "Line " + std::to_string(line);
  return offset ? place + ", offset " + std::to_string(*offset) : place;
}

}  // namespace

ImportRefused::ImportRefused(std::uint64_t line, std::optional<Offset> offset,
                             const std::string& reason)
    : LogError(place_of(line, offset) + ": " + reason, offset), line_(line) {}

void ImportReader::refuse(const std::string& reason) const {
  throw ImportRefused(lines_.number(), next_, reason);
}

std::optional<std::string_view> ImportReader::next_line() {
  try {
    return lines_.next();
  } catch (const LogError& damaged) {
    refuse(damaged.what());
  }
}

ChainHead ImportReader::run() {
  read_start();
  for (;;) {
    const auto line = next_line();
    if (!line) {
      refuse("the file was cut: it has " + std::to_string(next_) + " of " +
             std::to_string(start_.to) + " events, and no last line");
    }
    const std::string_view id = line->substr(std::min(kLineStart.size(), line->size()));
    if (!line->starts_with(kLineStart)) refuse("it does not begin as the lines of an export do");
    if (id.starts_with(kEndWord)) {
      take_end(*line);
      return chain_;
    }
    if (id.starts_with(kCheckpointWord)) {
      take_checkpoint(*line);
    } else if (begins_with_digit(id)) {
      take_event(*line);
    } else {
      refuse("it is neither an event nor a checkpoint nor the last line");
    }
    progress(line->size());
  }
}

void ImportReader::read_start() {
  const auto line = next_line();
  if (!line) throw ImportRefused(1, std::nullopt, "the file is empty");
  const std::string fault = parse_start_line(*line, start_);
  if (!fault.empty()) throw ImportRefused(1, std::nullopt, fault);
  if (start_.from > 0) {
    throw ImportRefused(1, start_.from,
                        "this export is a part of a log, from offset " +
                            std::to_string(start_.from) +
                            " on: it is for reading; only an export from offset 0 can be imported");
  }
  if (start_.hash_before != Digest{}) {
    throw ImportRefused(1, 0, "before offset 0 there is no commit that could have a hash");
  }
}

void ImportReader::require_place(const RecordView& record) {
  if (record.offset != next_) {
    refuse("this is the event at offset " + std::to_string(record.offset) +
           ": one is missing, repeated or in another place");
  }
  if (next_ == start_.to) {
    refuse("the first line says that the events end before offset " + std::to_string(start_.to));
  }
  const StreamIndex head = writer_.stream_head(record.stream);
  if (record.idx != head) {
    refuse("the event is entry " + std::to_string(record.idx) +
           " of its stream, but the next one of that is entry " + std::to_string(head));
  }
}

void ImportReader::take_event(std::string_view line) {
  const std::string fault = parser_.parse(line, start_.source, event_);
  if (!fault.empty()) refuse(fault);
  require_place(event_.record);
  if (next_ == commit_end_) {
    begin_commit(event_.marks);
  } else if (event_.marks.events > 0) {
    refuse("a commit begins here, but the one before goes on to offset " +
           std::to_string(commit_end_ - 1));
  }
  sealer_.add(event_.record);
  writer_.put_record(event_.record, event_.record_bytes);
  if (next_ + 1 == commit_end_) {
    end_commit(event_.marks);
  } else if (event_.marks.hash) {
    refuse("a commit ends here, but it was to go on to offset " + std::to_string(commit_end_ - 1));
  }
  ++next_;
}

void ImportReader::begin_commit(const CommitMarks& marks) {
  if (marks.events == 0) refuse("a commit has to begin here, but commitevents is missing");
  if (marks.events > start_.to - next_) {
    refuse("the commit has " + std::to_string(marks.events) +
           " events, which is more than are left");
  }
  commit_events_ = marks.events;
  commit_end_ = next_ + marks.events;
  sealer_.begin_commit(chain_, marks.events);
}

void ImportReader::end_commit(const CommitMarks& marks) {
  if (!marks.hash) refuse("the commit ends here, but commithash is missing");
  if (sealer_.end_commit() != *marks.hash) {
    refuse(events_text(chain_.head, commit_end_) +
           " are a commit, which does not have the hash that is stated here: one of them, or "
           "their order, was changed");
  }
  if (chain_.head == 0) require_source(*marks.hash);
  chain_ = {commit_end_, *marks.hash};
  writer_.put_commit(chain_, commit_events_);
}

// The source stands in every line; that it is that of this log shows with the first commit.
void ImportReader::require_source(const Digest& first_commit) const {
  if (start_.source == export_source(first_commit)) return;
  refuse("the source is not that of this log, which is " + export_source(first_commit));
}

void ImportReader::take_checkpoint(std::string_view line) {
  std::string_view json;
  Checkpoint checkpoint;
  const std::string fault = parse_checkpoint_line(line, start_.source, json, checkpoint);
  if (!fault.empty()) refuse(fault);
  const Offset covers = checkpoint.offset + 1;
  if (next_ == 0 || covers != next_ || covers != chain_.head || covers == checkpoints_end_) {
    refuse("the checkpoint is of offset " + std::to_string(checkpoint.offset) +
           ", and has to be the only one behind that event, the last of a commit");
  }
  if (checkpoint.hash != chain_.hash) refuse("the checkpoint has another hash than the commit");
  if (!has_good_signature(checkpoint)) refuse("the checkpoint's signature is wrong");
  writer_.put_checkpoint(checkpoint.offset, json);
  checkpoints_end_ = covers;
  ++checkpoints_;
}

void ImportReader::take_end(std::string_view line) {
  if (next_ != start_.to) {
    refuse("here is the end, but " + events_text(next_, start_.to) + " are missing");
  }
  if (start_.to == 0) require_source(Digest{});
  std::string expected;
  put_end_line(start_, {checkpoints_, chain_.hash}, expected);
  expected.pop_back();
  if (line != expected) {
    refuse("the last line has to speak of " + std::to_string(next_) + " events, " +
           std::to_string(checkpoints_) + " checkpoints and the hash " +
           to_hex(bytes_of(chain_.hash)) + ", which were read");
  }
  if (next_line()) refuse("something stands behind the last line");
  on_progress_(next_, start_.to);
}

void ImportReader::progress(std::size_t bytes) {
  bytes_since_shown_ += bytes;
  if (next_ - shown_ < kProgressEvents && bytes_since_shown_ < kProgressBytes) return;
  shown_ = next_;
  bytes_since_shown_ = 0;
  on_progress_(next_, start_.to);
}

}  // namespace runledger::eventlog
