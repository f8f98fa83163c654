// The resources that a trial's task can read: files, each under the id that stands in an input.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/worker/resource_source.h"

namespace runledger::core::check {

struct FileResource {
  std::filesystem::path file;
  std::string media_type;
};

// Any thread. The map must outlive it.
class FileResources final : public worker::ResourceSource {
 public:
  explicit FileResources(const std::map<std::string, FileResource>& by_id) : by_id_(by_id) {}
  worker::ResourceContent get(const std::string& task_id, const std::string& resource_id,
                              const std::stop_token& stop) override;

 private:
  const std::map<std::string, FileResource>& by_id_;
};

}  // namespace runledger::core::check
