// appending_child <directory>: appends for ever, and after each acknowledgement writes the new head
// (8 bytes) to stdout. crash_test.cpp kills it.
#include <unistd.h>

#include <cstdlib>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

using namespace runledger::eventlog;

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  RocksDbOptions options;
  options.write_buffer_bytes = 64 * 1024;
  options.wal_bytes_max = 128 * 1024;
  RocksDbStorage storage(argv[1], options);
  for (;;) {
    const Offset at = storage.log().head();
    const std::string stream = "s" + std::to_string(at % 7);
    const std::vector items = {
        test::item(stream, storage.log().stream_head(stream),
                   {test::event(std::to_string(at) + std::string(500, '.'))})};
    const std::vector<RowChange> rows = {{"head", std::to_string(at + 1)}};
    if (storage.commit(items, rows).at(0).status != AppendStatus::kAppended) return EXIT_FAILURE;
    const Offset acknowledged = storage.log().head();
    if (::write(STDOUT_FILENO, &acknowledged, sizeof acknowledged) < 0) return EXIT_FAILURE;
  }
}
