// What a worker and a plugin's process say to each other, as frames (frame_socket.h). Payloads are
// those of the session with the server where there is one that fits. Plain functions, any thread;
// what is decoded comes from the other side and is checked.
//
//   a process that describes     > manifest | refusal
//   a process that runs tasks    > ready | refusal
//     < task   > report… ask… store… call… fetch… open…   < answer… (stop) (gone)   > outcome again
//     and again
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/worker/task_link.h"

namespace runledger::core::worker {

enum class HostFrame : std::uint32_t {
  // worker -> plugin's process
  kTask = 1,    // a `leased` message with one task
  kStop = 2,    // the task is to stop
  kGone = 3,    // and nothing that it says counts any more
  kAnswer = 4,  // number: of the question; what the question's kind says; empty: never
  kOpened = 5,  // number: of the question; as kAnswer, and a file
  kSettle = 6,  // number: of nobody's knowledge; between two tasks, to be given back

  // plugin's process -> worker
  kReady = 16,     // the library is loaded
  kManifest = 17,  // the manifest, as the plugin has it
  kRefusal = 18,   // why the library is not loaded
  kReport = 19,    // a `report` message with one report
  kAsk = 20,       // number: of the question; as kReport
  kStore = 21,     // number: of the question; as kReport, and a sealed file with the content
  kOutcome = 22,   // as kReport; the task has ended
  kCall = 23,      // number: of the question; a call to somebody else's server
  kFetch = 24,     // number: of the question; a download that becomes an artifact
  kOpen = 25,      // number: of the question; the id of a resource to read
  kSettled = 26,   // number: that of kSettle; nothing more is to come of the task before
};

inline constexpr std::uint32_t number_of(HostFrame kind) {
  return static_cast<std::uint32_t>(kind);
}

std::string encode_task(const protocol::LeasedTask& task);
std::optional<protocol::LeasedTask> decode_task(std::string_view payload);

// Throws std::invalid_argument for a body with JSON text that is none.
std::string encode_body(protocol::ReportBody body);
std::optional<protocol::ReportBody> decode_body(std::string_view payload);

std::string encode_answer(const std::optional<protocol::Acknowledgement>& answer);
std::optional<protocol::Acknowledgement> decode_acknowledgement(std::string_view payload);

std::string encode_answer(const StoredArtifact& answer);
StoredArtifact decode_stored(std::string_view payload);

}  // namespace runledger::core::worker
