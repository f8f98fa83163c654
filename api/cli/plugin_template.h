// The files of the project that `plugin new` writes, from plugins/sdk/template. In names and
// contents {{name}} stands for the plugin's name, {{Class}} for that of its executor.
#pragma once

#include <array>
#include <string_view>

namespace runledger::cli {

struct TemplateFile {
  std::string_view path;
  std::string_view content;
};

extern const std::array<TemplateFile, 5> kPluginTemplate;

}  // namespace runledger::cli
