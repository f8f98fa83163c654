// The index entries of one stream, in order, read with one iterator. One thread. For the .cpp files
// of this folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

class StreamEntries {
 public:
  StreamEntries(const Database& database, std::string_view stream, StreamIndex from);

  // The offsets of the next entries that are below head; fewer than wanted if there are no more, or
  // the next is damaged.
  std::vector<Offset> next(std::size_t wanted, Offset head);

  // The next entry is not the one that has to follow.
  bool damaged() const { return damaged_; }
  // Whether the index could be read so far.
  rocksdb::Status status() const { return it_->status(); }

 private:
  std::string end_key_;
  rocksdb::Slice end_;
  std::unique_ptr<rocksdb::Iterator> it_;
  StreamIndex idx_;
  bool damaged_ = false;
};

}  // namespace runledger::eventlog
