#include "core/views/row_keys.h"

#include <cstdio>

#include "core/base/sha256.h"

namespace runledger::core::row_keys {
namespace {

constexpr std::size_t kHashDigits = 32;

std::string hex_digits(std::uint32_t number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%08x", number);
  return digits;
}

}  // namespace

std::string label_hash(std::string_view name, std::string_view value) {
  return sha256_hex(std::string(name).append(1, '\0').append(value)).substr(0, kHashDigits);
}

std::string text_hash(std::string_view text) {
  return sha256_hex(text).substr(0, kHashDigits);
}

std::string memo(std::string_view task_id, std::uint32_t number) {
  return memos(task_id) + hex_digits(number);
}

std::string workflow_version(std::string_view tenant, std::string_view name,
                             std::uint32_t version) {
  return of_tenant(kWorkflow, tenant, name) + hex_digits(version);
}

}  // namespace runledger::core::row_keys
