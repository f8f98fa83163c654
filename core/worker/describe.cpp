#include "core/worker/describe.h"

#include <system_error>

#include "core/protocol/json_text.h"
#include "core/worker/host_messages.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

std::string ending_text(HostProcess& host) {
  const HostEnd end = host.end();
  std::string text = "loading it ended its process: " + cause_of(end);
  if (!end.last_lines.empty()) text += "; it wrote: " + end.last_lines.back();
  return text;
}

}  // namespace

Description describe_plugin(const HostSettings& settings, const std::filesystem::path& file,
                            HostWatch& watch) {
  try {
    HostProcess host(settings, std::filesystem::absolute(file), false, HostPurpose::kDescribe,
                     watch);
    const auto until = HostProcess::Clock::now() + kHostStartTimeout;
    const auto frame = host.receive(until);
    if (frame && frame->kind == number_of(HostFrame::kManifest)) return frame->payload;
    if (frame && frame->kind == number_of(HostFrame::kRefusal)) {
      return PluginRefusal{file, clipped(protocol::mended_utf8(frame->payload), kTextBytesMax)};
    }
    if (!frame && !host.ended()) host.kill(KilledFor::kNotStarting);
    return PluginRefusal{file, ending_text(host)};
  } catch (const std::system_error& failed) {
    return PluginRefusal{file, std::string("no process to load it in: ") + failed.what()};
  }
}

}  // namespace runledger::core::worker
