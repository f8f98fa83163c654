// Projection rows: small key-value rows that are folds of the log, beside it.
// Keys are ordered as bytes. Any thread may read; the rows change only with a commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runledger::eventlog {

struct RowChange {
  std::string key;
  std::optional<std::string> value;  // nullopt deletes the row
};

// Called once per row, in order; false ends the scan. The views are valid during the call.
using RowVisitor = std::function<bool(std::string_view key, std::string_view value)>;

// Looks backwards into the keys of one prefix, as they were when it was made. One thread at a time.
class KeySeeker {
 public:
  virtual ~KeySeeker() = default;
  // The greatest key of the prefix that is <= that key, or < it; keys are without the prefix. Valid
  // until the next call. Throw LogError on damage.
  virtual std::optional<std::string_view> at_or_before(std::string_view key) = 0;
  virtual std::optional<std::string_view> before(std::string_view key) = 0;
};

class RowStore {
 public:
  virtual ~RowStore() = default;
  virtual std::optional<std::string> get(std::string_view key) const = 0;
  // As get() of each, in that order, but in one go.
  virtual std::vector<std::optional<std::string>> get_many(
      std::span<const std::string> keys) const = 0;
  // Rows whose key starts with prefix and is >= from, ascending. Throws LogError on damage.
  virtual void scan(std::string_view prefix, std::string_view from,
                    const RowVisitor& visit) const = 0;
  // Rows whose key starts with prefix and is < before (empty: from the last one), descending.
  virtual void scan_back(std::string_view prefix, std::string_view before,
                         const RowVisitor& visit) const = 0;
  // It does not outlive the store.
  virtual std::unique_ptr<KeySeeker> seeker(std::string_view prefix) const = 0;
};

}  // namespace runledger::eventlog
