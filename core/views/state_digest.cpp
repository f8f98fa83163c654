#include "core/views/state_digest.h"

#include <array>

namespace runledger::core {

void StateDigest::add(std::string_view key, std::string_view value) {
  add_sized(key);
  add_sized(value);
  ++rows_;
}

void StateDigest::add_sized(std::string_view bytes) {
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>(std::uint64_t{bytes.size()} >> (8 * i));
  }
  hash_.update({length.data(), length.size()});
  hash_.update(bytes);
}

std::string state_digest(const eventlog::RowStore& rows) {
  StateDigest digest;
  rows.scan("", "", [&](std::string_view key, std::string_view value) {
    digest.add(key, value);
    return true;
  });
  return digest.finish_hex();
}

}  // namespace runledger::core
