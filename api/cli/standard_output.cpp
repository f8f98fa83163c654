#include "api/cli/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "api/cli/exit_codes.h"

namespace runledger::cli {
namespace {

bool reader_is_gone() {
  ::pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int finish_standard_output(int exit_code) {
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  if ((std::cout && flushed && std::ferror(stdout) == 0) || reader_is_gone()) return exit_code;
  std::cerr << "runledger: Standard output could not be written; what is there is not whole\n";
  return kExitIo;
}

}  // namespace runledger::cli
