// Whether what a command has printed has arrived. One thread.
#pragma once

namespace runledger::cli {

// Writes out what is buffered. If that or an earlier write to standard output failed, says so on
// stderr and gives back kExitIo, else the exit code that was given. A reader that has gone away, as
// `head` does, has seen what it wanted: that is no failure.
int finish_standard_output(int exit_code);

}  // namespace runledger::cli
