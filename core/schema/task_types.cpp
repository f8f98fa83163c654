#include "core/schema/task_types.h"

#include "core/base/json_reader.h"

namespace runledger::core {

std::shared_ptr<const TaskTypes::Snapshot> TaskTypes::snapshot() const {
  std::scoped_lock lock(mutex_);
  return snapshot_;
}

std::optional<std::string> TaskTypes::offer(const TaskTypeRegistered& registered) {
  auto schema = input_schema_of(registered.manifest.text);
  if (const auto* refused = std::get_if<SchemaError>(&schema)) return refused->reason;
  std::scoped_lock lock(mutex_);
  auto next = std::make_shared<Snapshot>(*snapshot_);
  (*next)[registered.name] = {registered,
                              std::get<std::shared_ptr<const InputSchema>>(std::move(schema))};
  snapshot_ = std::move(next);
  return std::nullopt;
}

std::variant<std::shared_ptr<const InputSchema>, SchemaError> input_schema_of(
    std::string_view manifest_json) {
  try {
    const JsonReader manifest(manifest_json);
    if (!manifest.has("input_schema")) return InputSchema::compile(R"({"type":"object"})");
    return InputSchema::compile(manifest.json("input_schema"));
  } catch (const JsonShapeError& wrong) {
    return SchemaError{std::string("the manifest is damaged: ") + wrong.what()};
  }
}

}  // namespace runledger::core
