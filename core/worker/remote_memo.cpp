#include "core/worker/remote_memo.h"

#include <nlohmann/json.hpp>

namespace runledger::core::worker {
namespace {

constexpr const char* kKind = "remote";

std::string text_in(const nlohmann::json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

protocol::TaskMemo remote_memo(const RemoteMemo& job) {
  const nlohmann::json result = {{"execute_id", job.execute_id},
                                 {"idempotency_key", job.idempotency_key},
                                 {"resource_id", job.resource_id}};
  return {kKind, job.provider,
          result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

std::optional<RemoteMemo> remote_in(const protocol::TaskMemo& memo) {
  const auto fields = nlohmann::json::parse(memo.result, nullptr, false);
  if (memo.kind != kKind || !fields.is_object()) return std::nullopt;
  return RemoteMemo{memo.name, text_in(fields, "idempotency_key"), text_in(fields, "execute_id"),
                    text_in(fields, "resource_id")};
}

}  // namespace runledger::core::worker
