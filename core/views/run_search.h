// Which runs a list shows: the intersection of the index rows that a filter names, newest first,
// found by seeking in each and never by reading the runs themselves. Run ids sort by time, so a
// place in the order is a run id and stays one while rows change. One thread; for the .cpp files of
// this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/access/principal.h"
#include "core/views/reader.h"
#include "eventlog/row_store.h"

namespace runledger::core {

class RunSearch {
 public:
  RunSearch(const eventlog::RowStore& rows, const Principal& who, const RunFilter& filter);

  // The next run id; nullopt: there is none, or enough has been looked at.
  std::optional<std::string> next();
  // Where to go on, if it ended because enough had been looked at.
  std::optional<std::string> stopped_at() const { return stopped_at_; }

 private:
  // Runs that are in any of some index ranges.
  using AnyOf = std::vector<std::unique_ptr<eventlog::KeySeeker>>;

  void add(std::vector<std::string> prefixes);
  void add_filter(const std::string& tenant, const RunFilter& filter);
  bool is_wanted(const std::string& run_id) const;
  std::optional<std::string> newest(AnyOf& any, const std::string& key, bool before);

  const eventlog::RowStore& rows_;
  std::vector<AnyOf> all_of_;
  const RunFilter* unindexed_ =
      nullptr;          // an admin's filter is over all tenants, the indexes are not
  std::string lowest_;  // ids below it are too old
  std::string sought_;  // the next id comes before this key
  std::size_t seeks_ = 0;
  std::optional<std::string> stopped_at_;
};

}  // namespace runledger::core
