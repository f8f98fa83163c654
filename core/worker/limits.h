// What a worker takes from plugins and how long it waits, in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace runledger::core::worker {

inline constexpr std::size_t kOutputBytesMax = 256 * 1024;  // of a task's output, as JSON text
inline constexpr std::size_t kEmitBytesMax = 256 * 1024;    // of one emitted event's data
inline constexpr std::size_t kStepBytesMax = 256 * 1024;    // of a step's result, a review's parts
inline constexpr std::size_t kTextBytesMax = 4 * 1024;      // of a message or a log line
// Of an artifact's name, a media type, an event type, a failure's code. The server takes no more.
inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kArtifactBytesMax = 1ULL << 30;  // of one artifact
inline constexpr std::size_t kManifestBytesMax = 1024 * 1024;

// Reports of one task that wait to be sent together; with more they go at once.
inline constexpr std::size_t kPendingReportsMax = 64;
inline constexpr std::size_t kPendingBytesMax = 1024 * 1024;
inline constexpr std::chrono::milliseconds kReportInterval{50};

inline constexpr std::chrono::milliseconds kFencedGrace{5000};    // to return after being fenced
inline constexpr std::chrono::milliseconds kOverdueMargin{1000};  // beyond any grace

}  // namespace runledger::core::worker
