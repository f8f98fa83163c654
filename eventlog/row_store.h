// Projection rows: small key-value rows that are folds of the log, beside it.
// Keys are ordered as bytes. Any thread may read; the rows change only with a commit.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::eventlog {

struct RowChange {
  std::string key;
  std::optional<std::string> value;  // nullopt deletes the row
};

// Called once per row, in order; false ends the scan. The views are valid during the call.
using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;

class RowStore {
 public:
  virtual ~RowStore() = default;
  virtual std::optional<std::string> get(std::string_view key) const = 0;
  // Rows whose key starts with prefix and is >= from, ascending. Throws LogError on damage.
  virtual void scan(std::string_view prefix, std::string_view from,
                    const RowVisitor& visit) const = 0;
  // Rows whose key starts with prefix and is < before (empty: from the last one), descending.
  virtual void scan_back(std::string_view prefix, std::string_view before,
                         const RowVisitor& visit) const = 0;
};

}  // namespace runledger::eventlog
