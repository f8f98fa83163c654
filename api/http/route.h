// The one table of routes: matching, access, limits and the documented list all come from it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/http/message.h"

namespace runledger::api {

// What a caller needs; kPublic needs no token.
enum class Scope { kPublic, kRead, kSubmit, kDecide, kAdmin, kWorker };

// Who serves it: the REST application, or the edge itself.
enum class Served { kApplication, kWorkerSession, kArtifactUpload };

inline constexpr std::size_t kBodyBytesMax = 4 * 1024 * 1024;

struct Route {
  std::string method;   // HEAD is served wherever GET is
  std::string pattern;  // "/v1/runs/{run_id}/events"
  Scope scope = Scope::kRead;
  std::size_t body_bytes_max = 0;  // 0: a body is refused
  Served served = Served::kApplication;
  Handler handler;  // empty unless kApplication
};

}  // namespace runledger::api
