#include "eventlog/byte_source.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace runledger::eventlog {

std::size_t FileSource::read(std::span<char> into) {
  const auto got = ::read(fd_, into.data(), into.size());
  if (got < 0) throw std::system_error(errno, std::generic_category(), "reading");
  return static_cast<std::size_t>(got);
}

}  // namespace runledger::eventlog
