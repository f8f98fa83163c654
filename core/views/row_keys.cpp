#include "core/views/row_keys.h"

#include <cstdio>

#include "core/base/sha256.h"

namespace runledger::core::row_keys {

std::string label_hash(std::string_view name, std::string_view value) {
  constexpr std::size_t kDigits = 32;
  return sha256_hex(std::string(name).append(1, '\0').append(value)).substr(0, kDigits);
}

std::string workflow_version(std::string_view tenant, std::string_view name,
                             std::uint32_t version) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", version);
  return of_tenant(kWorkflow, tenant, name) + digits;
}

}  // namespace runledger::core::row_keys
