#include "core/protocol/remote_names.h"

#include <algorithm>

namespace runledger::core::protocol {

bool is_provider_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kProviderNameBytesMax && text[0] >= 'a' &&
         text[0] <= 'z' && std::all_of(text.begin(), text.end(), allowed);
}

bool is_execute_id(std::string_view text) {
  const auto allowed = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  };
  return !text.empty() && text.size() <= kExecuteIdBytesMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace runledger::core::protocol
