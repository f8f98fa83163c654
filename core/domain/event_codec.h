// Events to payloads and back. The payload of each (type, version) is JSON, its members named as in
// the struct. Decoding checks everything: a payload that does not fit is damage, an unknown type or
// version is a log from a newer build; neither is ever skipped.
#pragma once

#include <stdexcept>
#include <string>

#include "core/domain/events.h"
#include "eventlog/record.h"

namespace runledger::core {

// what() names type, version and offset.
class EventCodecError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string encode_payload(const EventBody& body);
Event decode_event(const eventlog::RecordView& record);  // throws EventCodecError

}  // namespace runledger::core
