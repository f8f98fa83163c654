// The files of the checkout, as the tidy tests look at them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace runledger::tidy {

struct SourceFile {
  std::string path;  // from the root, with '/'
  std::vector<std::string> lines;

  bool is_in(const std::string& folder) const { return path.starts_with(folder + "/"); }
};

std::filesystem::path root();
// Files with one of these endings, build trees and dot folders left out.
std::vector<SourceFile> files_ending_in(const std::vector<std::string>& endings);
std::vector<SourceFile> code_files();  // .h .hpp .cpp .c

// Characters, not bytes.
std::size_t length_of(const std::string& line);

}  // namespace runledger::tidy
