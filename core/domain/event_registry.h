// Every (event type, version) that was ever written, and what to do with it: the newest version of
// a type is decoded, an older one is upgraded by a pure function to the JSON of the next version,
// and so on until the decoder has it. Immutable after construction; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/json_reader.h"
#include "core/domain/event_codec.h"

namespace runledger::core {

using DecodePayload = EventBody (*)(const JsonReader& payload);
// The payload of one version to that of the next; throws JsonShapeError if it does not fit.
using UpgradePayload = JsonReader::Json (*)(JsonReader::Json payload);

struct EventForm {
  std::string_view type;
  std::uint16_t version = 1;
  DecodePayload decode = nullptr;    // of the newest version
  UpgradePayload upgrade = nullptr;  // of every older one
};

class EventRegistry {
 public:
  // Throws std::logic_error unless each form has one of the two functions, none comes twice, and
  // every chain of upgrades ends at a decoder.
  explicit EventRegistry(std::span<const EventForm> forms);

  bool knows(std::string_view type, std::uint16_t version) const {
    return links_.contains(Key{type, version});
  }
  // Throws EventCodecError for an unknown (type, version) and for a payload that does not fit.
  EventBody decode(const eventlog::RecordView& record) const;
  std::span<const EventForm> forms() const { return forms_; }

 private:
  struct Key {
    std::string_view type;
    std::uint16_t version = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.type) * 31 + key.version;
    }
  };
  struct Link {
    const EventForm* form = nullptr;
    const Link* next = nullptr;  // of an upgrade: the form of the next version
  };

  std::vector<EventForm> forms_;
  std::unordered_map<Key, Link, KeyHash> links_;
};

// What this build knows.
const EventRegistry& event_registry();

Event decode_event(const eventlog::RecordView& record, const EventRegistry& registry);

// "event 'T' version V, first at offset N, is not known …": why a log cannot be used.
EventCodecError unknown_event(std::string_view type, std::uint16_t version,
                              const std::string& place);

}  // namespace runledger::core
