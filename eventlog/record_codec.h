// The bytes of one record, format 1: described with an example in eventlog/README.md.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "eventlog/record.h"

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
  kWrongChecksum,
};
std::string_view describe(RecordFault fault);

// Throws std::invalid_argument if a field is over the limits of record.h, or the stream's name is
// empty or contains NUL.
void check_limits(std::string_view stream, const NewEvent& event);

// Appends the record's bytes to out. The fields keep to check_limits().
void encode_record(Offset offset, std::string_view stream, StreamIndex idx, const NewEvent& event,
                   std::string& out);

// Checks everything, reads nothing outside of bytes; the view points into them.
std::variant<RecordView, RecordFault> decode_record(std::string_view bytes);

}  // namespace runledger::eventlog
