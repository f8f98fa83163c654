// What a shared library exports, read from its bytes: nothing in it is run. Any thread.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace runledger::core::check {

struct NoLibrary {
  std::string reason;
};

// Names of the symbols that it defines for others, in order of name.
std::variant<std::vector<std::string>, NoLibrary> exported_symbols(
    const std::filesystem::path& file);

}  // namespace runledger::core::check
