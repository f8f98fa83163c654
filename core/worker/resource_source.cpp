#include "core/worker/resource_source.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "core/egress/http_call.h"
#include "core/worker/limits.h"
#include "core/worker/mapped_file.h"

namespace runledger::core::worker {
namespace {

ResourceContent refused(std::string code, std::string message, bool retryable) {
  return {ResourceProblem{std::move(code), std::move(message), retryable}, {}, {}};
}

// It comes from a plugin, and becomes a part of a path.
bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

class HttpResourceSource final : public ResourceSource {
 public:
  HttpResourceSource(std::string server_url, std::string token)
      : server_url_(std::move(server_url)), authorization_("Bearer " + token) {
    while (server_url_.ends_with('/')) server_url_.pop_back();
  }

  ResourceContent get(const std::string& task_id, const std::string& resource_id,
                      const std::stop_token& stop) override {
    if (!is_id(resource_id)) {
      return refused("resource_unknown", "That is not the id of a resource", false);
    }
    FileDescriptor file = nameless_file();
    if (!file) {
      return refused("resource_unavailable",
                     std::string("There is no file for the content: ") + std::strerror(errno),
                     true);
    }
    egress::HttpRequest request;
    request.url =
        server_url_ + "/v1/worker/tasks/" + task_id + "/resources/" + resource_id + "/content";
    request.headers = {{"Authorization", authorization_}};
    request.timeouts.total = kCallTimeMax;
    request.answer_bytes_max = kArtifactBytesMax;
    const auto outcome = caller_.download(request, file.get(), stop);
    if (const auto* problem = std::get_if<egress::HttpProblem>(&outcome)) {
      if (problem->code == "stopped") return refused("stopped", "The task is to stop", false);
      return refused("resource_unavailable", problem->message, true);
    }
    return judge(std::get<egress::HttpAnswer>(outcome), resource_id, std::move(file));
  }

 private:
  static ResourceContent judge(const egress::HttpAnswer& answer, const std::string& resource_id,
                               FileDescriptor file) {
    if (answer.status == 200) {
      return {std::nullopt, reopened_for_reading(file),
              std::string(answer.header("content-type").value_or(""))};
    }
    if (answer.status == 404) {
      return refused("resource_unknown",
                     "There is no resource " + resource_id + " for the owner of this run", false);
    }
    if (answer.status == 409) {
      return refused("resource_not_ready", "The resource " + resource_id + " has no content yet",
                     true);
    }
    return refused("resource_unavailable",
                   "The server answered " + std::to_string(answer.status) + " for the content of " +
                       resource_id,
                   true);
  }

  std::string server_url_;
  const std::string authorization_;
  const egress::HttpCaller caller_ = egress::HttpCaller::to_own_server();
};

}  // namespace

std::unique_ptr<ResourceSource> make_http_resource_source(std::string server_url,
                                                          std::string token) {
  return std::make_unique<HttpResourceSource>(std::move(server_url), std::move(token));
}

}  // namespace runledger::core::worker
