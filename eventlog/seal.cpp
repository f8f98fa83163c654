#include "eventlog/seal.h"

#include "eventlog/bytes.h"

namespace runledger::eventlog {
namespace {

// Part of what is hashed: never change.
constexpr std::string_view kCommitTag = "runledger-commit-1\n";

}  // namespace

void Sealer::begin_commit(const ChainHead& before, std::uint32_t events) {
  std::string start(kCommitTag);
  start += bytes_of(before.hash);
  put_le<std::uint64_t>(start, before.head);
  put_le<std::uint32_t>(start, events);
  commit_.begin();
  commit_.update(start);
}

void Sealer::add(std::string_view header, std::string_view salted_payload) {
  const Digest digest = payload_digest(salted_payload);
  add_erased(header, bytes_of(digest));
}

void Sealer::add_erased(std::string_view header, std::string_view digest_of_payload) {
  event_.begin();
  event_.update(header);
  event_.update(digest_of_payload);
  const Digest digest = event_.finish();
  commit_.update(bytes_of(digest));
}

void Sealer::add(const RecordView& record) {
  if (record.payload_erased) {
    add_erased(record.header, record.sealed_payload);
  } else {
    add(record.header, record.sealed_payload);
  }
}

Digest Sealer::end_commit() {
  return commit_.finish();
}

Digest Sealer::payload_digest(std::string_view salted_payload) {
  event_.begin();
  event_.update(salted_payload);
  return event_.finish();
}

}  // namespace runledger::eventlog
