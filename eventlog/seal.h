// The chain of hashes over the commits: described in eventlog/README.md. An event's digest covers
// its header and the salted digest of its payload, so that a payload can be erased and the chain
// still verifies.
#pragma once

#include <cstdint>
#include <string_view>

#include "eventlog/record.h"
#include "eventlog/sha256.h"

namespace runledger::eventlog {

// Where the chain stands after a commit.
struct ChainHead {
  Offset head = 0;  // the number of events that it covers
  Digest hash{};    // of the last commit; all zero before the first

  bool operator==(const ChainHead&) const = default;
};

// Hashes one commit after another. One thread at a time.
class Sealer {
 public:
  void begin_commit(const ChainHead& before, std::uint32_t events);
  // The next event of the commit: its header, and salt and payload as they stand in the record.
  void add(std::string_view header, std::string_view salted_payload);
  void add_erased(std::string_view header, std::string_view digest_of_payload);
  void add(const RecordView& record);
  Digest end_commit();

  Digest payload_digest(std::string_view salted_payload);

 private:
  Sha256 event_;
  Sha256 commit_;
};

}  // namespace runledger::eventlog
