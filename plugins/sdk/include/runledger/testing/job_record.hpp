// What the record of a task has of its jobs at other people's servers, and what they are to become:
// the changes that the server makes. The caller has the record's mutex.
#pragma once

#include <runledger/testing/checks.hpp>
#include <runledger/testing/task_record.hpp>

#include <algorithm>
#include <cctype>

namespace runledger::testing::detail {

inline std::string new_resource_id(TaskRecord& task) {
  return "res_" + std::to_string(++task.resources_made);
}

// What the open job is to become, from now on with that status.
inline void show_placeholder(TaskRecord& task, const std::string& status,
                             const std::string& execute_id) {
  if (!task.open_job || !task.open_job->resource) return;
  const std::string& id = task.open_job->resource->resource_id;
  auto found = std::find_if(task.placeholders.begin(), task.placeholders.end(),
                            [&](const Placeholder& each) { return each.resource_id == id; });
  if (found == task.placeholders.end()) {
    found = task.placeholders.insert(found, *task.open_job->resource);
  }
  if (!found->open()) return;
  found->status = status;
  found->execute_id = execute_id;
}

// Nobody knows whether the provider has the job.
inline void doubt(TaskRecord& task, const std::string& why) {
  task.open_job->status = TaskRecord::OpenJob::Status::kUnknown;
  task.open_job->doubt = why;
  show_placeholder(task, "unknown", "");
}

// The provider has the job. Gives the id of the resource that it is to become.
inline std::string submit(TaskRecord& task, const std::string& execute_id) {
  show_placeholder(task, "running", execute_id);
  const auto& job = *task.open_job;
  std::string resource_id = job.resource ? job.resource->resource_id : "";
  const json result = {{"execute_id", execute_id},
                       {"idempotency_key", job.idempotency_key},
                       {"resource_id", resource_id}};
  task.memos.push_back(
      {"remote", job.provider, result.dump(-1, ' ', false, json::error_handler_t::replace)});
  task.open_job.reset();
  return resource_id;
}

// The id under which an artifact is kept: that of what a job is to become, or of the same content
// that an attempt before has stored, or one of its own.
inline std::string resource_id_for(TaskRecord& task, const Stored& stored) {
  for (Placeholder& wanted : task.placeholders) {
    if (wanted.name != stored.name || wanted.status != "running") continue;
    wanted.status = "succeeded";
    wanted.media_type = stored.media_type;
    return wanted.resource_id;
  }
  for (const Stored& known : task.artifacts) {
    if (known.name == stored.name && known.sha256 == stored.sha256) return known.resource_id;
  }
  return new_resource_id(task);
}

// Why there is no content of the resource.
inline runledger_status refuse_resource(const TaskRecord& task, const std::string& id) {
  const bool is_id = id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_';
                     });
  if (!is_id) return refuse(RUNLEDGER_INVALID, "That is not the id of a resource");
  for (const Placeholder& each : task.placeholders) {
    if (each.resource_id != id) continue;
    return refuse(RUNLEDGER_UNAVAILABLE, "The resource " + id + " has no content yet");
  }
  return refuse(RUNLEDGER_INVALID, "There is no resource " + id + " for the owner of this run");
}

// The task has ended: what has no content now gets none.
inline void close_placeholders(TaskRecord& task) {
  for (Placeholder& each : task.placeholders) {
    if (each.open()) each.status = "failed";
  }
}

}  // namespace runledger::testing::detail
