#include "eventlog/export_parse.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "eventlog/base64.h"
#include "eventlog/record_codec.h"
#include "eventlog/time_text.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kStartLineBytesMax = 2048;
constexpr std::size_t kCheckpointBytesMax = 2048;
constexpr std::size_t kShownBytesMax = 40;
constexpr std::string_view kData = R"(,"data":)";

// What is wrong; does not leave this file.
struct LineFault {
  std::string what;
};

[[noreturn]] void refuse(std::string what) {
  throw LineFault{std::move(what)};
}

// Reads a line of one fixed form from left to right.
class LineScan {
 public:
  explicit LineScan(std::string_view line) : rest_(line), line_bytes_(line.size()) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  void expect(std::string_view literal) {
    if (!take(literal)) refuse("expected " + std::string(literal) + " at " + place());
  }

  template <typename Number>
  Number number(std::string_view what) {
    Number value{};
    const char* end = rest_.data() + rest_.size();
    const auto read = std::from_chars(rest_.data(), end, value);
    if (read.ec != std::errc{}) {
      refuse("expected " + std::string(what) + ", a number in its range, at " + place());
    }
    rest_ = {read.ptr, static_cast<std::size_t>(end - read.ptr)};
    return value;
  }

  // Up to the quote that ends it; no escapes.
  std::string_view plain(std::string_view what) {
    const std::size_t end = rest_.find('"');
    if (end == std::string_view::npos) refuse(std::string(what) + " does not end");
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }

  void name(std::string_view what, std::string& out) {
    out.clear();
    std::size_t at = first_to_escape(rest_);
    for (; at < rest_.size() && rest_[at] == '\\'; at = first_to_escape(rest_)) {
      out.append(rest_.substr(0, at)).append(rest_.substr(at + 1, 1));
      rest_.remove_prefix(std::min(at + 2, rest_.size()));
    }
    if (at == rest_.size()) refuse(std::string(what) + " does not end");
    out.append(rest_.substr(0, at));
    rest_.remove_prefix(at + 1);
    if (!out.starts_with(kBase64Word)) return;
    const auto bytes = from_base64(std::string_view(out).substr(kBase64Word.size()));
    if (!bytes) refuse(std::string(what) + " is not base64");
    out = *bytes;
  }

  std::string hex(std::string_view what, std::size_t bytes_wanted) {
    auto bytes = from_hex(plain(what));
    if (bytes && bytes->size() == bytes_wanted) return std::move(*bytes);
    refuse("expected " + std::string(what) + " to be " + std::to_string(2 * bytes_wanted) +
           " lower-case hex digits");
  }
  Digest digest(std::string_view what) { return *digest_from(hex(what, sizeof(Digest))); }

  // All that is left but the brace that ends the line.
  std::string_view data() {
    if (!rest_.ends_with('}')) refuse("the line does not end with }");
    return rest_.substr(0, rest_.size() - 1);
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string place() const {
    std::string shown(rest_.substr(0, kShownBytesMax));
    // It may be printed to a terminal.
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < 0x20 || c == 0x7f; }, '?');
    return "byte " + std::to_string(line_bytes_ - rest_.size() + 1) + " of the line, where " +
           (shown.empty() ? "it ends" : shown + " stands");
  }

  std::string_view rest_;
  std::size_t line_bytes_;
};

void scan_names(LineScan& line, EventFields& found) {
  line.expect(R"(,"type":")");
  line.name("type", found.event.type);
  line.expect(R"(,"subject":")");
  line.name("subject", found.stream);
  if (line.take(R"(,"timeus":")")) {
    found.event.time_us = line.number<std::int64_t>("timeus");
    line.expect("\"");
  } else {
    line.expect(R"(,"time":")");
    const auto time_us = parse_utc_text(line.plain("time"));
    if (!time_us) refuse("time is not of the form 2026-01-31T12:00:00.000000Z");
    found.event.time_us = *time_us;
  }
  line.expect(R"(,"offset":")");
  found.offset = line.number<Offset>("offset");
  line.expect(R"(","idx":")");
  found.idx = line.number<StreamIndex>("idx");
  line.expect(R"(","eventversion":)");
  found.event.version = line.number<std::uint16_t>("eventversion");
  const auto name_or_empty = [&](std::string_view start, std::string& out) {
    out.clear();
    if (line.take(start)) line.name(start, out);
  };
  name_or_empty(R"(,"tenant":")", found.event.tenant);
  name_or_empty(R"(,"owner":")", found.event.owner);
  name_or_empty(R"(,"actor":")", found.event.actor);
  name_or_empty(R"(,"commandid":")", found.event.command_id);
}

void scan_marks(LineScan& line, CommitMarks& marks) {
  if (line.take(R"(,"commitevents":")")) {
    marks.events = line.number<std::uint32_t>("commitevents");
    line.expect("\"");
    if (marks.events == 0) refuse("commitevents is 0");
  }
  if (line.take(R"(,"commithash":")")) marks.hash = line.digest("commithash");
}

void encode_erased_line(LineScan& line, const EventFields& found, std::string& bytes) {
  const auto payload_bytes = line.number<std::uint32_t>("erasedbytes");
  if (payload_bytes > kPayloadBytesMax) refuse("erasedbytes is over the limit of a payload");
  line.expect(R"(,"erasedsha256":")");
  const Digest digest = line.digest("erasedsha256");
  line.expect("}");
  if (!line.at_end()) refuse("something stands behind the end of the line's object");
  encode_erased(found.offset, found.stream, found.idx, found.event, payload_bytes, digest, bytes);
}

DataForm scan_payload(LineScan& line, std::string& payload) {
  line.expect(R"(,"datacontenttype":"application/)");
  if (line.take(R"(json")")) {
    line.expect(kData);
    const std::string_view data = line.data();
    if (data.size() > kPayloadBytesMax) refuse("data is over the limit of a payload");
    if (data_form(data) != DataForm::kJson) refuse("data is not one value of JSON in one line");
    payload = data;
    return DataForm::kJson;
  }
  line.expect(R"(octet-stream","data_base64":")");
  auto bytes = from_base64(line.plain("data_base64"));
  if (!bytes) refuse("data_base64 is not base64");
  payload = std::move(*bytes);
  return DataForm::kBase64;
}

void check(const EventFields& found) {
  try {
    check_limits(found.stream, found.event);
  } catch (const std::invalid_argument& over) {
    refuse(over.what());
  }
}

DataForm scan_event(std::string_view text, std::string_view source, EventFields& found,
                    EventLine& event) {
  LineScan line(text);
  event.record_bytes.clear();
  event.marks = {};
  line.expect(kLineStart);
  line.number<Offset>("id");
  line.expect(R"(","source":")");
  line.expect(source);
  line.expect("\"");
  scan_names(line, found);
  scan_marks(line, event.marks);
  DataForm form = DataForm::kJson;
  if (line.take(R"(,"erasedbytes":)")) {
    check(found);
    encode_erased_line(line, found, event.record_bytes);
  } else {
    line.expect(R"(,"salt":")");
    const std::string salt_bytes = line.hex("salt", sizeof(Salt));
    Salt salt;
    std::copy(salt_bytes.begin(), salt_bytes.end(), salt.begin());
    form = scan_payload(line, found.event.payload);
    check(found);
    encode_record(found.offset, found.stream, found.idx, found.event, salt, event.record_bytes);
  }
  event.record = std::get<RecordView>(decode_record(event.record_bytes));
  return form;
}

// What was not read, or could be written in two ways: nothing but our own way is taken.
void require_our_way(std::string_view ours, std::string_view text) {
  if (ours == text) return;
  const auto differs = std::mismatch(ours.begin(), ours.end(), text.begin(), text.end()).first;
  refuse("byte " + std::to_string(differs - ours.begin() + 1) +
         " of the line is not as an export writes it");
}

void scan_checkpoint(std::string_view text, std::string_view source, std::string_view& json,
                     Checkpoint& checkpoint) {
  const std::size_t at = text.find(kData);
  LineScan line(text.substr(std::min(at, text.size())));
  line.expect(kData);
  json = line.data();
  if (json.size() > kCheckpointBytesMax) refuse("a checkpoint is not that long");
  const auto parsed = parse_checkpoint(json);
  if (!parsed || to_json(*parsed) != json) refuse("data is not a checkpoint as a log writes it");
  checkpoint = *parsed;
  std::string again;
  put_checkpoint_line(source, checkpoint.offset, json, again);
  again.pop_back();
  require_our_way(again, text);
}

void scan_start(std::string_view text, ExportStart& start) {
  const std::string not_one = "it does not begin as an export of a log does";
  if (text.size() > kStartLineBytesMax || !text.starts_with(kLineStart)) refuse(not_one);
  const std::size_t source_at = text.find(R"(","source":")");
  const std::size_t data_at = text.find(kData);
  if (source_at == std::string_view::npos || data_at == std::string_view::npos) refuse(not_one);
  LineScan line(text.substr(source_at));
  line.expect(R"(","source":")");
  start.source = line.plain("source");
  LineScan data(text.substr(data_at));
  data.expect(std::string(kData) + R"({"format":")" + std::string(kExportName) +
              R"(","format_version":)");
  const int version = data.number<int>("format_version");
  if (version != kExportFormat) {
    refuse("it has format version " + std::to_string(version) + ", but this program reads " +
           std::to_string(kExportFormat) + "; use the program that wrote it");
  }
  data.expect(R"(,"from":)");
  start.from = data.number<Offset>("from");
  data.expect(R"(,"to":)");
  start.to = data.number<Offset>("to");
  data.expect(R"(,"hash_before":")");
  start.hash_before = data.digest("hash_before");
  if (start.from > start.to) refuse("it says that it ends before it begins");
  std::string again;
  put_start_line(start, again);
  again.pop_back();
  require_our_way(again, text);
}

template <typename Scan>
std::string fault_of(const Scan& scan) {
  try {
    scan();
  } catch (const LineFault& fault) {
    return fault.what;
  }
  return "";
}

}  // namespace

std::string parse_start_line(std::string_view line, ExportStart& start) {
  return fault_of([&] { scan_start(line, start); });
}

std::string parse_checkpoint_line(std::string_view line, std::string_view source,
                                  std::string_view& json, Checkpoint& checkpoint) {
  return fault_of([&] { scan_checkpoint(line, source, json, checkpoint); });
}

std::string EventParser::parse(std::string_view line, std::string_view source, EventLine& event) {
  return fault_of([&] {
    const DataForm form = scan_event(line, source, fields_, event);
    again_.clear();
    put_event_line(source, event.record, event.marks, form, again_);
    again_.pop_back();
    require_our_way(again_, line);
  });
}

}  // namespace runledger::eventlog
