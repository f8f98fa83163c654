// The task types that are known, for API threads: an immutable snapshot behind a lock, replaced
// when a type is registered. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/domain/events.h"
#include "core/schema/input_schema.h"

namespace runledger::core {

struct TaskType {
  TaskTypeRegistered registered;
  std::shared_ptr<const InputSchema> input_schema;
};

class TaskTypes {
 public:
  using Snapshot = std::map<std::string, TaskType, std::less<>>;

  std::shared_ptr<const Snapshot> snapshot() const;
  // nullopt, or why the type cannot be offered (its schema).
  std::optional<std::string> offer(const TaskTypeRegistered& registered);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

// The input schema of a manifest entry, compiled; an entry without one takes any object.
std::variant<std::shared_ptr<const InputSchema>, SchemaError> input_schema_of(
    std::string_view manifest_json);

}  // namespace runledger::core
