#include "core/check/file_resources.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace runledger::core::check {
namespace {

worker::ResourceContent refused(std::string code, std::string message) {
  return {worker::ResourceProblem{std::move(code), std::move(message), false}, {}, {}};
}

}  // namespace

worker::ResourceContent FileResources::get(const std::string&, const std::string& resource_id,
                                           const std::stop_token&) {
  const auto found = by_id_.find(resource_id);
  if (found == by_id_.end()) {
    return refused("resource_unknown", "There is no resource " + resource_id +
                                           " here: --resource " + resource_id +
                                           "=TYPE,FILE gives one");
  }
  const FileResource& resource = found->second;
  FileDescriptor file(::open(resource.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return refused("resource_unavailable", resource.file.string() + ": " + std::strerror(errno));
  }
  return {std::nullopt, std::move(file), resource.media_type};
}

}  // namespace runledger::core::check
