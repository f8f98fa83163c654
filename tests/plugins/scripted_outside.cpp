#include "tests/plugins/scripted_outside.h"

#include <unistd.h>

#include <algorithm>
#include <span>

#include "core/worker/limits.h"
#include "core/worker/mapped_file.h"

namespace runledger::core::worker::testing {
namespace {

HttpRequest as_authors_see_it(const OutsideRequest& request) {
  return {.method = request.http.method,
          .url = request.http.url,
          .headers = request.http.headers,
          .body = request.http.body,
          .credential = request.credential,
          .first_byte = request.http.timeouts.first_byte,
          .total = request.http.timeouts.total,
          .redirects_max = request.http.redirects_max,
          .answer_bytes_max = request.http.answer_bytes_max};
}

OutsideAnswer stopped() {
  return {egress::HttpProblem{"stopped", "The call was stopped", false, false}, 0};
}

}  // namespace

OutsideAnswer ScriptedOutside::call(OutsideRequest request) {
  auto& bytes_max = request.http.answer_bytes_max;
  bytes_max = std::min<std::uint64_t>(bytes_max, kCallBodyBytesMax);
  if (link_.stop_requested()) return stopped();
  auto reply = script_.servers(as_authors_see_it(request));
  if (link_.stop_requested()) return stopped();
  if (const auto* problem = std::get_if<runledger::testing::HttpProblem>(&reply)) {
    return {egress::HttpProblem{problem->code, problem->message, problem->retryable,
                                problem->may_have_arrived},
            0};
  }
  auto& answer = std::get<HttpAnswer>(reply);
  const auto wait_ms = static_cast<std::uint64_t>(answer.retry_after.count());
  const std::uint64_t size = answer.body.size();
  return {egress::HttpAnswer{answer.status, answer.headers, std::move(answer.body), size}, wait_ms};
}

FetchedArtifact ScriptedOutside::fetch(OutsideRequest request, protocol::ResourceReport resource) {
  FetchedArtifact fetched;
  fetched.answer = call(std::move(request));
  auto* answer = std::get_if<egress::HttpAnswer>(&fetched.answer.outcome);
  if (answer == nullptr || answer->status != 200) return fetched;
  if (resource.media_type.empty())
    resource.media_type = answer->header("content-type").value_or("");
  const std::string body = std::exchange(answer->body, {});
  fetched.stored = link_.store(std::move(resource), std::as_bytes(std::span(body)));
  return fetched;
}

ResourceContent ScriptedOutside::open(const std::string& resource_id) {
  if (link_.stop_requested()) {
    return {ResourceProblem{"stopped", "The task is to stop", false}, {}, {}};
  }
  const auto found = script_.resources.find(resource_id);
  if (found == script_.resources.end()) {
    return {ResourceProblem{"resource_unknown",
                            "There is no resource " + resource_id + " for the owner of this run",
                            false},
            {},
            {}};
  }
  FileDescriptor file = nameless_file();
  const auto written = ::write(file.get(), found->second.data(), found->second.size());
  if (written != std::ssize(found->second)) throw std::runtime_error("no file for the resource");
  return {std::nullopt, reopened_for_reading(file), "text/plain"};
}

}  // namespace runledger::core::worker::testing
