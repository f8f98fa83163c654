// The keys of all rows that are folded from the log. Persisted: a changed form needs a rebuild of
// the rows, never a rewrite of the log. Tenants and users hold no '/', so a key splits one way
// only.
//
//   run/<run_id>                              the run, as run_row.h writes it
//   plan/<run_id>                             what it was given; written once
//   text/<run_id>/<text hash>                 a long text that the run has now; text_hash()
//   memo/<task_id>/<number>                   a finished step of a task that goes on; 8 hex digits
//   active/<run_id>                           empty; there while the run has not ended
//   task/<task_id>                            the run_id that it belongs to
//   resource/<resource_id>                    the same
//   by-owner/<tenant>/<user>/<run_id>         empty; lists of one user
//   by-tenant/<tenant>/<run_id>               empty; lists of one tenant
//   by-status/<tenant>/<status>/<run_id>      empty
//   by-kind/<tenant>/<kind>/<run_id>          empty; kind: task/<type> or workflow/<name>
//   by-label/<tenant>/<label hash>/<run_id>   empty; label_hash() of name and value
//   idempotency/<tenant>/<user>/<key>         which run the key made
//   token/<token_id>                          payload of token.created
//   task-type/<name>                          payload of the latest task_type.registered
//   workflow/<tenant>/<name>/<version>        payload of workflow.defined; 8 hex digits
//   workflow-state/<tenant>/<name>            the latest version, its offset, whether archived
//   schedule/<schedule_id>                    as run_row.h writes it
//   served/<tenant>                           offset of its latest lease
//   event-version/<type>/<version>            offset of the first such event, in decimal
//   rows-version                              kRowsVersion of the build that folded the rows
//
// The last two are read before anything else and by every build: their form never changes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runledger::core {

// Raise it when a row gets another form, or an event leads to other rows: a start then deletes the
// rows that an older build has folded, and folds them again.
inline constexpr std::uint32_t kRowsVersion = 4;

}  // namespace runledger::core

namespace runledger::core::row_keys {

inline constexpr std::string_view kRun = "run/";
inline constexpr std::string_view kPlan = "plan/";
inline constexpr std::string_view kText = "text/";
inline constexpr std::string_view kMemo = "memo/";
inline constexpr std::string_view kActive = "active/";
inline constexpr std::string_view kTask = "task/";
inline constexpr std::string_view kResource = "resource/";
inline constexpr std::string_view kByOwner = "by-owner/";
inline constexpr std::string_view kByTenant = "by-tenant/";
inline constexpr std::string_view kByStatus = "by-status/";
inline constexpr std::string_view kByKind = "by-kind/";
inline constexpr std::string_view kByLabel = "by-label/";
inline constexpr std::string_view kIdempotency = "idempotency/";
inline constexpr std::string_view kToken = "token/";
inline constexpr std::string_view kTaskType = "task-type/";
inline constexpr std::string_view kWorkflow = "workflow/";
inline constexpr std::string_view kWorkflowState = "workflow-state/";
inline constexpr std::string_view kSchedule = "schedule/";
inline constexpr std::string_view kServed = "served/";
inline constexpr std::string_view kEventVersion = "event-version/";
inline constexpr std::string_view kRowsVersionRow = "rows-version";

inline std::string key(std::string_view table, std::string_view rest) {
  return std::string(table).append(rest);
}
inline std::string by_owner(std::string_view tenant, std::string_view user) {
  return std::string(kByOwner).append(tenant).append("/").append(user).append("/");
}
inline std::string by_tenant(std::string_view tenant) {
  return std::string(kByTenant).append(tenant).append("/");
}
inline std::string of_tenant(std::string_view table, std::string_view tenant,
                             std::string_view what) {
  return std::string(table).append(tenant).append("/").append(what).append("/");
}
// 32 hex digits of a digest: names and values may hold anything.
std::string label_hash(std::string_view name, std::string_view value);
std::string text_hash(std::string_view text);  // 32 hex digits of a digest
inline std::string text(std::string_view run_id, std::string_view hash) {
  return std::string(kText).append(run_id).append("/").append(hash);
}
inline std::string memos(std::string_view task_id) {
  return std::string(kMemo).append(task_id).append("/");
}
std::string memo(std::string_view task_id, std::uint32_t number);
std::string workflow_version(std::string_view tenant, std::string_view name, std::uint32_t version);
inline std::string event_version(std::string_view type, std::uint16_t version) {
  return std::string(kEventVersion).append(type).append("/").append(std::to_string(version));
}

}  // namespace runledger::core::row_keys
