// A row of the column family commits: how many events a commit has, and the chain's hash after it.
// Its key is the offset of the commit's last event. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventlog/seal.h"

namespace runledger::eventlog {

struct CommitRow {
  std::uint32_t events = 0;  // at least one
  Digest hash{};
};

std::string encode_commit_row(const CommitRow& row);
std::optional<CommitRow> decode_commit_row(std::string_view bytes);

}  // namespace runledger::eventlog
