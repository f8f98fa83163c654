// The REST application: Pistache behind in-process socket pairs. The edge writes one whole, checked
// request into a pair and reads one answer from it; Pistache sees no client. See README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "api/http/message.h"
#include "api/http/route.h"

namespace runledger::api {

// Names the exchange, in the message to the application and in the answer to it.
inline constexpr const char* kExchangeField = "X-Runledger-Exchange";

struct ApplicationSettings {
  int threads = 2;
  std::size_t pairs_max = 64;  // requests that the application works on at a time
  std::size_t request_bytes_max = kBodyBytesMax + 16 * 1024;
  std::size_t answer_bytes_max = 16 * 1024 * 1024;  // a longer body becomes a 500
};

// One request on its way through the application. The edge fills in everything but the body, which
// travels over the pair. Shared with the application's thread until the answer has been read.
struct Exchange {
  const Route* route = nullptr;
  Request request;
  // Set unless the reply was an Answer, which goes back over the pair.
  std::optional<Reply> reply;
};

class PistacheApplication {
 public:
  explicit PistacheApplication(ApplicationSettings settings);
  // Whoever took pairs must have given all of them back. A handler that never returns blocks this.
  ~PistacheApplication();
  PistacheApplication(const PistacheApplication&) = delete;
  PistacheApplication& operator=(const PistacheApplication&) = delete;

  const ApplicationSettings& settings() const;

  // All of these: any thread.

  // The edge's end of a pair (a non-blocking stream socket), or -1 when all are taken. A pair
  // carries one request at a time and its answer is read to the end. It is never closed, only given
  // back.
  int take_pair();
  void give_back_pair(int fd);
  // Gives back a pair in which an answer may still be under way: nobody gets it any more.
  void retire_pair(int fd);

  // Announces a request; the result is the value of kExchangeField in it.
  std::uint64_t admit(std::shared_ptr<Exchange> exchange);
  // After this the application no longer touches an exchange that it has not begun to handle.
  void dismiss(std::uint64_t id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::api
