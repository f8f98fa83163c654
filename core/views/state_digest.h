// One hash over all rows, the state digest: two logs with the same events have the same, whoever
// folds them. SHA-256 over each row in the order of keys: length of the key (8 bytes,
// little-endian) and the key, length of the value and the value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/sha256.h"
#include "eventlog/row_store.h"

namespace runledger::core {

class StateDigest {
 public:
  void add(std::string_view key, std::string_view value);
  std::uint64_t rows() const { return rows_; }
  std::string finish_hex() { return hash_.finish_hex(); }  // once

 private:
  void add_sized(std::string_view bytes);

  Sha256 hash_;
  std::uint64_t rows_ = 0;
};

std::string state_digest(const eventlog::RowStore& rows);

}  // namespace runledger::core
