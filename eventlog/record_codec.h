// The bytes of one record, format 1: described with an example in eventlog/README.md.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "eventlog/record.h"
#include "eventlog/sha256.h"

namespace runledger::eventlog {

// Persisted: never change, never reuse a number.
inline constexpr std::uint8_t kRecordFormat = 1;

// What is wrong with bytes that are not a record.
enum class RecordFault {
  kTooShort,
  kUnknownFormat,
  kWrongLength,  // the lengths that it states do not add up to the bytes that are there
  kPayloadTooLong,
  kBadStreamName,
  kUnknownPayloadForm,
  kWrongChecksum,
};
std::string_view describe(RecordFault fault);

// Throws std::invalid_argument if a field is over the limits of record.h, or the stream's name is
// empty or contains NUL.
void check_limits(std::string_view stream, const NewEvent& event);

// Where the parts that the seal covers are in the bytes that were appended.
struct EncodedParts {
  std::string_view header;
  std::string_view sealed_payload;
};

// Appends the record's bytes to out; the views are good until out changes. The fields keep to
// check_limits().
EncodedParts encode_record(Offset offset, std::string_view stream, StreamIndex idx,
                           const NewEvent& event, const Salt& salt, std::string& out);

// The same record without salt and payload, but with their digest. It was decoded from whole bytes.
std::string encode_erased(const RecordView& record, const Digest& payload_digest);
// Appends a record whose payload has been erased elsewhere; event.payload is not looked at. The
// lengths keep to the limits, that of the payload too.
EncodedParts encode_erased(Offset offset, std::string_view stream, StreamIndex idx,
                           const NewEvent& event, std::uint32_t payload_bytes,
                           const Digest& payload_digest, std::string& out);

// Checks everything, reads nothing outside of bytes; the view points into them.
std::variant<RecordView, RecordFault> decode_record(std::string_view bytes);

}  // namespace runledger::eventlog
