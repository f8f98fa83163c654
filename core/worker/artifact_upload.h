// Takes an artifact's content to the server before it is reported as a resource.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace runledger::core::worker {

enum class UploadOutcome {
  kStored,
  kRefused,      // the server does not want it: trying again is of no use
  kUnavailable,  // not reached in the tries that there are
  kStopped,
};

struct UploadResult {
  UploadOutcome outcome;
  std::string reason;  // when it is not stored
};

// Any thread may call; calls run side by side.
class ArtifactUploader {
 public:
  virtual ~ArtifactUploader() = default;
  virtual UploadResult put(std::string_view sha256, std::string_view media_type,
                           std::span<const std::byte> content, const std::stop_token& stop) = 0;
};

// PUT {server}/v1/worker/artifacts/{sha256} with libcurl. No redirects and no proxies: the token
// goes to the server only. A few tries with growing pauses.
std::unique_ptr<ArtifactUploader> make_http_uploader(std::string server_url, std::string token);

}  // namespace runledger::core::worker
