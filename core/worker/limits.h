// What a worker takes from plugins and how long it waits, in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

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

// From the end of a lease (fenced, connection lost) to the end of the process that still runs the
// task. Within the 100 ms that a time-out promises there is also the way to here.
inline constexpr std::chrono::milliseconds kFencedGrace{25};

// Of a call to somebody else's server: a body, there or back, that is kept in memory; the whole of
// the call, whatever the plugin asks for.
inline constexpr std::size_t kCallBodyBytesMax = 8 * 1024 * 1024;
inline constexpr std::chrono::milliseconds kCallTimeMax{3'600'000};

// Of work that a worker has leased before it has slots for it: enough for so long, as tasks were of
// late. Nothing waits longer than kUnbegunTime to begin: it is given back.
inline constexpr std::chrono::milliseconds kAheadTime{20};
inline constexpr std::chrono::milliseconds kUnbegunTime{100};

// The ends of a connection say something at least every half of it; who hears nothing takes the
// connection for broken.
inline constexpr std::chrono::seconds kConnectionIdleTime{10};

// --- of one plugin's process ---

inline constexpr std::uint64_t kHostMemoryBytes = 4ULL << 30;  // address space, unless told
inline constexpr std::uint64_t kHostMemoryBytesMin = 256ULL << 20;
inline constexpr std::uint64_t kHostOpenFilesMax = 512;
inline constexpr std::uint64_t kHostFileBytesMax = 4ULL << 30;          // of a file that it writes
inline constexpr std::uint64_t kHostStackBytes = 8ULL << 20;            // of its main thread
inline constexpr std::size_t kHostProcessesMax = 64;                    // its own among them
inline constexpr std::chrono::milliseconds kHostProcessesInterval{50};  // between two counts

// To load the library and its initialisers; to describe itself.
inline constexpr std::chrono::milliseconds kHostStartTimeout{10'000};
// To say after an outcome that there is nothing more to come.
inline constexpr std::chrono::milliseconds kHostSettleTimeout{250};
// After an outcome the next task is given to the same process, up to so many, unless it has become
// too large.
inline constexpr std::uint32_t kHostTasksMax = 1000;
inline constexpr std::uint64_t kHostResidentBytesMax = 512ULL << 20;

// Of what it writes to stderr: lines a second that go to the log, and the last ones for the record
// of a crash. stdout is counted alone.
inline constexpr std::size_t kHostLogLinesPerSecond = 20;
inline constexpr std::size_t kHostLogLineBytesMax = 512;
inline constexpr std::size_t kHostLastLines = 10;
inline constexpr std::size_t kTraceBytesMax = 16 * 1024;

}  // namespace runledger::core::worker
