// What the edge may be told. Every limit has a name and a unit; README.md says what exceeding it
// does.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "core/artifacts/artifact_store.h"

namespace runledger::api {

struct EdgeLimits {
  using Ms = std::chrono::milliseconds;

  std::size_t connections_max = 10'000;
  std::size_t head_bytes_max = 16 * 1024;
  std::size_t head_fields_max = 100;
  std::size_t in_flight_max =
      4'096;  // requests that wait for the application or are in it, per thread
  std::size_t linger_bytes_max = 1024 * 1024;  // of an unwanted body, read before closing

  Ms idle_timeout{75'000};   // between two requests
  Ms head_timeout{10'000};   // from the first byte of a head to its end
  Ms body_timeout{30'000};   // a whole body that is kept in memory
  Ms write_timeout{30'000};  // one chunk, or one whole answer, taken by the client
  Ms linger_timeout{2'000};
  Ms application_timeout{10'000};  // until the application has answered
  Ms later_timeout{30'000};        // until a Later has been given
  Ms drain_timeout{10'000};        // stop(): until requests in flight are cut off

  int hold_seconds_max = 30;

  std::uint64_t upload_bytes_max = core::kArtifactBytesMax;
  std::size_t uploads_max = 16;    // at a time, per thread
  Ms upload_read_timeout{30'000};  // one block of an upload
  Ms upload_timeout{3'600'000};    // a whole upload

  std::size_t session_frame_bytes_max = 16 * 1024 * 1024;
  std::size_t session_queue_frames_max = 10'000;  // not yet written; more closes the session
  std::size_t session_queue_bytes_max = 64 * 1024 * 1024;
  Ms session_handshake_timeout{10'000};
  Ms session_idle_timeout{60'000};  // a ping is sent at half of it
};

struct EdgeSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  int threads = 1;
  int disk_threads = 2;  // file content, uploads
  EdgeLimits limits;
  std::function<std::string()> make_request_id;  // any thread; empty: random
};

}  // namespace runledger::api
