#include "eventlog/record_codec.h"

#include <xxhash.h>

#include <array>
#include <stdexcept>
#include <tuple>

#include "eventlog/bytes.h"

namespace runledger::eventlog {
namespace {

// Positions within a record of format 1. Persisted: never change.
constexpr std::size_t kOffsetAt = 1;
constexpr std::size_t kIdxAt = 9;
constexpr std::size_t kTimeAt = 17;
constexpr std::size_t kVersionAt = 25;
constexpr std::size_t kNameLengthsAt = 27;
constexpr std::size_t kPayloadLengthAt = 33;
constexpr std::size_t kNamesAt = 37;
constexpr std::size_t kChecksumBytes = 8;
// Behind the names: in which form the payload follows.
constexpr std::uint8_t kPayloadWhole = 0;   // salt, payload
constexpr std::uint8_t kPayloadErased = 1;  // digest of salt and payload
constexpr std::size_t kSaltBytes = std::tuple_size_v<Salt>;
constexpr std::size_t kDigestBytes = std::tuple_size_v<Digest>;
constexpr std::size_t kNames = kPayloadLengthAt - kNameLengthsAt;
static_assert(kNameBytesMax <= 255, "a name's length is stored in one byte");

std::uint64_t checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

void check_name(std::string_view field, std::string_view value) {
  if (value.size() <= kNameBytesMax) return;
  throw std::invalid_argument("Expected " + std::string(field) + " to have at most " +
                              std::to_string(kNameBytesMax) + " bytes, but it has " +
                              std::to_string(value.size()));
}

bool is_stream_name(std::string_view name) {
  return !name.empty() && name.find('\0') == std::string_view::npos;
}

// Everything before the form of the payload.
void put_header(Offset offset, std::string_view stream, StreamIndex idx, const NewEvent& event,
                std::uint32_t payload_bytes, std::string& out) {
  const std::array<std::string_view, kNames> names = {stream,     event.tenant, event.owner,
                                                      event.type, event.actor,  event.command_id};
  put_le<std::uint8_t>(out, kRecordFormat);
  put_le<std::uint64_t>(out, offset);
  put_le<std::uint64_t>(out, idx);
  put_le<std::uint64_t>(out, static_cast<std::uint64_t>(event.time_us));
  put_le<std::uint16_t>(out, event.version);
  for (const auto name : names) put_le(out, static_cast<std::uint8_t>(name.size()));
  put_le(out, payload_bytes);
  for (const auto name : names) out.append(name);
}

void put_erased(const Digest& payload_digest, std::string& out) {
  put_le<std::uint8_t>(out, kPayloadErased);
  out += bytes_of(payload_digest);
}

// The checksum of the record that begins at start.
EncodedParts finish_record(std::size_t start, std::size_t header_bytes, std::string& out) {
  put_le<std::uint64_t>(out, checksum(std::string_view(out).substr(start)));
  const std::string_view record = std::string_view(out).substr(start);
  const std::size_t sealed_at = header_bytes + 1;
  return {record.substr(0, header_bytes),
          record.substr(sealed_at, record.size() - sealed_at - kChecksumBytes)};
}

// The fields up to the names; the lengths have been checked.
RecordView decode_header(std::string_view bytes) {
  RecordView record;
  record.offset = get_le<std::uint64_t>(bytes, kOffsetAt);
  record.idx = get_le<std::uint64_t>(bytes, kIdxAt);
  record.time_us = static_cast<std::int64_t>(get_le<std::uint64_t>(bytes, kTimeAt));
  record.version = get_le<std::uint16_t>(bytes, kVersionAt);
  record.payload_bytes = get_le<std::uint32_t>(bytes, kPayloadLengthAt);
  const std::array<std::string_view*, kNames> names = {&record.stream, &record.tenant,
                                                       &record.owner,  &record.type,
                                                       &record.actor,  &record.command_id};
  std::size_t at = kNamesAt;
  for (std::size_t i = 0; i < kNames; ++i) {
    const std::size_t length = get_le<std::uint8_t>(bytes, kNameLengthsAt + i);
    *names[i] = bytes.substr(at, length);
    at += length;
  }
  return record;
}

}  // namespace

std::string_view describe(RecordFault fault) {
  switch (fault) {
    case RecordFault::kTooShort:
      return "too short for a record";
    case RecordFault::kUnknownFormat:
      return "unknown record format";
    case RecordFault::kWrongLength:
      return "stated lengths do not fit the bytes";
    case RecordFault::kPayloadTooLong:
      return "payload over the limit";
    case RecordFault::kBadStreamName:
      return "stream name empty or with NUL";
    case RecordFault::kUnknownPayloadForm:
      return "unknown form of payload";
    case RecordFault::kWrongChecksum:
      return "wrong checksum";
  }
  return "unknown fault";
}

void check_limits(std::string_view stream, const NewEvent& event) {
  check_name("the stream's name", stream);
  if (!is_stream_name(stream)) {
    throw std::invalid_argument("Expected a stream name without NUL of at least one byte");
  }
  check_name("tenant", event.tenant);
  check_name("owner", event.owner);
  check_name("type", event.type);
  check_name("actor", event.actor);
  check_name("command_id", event.command_id);
  if (event.payload.size() <= kPayloadBytesMax) return;
  throw std::invalid_argument("Expected a payload of at most " + std::to_string(kPayloadBytesMax) +
                              " bytes, but it has " + std::to_string(event.payload.size()));
}

EncodedParts encode_record(Offset offset, std::string_view stream, StreamIndex idx,
                           const NewEvent& event, const Salt& salt, std::string& out) {
  const std::size_t start = out.size();
  put_header(offset, stream, idx, event, static_cast<std::uint32_t>(event.payload.size()), out);
  const std::size_t header_bytes = out.size() - start;
  put_le<std::uint8_t>(out, kPayloadWhole);
  out.append(salt.begin(), salt.end());
  out.append(event.payload);
  return finish_record(start, header_bytes, out);
}

std::string encode_erased(const RecordView& record, const Digest& payload_digest) {
  std::string bytes(record.header);
  put_erased(payload_digest, bytes);
  finish_record(0, record.header.size(), bytes);
  return bytes;
}

EncodedParts encode_erased(Offset offset, std::string_view stream, StreamIndex idx,
                           const NewEvent& event, std::uint32_t payload_bytes,
                           const Digest& payload_digest, std::string& out) {
  const std::size_t start = out.size();
  put_header(offset, stream, idx, event, payload_bytes, out);
  const std::size_t header_bytes = out.size() - start;
  put_erased(payload_digest, out);
  return finish_record(start, header_bytes, out);
}

std::variant<RecordView, RecordFault> decode_record(std::string_view bytes) {
  if (bytes.size() < kNamesAt + kChecksumBytes) return RecordFault::kTooShort;
  if (get_le<std::uint8_t>(bytes, 0) != kRecordFormat) return RecordFault::kUnknownFormat;

  const std::size_t payload_bytes = get_le<std::uint32_t>(bytes, kPayloadLengthAt);
  if (payload_bytes > kPayloadBytesMax) return RecordFault::kPayloadTooLong;
  std::size_t form_at = kNamesAt;
  for (std::size_t i = 0; i < kNames; ++i) {
    form_at += get_le<std::uint8_t>(bytes, kNameLengthsAt + i);
  }
  if (form_at >= bytes.size()) return RecordFault::kWrongLength;
  const auto form = get_le<std::uint8_t>(bytes, form_at);
  if (form != kPayloadWhole && form != kPayloadErased) return RecordFault::kUnknownPayloadForm;
  const std::size_t sealed = form == kPayloadWhole ? kSaltBytes + payload_bytes : kDigestBytes;
  if (form_at + 1 + sealed + kChecksumBytes != bytes.size()) return RecordFault::kWrongLength;
  const std::size_t checksum_at = bytes.size() - kChecksumBytes;
  if (get_le<std::uint64_t>(bytes, checksum_at) != checksum(bytes.substr(0, checksum_at))) {
    return RecordFault::kWrongChecksum;
  }

  RecordView record = decode_header(bytes);
  record.header = bytes.substr(0, form_at);
  record.sealed_payload = bytes.substr(form_at + 1, sealed);
  record.payload_erased = form == kPayloadErased;
  if (!record.payload_erased) record.payload = record.sealed_payload.substr(kSaltBytes);
  if (!is_stream_name(record.stream)) return RecordFault::kBadStreamName;
  return record;
}

}  // namespace runledger::eventlog
