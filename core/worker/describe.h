// Has a library described by a process of its own, which loads it and ends.
#pragma once

#include "core/worker/host_process.h"
#include "core/worker/plugin_directory.h"

namespace runledger::core::worker {

// Any thread. A library whose initialisers crash or hang is refused with that as the reason.
Description describe_plugin(const HostSettings& settings, const std::filesystem::path& file,
                            HostWatch& watch);

}  // namespace runledger::core::worker
