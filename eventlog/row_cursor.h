// Reads rows one after the other, in order, where a scan would call back: to walk two stores side
// by side. Reads ahead in pages; rows that change meanwhile behind the cursor do not matter, before
// it they may be seen or not. One thread. Throws LogError on damage.
#pragma once

#include <deque>
#include <string>
#include <utility>

#include "eventlog/row_store.h"

namespace runledger::eventlog {

class RowCursor {
 public:
  explicit RowCursor(const RowStore& rows);

  bool at_end() const { return page_.empty(); }
  const std::string& key() const { return page_.front().first; }
  const std::string& value() const { return page_.front().second; }
  void next();

 private:
  void read_page(const std::string& from);

  const RowStore& rows_;
  std::deque<std::pair<std::string, std::string>> page_;
};

}  // namespace runledger::eventlog
