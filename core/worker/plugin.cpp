#include "core/worker/plugin.h"

#include <dlfcn.h>

#define BOOST_DLL_USE_STD_FS
#include <array>
#include <boost/dll/shared_library.hpp>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <stdexcept>

namespace runledger::core::worker {
namespace {

namespace dll = boost::dll;

// As the first ones were: what was added later may be missing.
constexpr std::size_t kDescriptorBytesMin = offsetof(runledger_plugin, cancel_remote);

constexpr auto kLoadMode = dll::load_mode::rtld_now | dll::load_mode::rtld_local;
constexpr auto kStayLoaded = static_cast<dll::load_mode::type>(RTLD_NODELETE);

std::string number_problem(const char* what, std::uint64_t theirs, std::uint64_t ours) {
  return "built for " + std::string(what) + " " + std::to_string(theirs) + ", this worker speaks " +
         std::to_string(ours);
}

std::string in_hex(std::uint64_t number) {
  std::array<char, 2 + 16 + 1> text{};
  std::snprintf(text.data(), text.size(), "0x%016" PRIx64, number);
  return text.data();
}

Plugin checked(const std::filesystem::path& file, const runledger_plugin& descriptor) {
  if (const auto problem = descriptor_problem(descriptor); !problem.empty()) {
    throw std::runtime_error(problem);
  }
  return {file, &descriptor};
}

}  // namespace

std::string descriptor_problem(const runledger_plugin& descriptor) {
  if (descriptor.magic != RUNLEDGER_PLUGIN_MAGIC) {
    return "its " RUNLEDGER_PLUGIN_SYMBOL " begins with " + in_hex(descriptor.magic) +
           ", this worker expects the magic number " + in_hex(RUNLEDGER_PLUGIN_MAGIC);
  }
  if (descriptor.abi != RUNLEDGER_PLUGIN_ABI) {
    return number_problem("plugin ABI", descriptor.abi, RUNLEDGER_PLUGIN_ABI);
  }
  if (descriptor.size < kDescriptorBytesMin) {
    return "its descriptor has " + std::to_string(descriptor.size) + " bytes, this worker needs " +
           std::to_string(kDescriptorBytesMin);
  }
  if (!descriptor.create || !descriptor.execute || !descriptor.destroy) {
    return "its descriptor lacks create, execute or destroy";
  }
  if (!descriptor.manifest.data || !descriptor.compiler.data || !descriptor.sdk.data) {
    return "its descriptor lacks the manifest, the compiler or the SDK version";
  }
  return {};
}

bool can_cancel_remote(const runledger_plugin& descriptor) {
  constexpr std::size_t kEnd =
      offsetof(runledger_plugin, cancel_remote) + sizeof descriptor.cancel_remote;
  return descriptor.size >= kEnd && descriptor.cancel_remote != nullptr;
}

std::variant<Plugin, PluginRefusal> load_plugin(const std::filesystem::path& file) {
  const auto path = std::filesystem::absolute(file);
  dll::shared_library library;
  std::error_code error;
  library.load(path, error, kLoadMode);
  if (error) {
    const char* detail = dlerror();  // the error code says "bad file descriptor" for everything
    return PluginRefusal{
        file, std::string("not a loadable shared library: ") + (detail ? detail : error.message())};
  }
  if (!library.has(RUNLEDGER_PLUGIN_SYMBOL)) {
    return PluginRefusal{file,
                         "does not export " RUNLEDGER_PLUGIN_SYMBOL ": not a Runledger plugin"};
  }
  try {
    Plugin plugin = checked(file, library.get<const runledger_plugin>(RUNLEDGER_PLUGIN_SYMBOL));
    const dll::shared_library pinned(path, kLoadMode | kStayLoaded);
    return plugin;
  } catch (const std::exception& problem) {
    return PluginRefusal{file, problem.what()};
  }
}

}  // namespace runledger::core::worker
