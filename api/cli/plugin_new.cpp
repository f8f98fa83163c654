// `runledger plugin new`: writes a project of its own that builds against the installed SDK.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/plugin_commands.h"
#include "api/cli/plugin_template.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;

struct NewCommand {
  std::string name;
  std::string dir;
};

// As a manifest takes it.
void require_name(const std::string& name) {
  constexpr std::size_t kNameBytesMax = 64;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool good = !name.empty() && name.size() <= kNameBytesMax && name[0] >= 'a' &&
                    std::all_of(name.begin(), name.end(), allowed);
  if (good) return;
  throw Failure(kExitUsage,
                "Expected a name of a lower-case letter, then letters, digits and _, "
                "such as automation_case, but it is '" +
                    name + "'");
}

// automation_case -> AutomationCase
std::string class_name(const std::string& name) {
  std::string text;
  bool up = true;
  for (const char c : name) {
    if (c != '_') text += up && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    up = c == '_';
  }
  return text;
}

std::string filled(std::string_view from, const NewCommand& command) {
  std::string text(from);
  const auto replace = [&](const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
      text.replace(at, what.size(), by);
    }
  };
  replace("{{name}}", command.name);
  replace("{{Class}}", class_name(command.name));
  return text;
}

void write(const fs::path& file, const std::string& text) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  std::ofstream out(file);
  out << text << std::flush;
  if (!out) throw Failure(kExitCannotCreate, "The file " + file.string() + " cannot be written");
}

int write_project(NewCommand command) {
  require_name(command.name);
  if (command.dir.empty()) command.dir = command.name;
  std::error_code error;
  if (fs::exists(command.dir, error) &&
      !(fs::is_directory(command.dir, error) && fs::is_empty(command.dir, error))) {
    throw Failure(kExitCannotCreate,
                  "Expected " + command.dir + " to be new or an empty directory, but it is not");
  }
  for (const TemplateFile& file : kPluginTemplate) {
    const fs::path path = fs::path(command.dir) / filled(file.path, command);
    write(path, filled(file.content, command));
    std::cout << path.string() << "\n";
  }
  std::cerr << "\nNext, with the SDK installed in PREFIX (or a system directory):\n"
            << "  cmake -S " << command.dir << " -B " << command.dir
            << "/build -DCMAKE_PREFIX_PATH=PREFIX\n"
            << "  cmake --build " << command.dir << "/build && ctest --test-dir " << command.dir
            << "/build\n"
            << "  runledger plugin check " << command.dir << "/build/plugins/" << command.name
            << ".so\n"
            << "  runledger serve --plugins " << command.dir << "/build/plugins\n";
  return kExitOk;
}

}  // namespace

void add_plugin_new(CLI::App& plugin, std::function<int()>& chosen) {
  auto options = std::make_shared<NewCommand>();
  CLI::App* command = plugin.add_subcommand("new", "Write a plugin project of its own");
  command->add_option("name", options->name, "Of the plugin and its task type")->required();
  command->add_option("--dir", options->dir, "Where to; ./NAME if it is not given");
  command->callback([options, &chosen] {
    chosen = [options] {
      return write_project(*options);
    };
  });
}

}  // namespace runledger::cli
