// Artifacts as files of one directory: <root>/<first two digits>/<sha256>, staged in another
// directory of the same file system.
#pragma once

#include "core/artifacts/artifact_store.h"

namespace runledger::core {

class FileArtifactStore final : public ArtifactStore {
 public:
  // Makes both directories. What lies in `staging` is left over from a crash and removed.
  FileArtifactStore(std::filesystem::path root, std::filesystem::path staging);

  std::unique_ptr<StagedArtifact> stage() override;
  std::optional<StoredArtifact> find(std::string_view sha256) const override;
  std::filesystem::path path_of(std::string_view sha256) const override;

 private:
  const std::filesystem::path root_;
  const std::filesystem::path staging_;
};

}  // namespace runledger::core
