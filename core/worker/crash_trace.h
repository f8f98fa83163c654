// Inside a plugin's process: what a deadly signal leaves behind, as text into a pipe.
//
//   signal 11 code 1 address 0x0 stack 0x7ffd5c3f0a90
//   image.so+0x1234
//   …                       innermost first; a bare address is in nothing that was loaded
//
// The worker reads it when the process has ended, and believes none of it without a look.
#pragma once

namespace runledger::core::worker {

// For SEGV, BUS, FPE, ILL, SYS and ABRT. The calling thread gets a stack of its own for it, so that
// it also tells of a stack that has overflowed. Once; `pipe` stays open.
void trace_crashes(int pipe);

// Notes where the loaded libraries are. Before threads of others run, after a library was loaded.
void note_modules();

}  // namespace runledger::core::worker
