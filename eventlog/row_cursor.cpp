#include "eventlog/row_cursor.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kPageRows = 1024;
constexpr std::size_t kPageBytes = 1024 * 1024;

}  // namespace

RowCursor::RowCursor(const RowStore& rows) : rows_(rows) {
  read_page("");
}

void RowCursor::next() {
  std::string after = std::move(page_.front().first);
  page_.pop_front();
  if (!page_.empty()) return;
  after.push_back('\0');  // the first key behind it
  read_page(after);
}

void RowCursor::read_page(const std::string& from) {
  std::size_t bytes = 0;
  rows_.scan("", from, [&](std::string_view key, std::string_view value) {
    page_.emplace_back(key, value);
    bytes += key.size() + value.size();
    return page_.size() < kPageRows && bytes < kPageBytes;
  });
}

}  // namespace runledger::eventlog
