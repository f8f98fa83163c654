#include "eventlog/export_line.h"

#include <charconv>

#include "eventlog/base64.h"
#include "eventlog/json_text.h"
#include "eventlog/time_text.h"
#include "eventlog/utf8.h"

namespace runledger::eventlog {
namespace {

constexpr std::string_view kSourcePath = "/runledger/logs/";
constexpr std::size_t kSourceDigits = 32;
constexpr std::size_t kSaltBytes = std::tuple_size_v<Salt>;
constexpr std::string_view kJsonData = R"(,"datacontenttype":"application/json","data":)";

void put_number(std::string& out, std::int64_t number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}
void put_number(std::string& out, std::uint64_t number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

// ,"key":"value" with a value that needs no escapes.
void put_plain(std::string& out, std::string_view key, std::string_view value) {
  out.append(",\"").append(key).append("\":\"").append(value) += '"';
}

// CloudEvents allows neither control characters nor noncharacters in its strings.
bool is_cloudevents_string(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7f) {
      ++at;
      continue;
    }
    const auto code = next_code_point(text, at);
    if (!code || *code < 0x20 || (*code >= 0x7f && *code < 0xa0)) return false;
    if ((*code >= 0xfdd0 && *code < 0xfdf0) || (*code & 0xfffe) == 0xfffe) return false;
  }
  return true;
}

void put_name(std::string& out, std::string_view key, std::string_view name) {
  out.append(",\"").append(key).append("\":\"");
  if (name.empty() || name.starts_with(kBase64Word) || !is_cloudevents_string(name)) {
    out.append(kBase64Word);
    append_base64(out, name);
  } else {
    for (std::size_t at = first_to_escape(name); at < name.size(); at = first_to_escape(name)) {
      out.append(name.substr(0, at)) += '\\';
      out += name[at];
      name.remove_prefix(at + 1);
    }
    out.append(name);
  }
  out += '"';
}

void put_name_unless_empty(std::string& out, std::string_view key, std::string_view name) {
  if (!name.empty()) put_name(out, key, name);
}

void put_time(std::string& out, std::int64_t time_us) {
  if (time_us >= kTextTimeUsMin && time_us <= kTextTimeUsMax) {
    put_plain(out, "time", utc_text(time_us));
  } else {
    put_plain(out, "timeus", std::to_string(time_us));
  }
}

void put_offset(std::string& out, std::string_view key, Offset offset) {
  out.append(",\"").append(key).append("\":\"");
  put_number(out, offset);
  out += '"';
}

// What no event's line has: the file's own lines, up to their data.
void put_own_line(std::string_view id, std::string_view source, std::string_view type,
                  std::string& out) {
  out.append(kLineStart).append(id) += '"';
  put_plain(out, "source", source);
  put_plain(out, "type", type);
  out += kJsonData;
}

std::string range_of(const ExportStart& start) {
  return std::to_string(start.from) + "-" + std::to_string(start.to);
}

std::string hex(const Digest& digest) {
  return to_hex(bytes_of(digest));
}

}  // namespace

std::string export_source(const Digest& first_commit) {
  return std::string(kSourcePath) + hex(first_commit).substr(0, kSourceDigits);
}

std::size_t first_to_escape(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != '"' && text[at] != '\\') ++at;
  return at;
}

DataForm data_form(std::string_view payload) {
  const bool one_line =
      payload.find('\n') == std::string_view::npos && payload.find('\r') == std::string_view::npos;
  return one_line && is_json_value(payload) ? DataForm::kJson : DataForm::kBase64;
}

void put_start_line(const ExportStart& start, std::string& out) {
  put_own_line(std::string(kStartWord) + range_of(start), start.source, "runledger.export.started",
               out);
  out.append(R"({"format":")").append(kExportName).append(R"(","format_version":)");
  put_number(out, std::int64_t{kExportFormat});
  out += R"(,"from":)";
  put_number(out, start.from);
  out += R"(,"to":)";
  put_number(out, start.to);
  put_plain(out, "hash_before", hex(start.hash_before));
  out += "}}\n";
}

void put_event_line(std::string_view source, const RecordView& record, const CommitMarks& marks,
                    DataForm form, std::string& out) {
  out += kLineStart;
  put_number(out, record.offset);
  out += '"';
  put_plain(out, "source", source);
  put_name(out, "type", record.type);
  put_name(out, "subject", record.stream);
  put_time(out, record.time_us);
  put_offset(out, "offset", record.offset);
  put_offset(out, "idx", record.idx);
  out += R"(,"eventversion":)";
  put_number(out, std::uint64_t{record.version});
  put_name_unless_empty(out, "tenant", record.tenant);
  put_name_unless_empty(out, "owner", record.owner);
  put_name_unless_empty(out, "actor", record.actor);
  put_name_unless_empty(out, "commandid", record.command_id);
  if (marks.events > 0) put_offset(out, "commitevents", marks.events);
  if (marks.hash) put_plain(out, "commithash", hex(*marks.hash));
  if (record.payload_erased) {
    out += R"(,"erasedbytes":)";
    put_number(out, std::uint64_t{record.payload_bytes});
    put_plain(out, "erasedsha256", to_hex(record.sealed_payload));
    out += "}\n";
    return;
  }
  put_plain(out, "salt", to_hex(record.sealed_payload.substr(0, kSaltBytes)));
  if (form == DataForm::kJson) {
    out.append(kJsonData).append(record.payload);
  } else {
    out += R"(,"datacontenttype":"application/octet-stream","data_base64":")";
    append_base64(out, record.payload);
    out += '"';
  }
  out += "}\n";
}

void put_checkpoint_line(std::string_view source, Offset offset, std::string_view json,
                         std::string& out) {
  put_own_line(std::string(kCheckpointWord) + std::to_string(offset), source,
               "runledger.export.checkpoint", out);
  out.append(json).append("}\n");
}

void put_end_line(const ExportStart& start, const ExportEnd& end, std::string& out) {
  put_own_line(std::string(kEndWord) + range_of(start), start.source, "runledger.export.ended",
               out);
  out += R"({"events":)";
  put_number(out, start.to - start.from);
  out += R"(,"checkpoints":)";
  put_number(out, end.checkpoints);
  out += R"(,"head":)";
  put_number(out, start.to);
  put_plain(out, "hash", hex(end.hash));
  out += "}}\n";
}

}  // namespace runledger::eventlog
