// Jobs at other people's servers, as authors see them: see TaskContext::remote() in
// task_context.hpp, which includes this.
#pragma once

#include <runledger/plugin.h>
#include <runledger/http.hpp>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace runledger {

// The request may have reached the provider: nobody knows whether it has the job. For the function
// that hands it over.
class OutcomeUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RemoteResource {
  std::string_view name;        // "clip.mp4"
  std::string_view media_type;  // "video/mp4"
};

struct RemoteOptions {
  std::string_view provider;  // "coze"
  // Asks the provider for the job with this key: its execute_id, or nothing when there is none.
  // Throws what says that it could not be asked. Without it a person has to look.
  std::function<std::optional<std::string>(std::string_view key)> find = {};
  // What the job is to become: a resource that is there, and running, from the moment of the
  // submission. The artifact of this name completes it; the end of the task without one fails it.
  std::optional<RemoteResource> resource = {};
};

// What the function that hands a job over is given.
class RemoteCall {
 public:
  explicit RemoteCall(std::string idempotency_key) : idempotency_key_(std::move(idempotency_key)) {}
  // The same whenever and wherever this call is made again; another when a person has the task
  // begin anew.
  const std::string& idempotency_key() const { return idempotency_key_; }

 private:
  std::string idempotency_key_;
};

// A job that the provider has.
class RemoteJob {
 public:
  explicit RemoteJob(const runledger_remote_job& job)
      : execute_id_(job.execute_id.data, job.execute_id.size),
        resource_id_(job.resource_id.data, job.resource_id.size),
        idempotency_key_(job.idempotency_key.data, job.idempotency_key.size) {}
  const std::string& execute_id() const { return execute_id_; }
  const std::string& resource_id() const { return resource_id_; }  // empty: it becomes none
  const std::string& idempotency_key() const { return idempotency_key_; }

 private:
  std::string execute_id_;
  std::string resource_id_;
  std::string idempotency_key_;
};

// A job that is not wanted any more: see Executor::cancel_remote().
class RemoteCancel {
 public:
  RemoteCancel(const runledger_host& host, runledger_text provider, const runledger_remote_job& job)
      : host_(host), provider_(provider.data, provider.size), job_(job) {}
  std::string_view provider() const { return provider_; }
  const RemoteJob& job() const { return job_; }
  const std::string& execute_id() const { return job_.execute_id(); }
  nlohmann::json input() const {  // the task's
    return nlohmann::json::parse(std::string_view(host_.input.data, host_.input.size));
  }
  void log(std::string_view level, std::string_view line) const {
    host_.log(host_.ctx, {level.data(), level.size()}, {line.data(), line.size()});
  }

  HttpAnswer http(const HttpRequest& request) const { return detail::call(host_, request); }

  // What an executor that cancels nothing says.
  void decline() { declined_ = true; }
  bool declined() const { return declined_; }

 private:
  const runledger_host& host_;
  std::string_view provider_;
  RemoteJob job_;
  bool declined_ = false;
};

}  // namespace runledger
