// Which runs a list shows, newest first: the intersection of the index ranges that a filter names.
// One range, that of the fewest runs around the place where the search begins, gives candidates;
// their rows, which the answer needs anyway, tell whether the rest of the filter fits. When most do
// not, all ranges are sought in, each from where the others are, and rows are read only of what is
// in all. Run ids sort by time, so a place in the order is a run id and stays one while rows
// change. One thread; for the .cpp files of this folder.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/access/principal.h"
#include "core/views/reader.h"
#include "eventlog/row_store.h"

namespace runledger::core {

struct ListedRun {
  std::string run_id;
  std::string summary;  // JSON
};

class RunSearch {
 public:
  // All outlive the search.
  RunSearch(const eventlog::RowStore& rows, const Principal& who, const RunFilter& filter);

  // The next run; nullopt: there is none, or enough has been looked at. Throws LogError when a row
  // is missing, JsonShapeError when one cannot be read.
  std::optional<ListedRun> next();
  // Where to go on, if it ended because enough had been looked at.
  std::optional<std::string> stopped_at() const { return stopped_at_; }

 private:
  // Runs that are in any of some index ranges.
  using AnyOf = std::vector<std::unique_ptr<eventlog::KeySeeker>>;

  void add(std::vector<std::string> prefixes);
  void add_filter(const std::string& tenant);
  void put_fewest_first();
  std::string reached(AnyOf& any);
  std::optional<std::string> newest(AnyOf& any, const std::string& key, bool before);
  std::optional<std::string> next_candidate();
  void read_batch();
  std::size_t batch_runs() const;
  void take(std::string run_id, const std::optional<std::string>& row);
  bool spent() const { return cost_ >= kListSeeksMax; }

  const eventlog::RowStore& rows_;
  const Principal& who_;
  const RunFilter& filter_;
  std::vector<AnyOf> all_of_;  // the first gives candidates
  std::size_t sought_in_ = 1;  // how many of them have to agree on a candidate
  std::string lowest_;         // ids below it are too old
  std::string sought_;         // the next id comes before this key
  bool at_end_ = false;
  std::size_t cost_ = 0;  // in seeks
  std::size_t candidates_ = 0;
  std::size_t fitting_ = 0;
  std::deque<ListedRun> found_;
  std::optional<std::string> stopped_at_;
};

}  // namespace runledger::core
