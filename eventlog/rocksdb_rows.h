// The rows' column family as a RowStore. Any thread. For the .cpp files of this folder.
#pragma once

#include "eventlog/rocksdb_database.h"
#include "eventlog/row_store.h"

namespace runledger::eventlog {

class RocksDbRows final : public RowStore {
 public:
  explicit RocksDbRows(const Database& database) : database_(database) {}

  std::optional<std::string> get(std::string_view key) const override;
  std::vector<std::optional<std::string>> get_many(
      std::span<const std::string> keys) const override;
  void scan(std::string_view prefix, std::string_view from, const RowVisitor& visit) const override;
  void scan_back(std::string_view prefix, std::string_view before,
                 const RowVisitor& visit) const override;
  std::unique_ptr<KeySeeker> seeker(std::string_view prefix) const override;

 private:
  const Database& database_;
};

}  // namespace runledger::eventlog
