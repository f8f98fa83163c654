// Reads a part of the log and decodes it on several threads, because decoding costs more than all
// the rest of a fold.
#pragma once

#include <cstddef>
#include <functional>

#include "core/domain/events.h"
#include "eventlog/event_log.h"

namespace runledger::core {

struct FeedSettings {
  std::size_t threads = 0;                         // that decode; 0: as many as there are cores
  std::size_t chunk_events = 2048;                 // that one thread reads at a time
  std::size_t ahead_bytes_max = 32 * 1024 * 1024;  // of payloads that are decoded, not yet taken
};

using TakeEvent = std::function<void(const Event& event, std::size_t payload_bytes)>;

// Calls back with every event from one offset to before another, in order, on the calling thread.
// What the log or the decoding throws (LogError, EventCodecError) is thrown when its event is due:
// after every event before it. What the callback throws goes through.
void feed_events(const eventlog::EventLog& log, eventlog::Offset from, eventlog::Offset to,
                 const TakeEvent& take, const FeedSettings& settings = {});

}  // namespace runledger::core
