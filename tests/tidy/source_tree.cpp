#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <fstream>

namespace runledger::tidy {
namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with("build") || name.starts_with('.') || name == "node_modules";
}

SourceFile read(const fs::path& path) {
  SourceFile file{fs::relative(path, root()).generic_string(), {}};
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

}  // namespace

fs::path root() {
  return RUNLEDGER_SOURCE_DIR;
}

std::vector<SourceFile> files_ending_in(const std::vector<std::string>& endings) {
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root()); it != fs::end(it); ++it) {
    if (it->is_directory() && is_left_out(it->path())) {
      it.disable_recursion_pending();
      continue;
    }
    const std::string name = it->path().filename().string();
    const bool wanted = std::any_of(endings.begin(), endings.end(),
                                    [&](const std::string& end) { return name.ends_with(end); });
    if (it->is_regular_file() && wanted) files.push_back(read(it->path()));
  }
  return files;
}

std::vector<SourceFile> code_files() {
  return files_ending_in({".h", ".hpp", ".cpp", ".c"});
}

std::size_t length_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace runledger::tidy
