// The keys of all rows that are folded from the log. Persisted: a changed form needs a rebuild of
// the rows, never a rewrite of the log. Tenants and users hold no '/', so a key splits one way
// only.
//
//   run/<run_id>                            the run, as run_row.h writes it
//   active/<run_id>                         empty; there while the run has not ended
//   by-owner/<tenant>/<user>/<run_id>       empty; lists of one user
//   by-tenant/<tenant>/<run_id>             empty; lists of one tenant
//   resource/<resource_id>                  the run_id that it belongs to
//   idempotency/<tenant>/<user>/<key>       which run the key made
//   token/<token_id>                        payload of token.created
//   task-type/<name>                        payload of the latest task_type.registered
#pragma once

#include <string>
#include <string_view>

namespace runledger::core::row_keys {

inline constexpr std::string_view kRun = "run/";
inline constexpr std::string_view kActive = "active/";
inline constexpr std::string_view kByOwner = "by-owner/";
inline constexpr std::string_view kByTenant = "by-tenant/";
inline constexpr std::string_view kResource = "resource/";
inline constexpr std::string_view kIdempotency = "idempotency/";
inline constexpr std::string_view kToken = "token/";
inline constexpr std::string_view kTaskType = "task-type/";

inline std::string key(std::string_view table, std::string_view rest) {
  return std::string(table).append(rest);
}
inline std::string by_owner(std::string_view tenant, std::string_view user) {
  return std::string(kByOwner).append(tenant).append("/").append(user).append("/");
}
inline std::string by_tenant(std::string_view tenant) {
  return std::string(kByTenant).append(tenant).append("/");
}

}  // namespace runledger::core::row_keys
