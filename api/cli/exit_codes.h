// Exit codes of the command line: those of sysexits.h, so that scripts can tell what went wrong.
#pragma once

namespace runledger::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRunFailed = 1;      // the command worked, the run it waited for did not
inline constexpr int kExitUsage = 64;         // the command line is wrong
inline constexpr int kExitData = 65;          // input or stored data are not as they must be
inline constexpr int kExitNoInput = 66;       // what was asked for does not exist
inline constexpr int kExitUnavailable = 69;   // a server or an address cannot be used
inline constexpr int kExitSoftware = 70;      // a defect of this program
inline constexpr int kExitCannotCreate = 73;  // the data directory cannot be used
inline constexpr int kExitIo = 74;            // the log could not be written
inline constexpr int kExitNoPermission = 77;  // the token is missing, wrong, or may not do it
inline constexpr int kExitConfig = 78;        // the configuration is wrong

// Of commands that look for something wrong (plugin check, plugin list).
inline constexpr int kExitFindings = 1;
inline constexpr int kExitCouldNotLook = 2;

}  // namespace runledger::cli
