// `runledger plugin check`: tries a plugin in processes of its own and reports what it found.
#include <spdlog/spdlog.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/plugin_commands.h"
#include "api/cli/progress_bar.h"
#include "core/check/check_plugin.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;
using core::check::CheckReport;
using core::check::CheckResult;

struct CheckCommand {
  std::string file;
  std::vector<std::string> inputs;     // TYPE=JSON
  std::vector<std::string> resources;  // ID=TYPE,FILE
  std::uint32_t time_limit_s = 60;
  bool external_calls = false;
  bool json = false;
};

Json as_json(const CheckReport& report) {
  Json checks = Json::array();
  for (const CheckResult& check : report.checks) {
    checks.push_back(
        {{"name", check.name}, {"status", name_of(check.status)}, {"detail", check.detail}});
  }
  return {{"file", report.file.string()}, {"ok", report.ok()}, {"checks", std::move(checks)}};
}

void print(const CheckReport& report) {
  constexpr std::size_t kNameWidth = 16;
  for (const CheckResult& check : report.checks) {
    std::string name = check.name;
    name.resize(kNameWidth, ' ');
    std::cout << name_of(check.status) << "  " << name << check.detail << "\n";
  }
  std::cout << report.file.string() << (report.ok() ? ": nothing is wrong\n" : ": not ready\n");
}

core::check::ExtraInput input_of(const std::string& argument) {
  const auto sign = argument.find('=');
  const std::string json = sign == std::string::npos ? "" : argument.substr(sign + 1);
  if (!nlohmann::json::parse(json, nullptr, false).is_object()) {
    throw Failure(kExitUsage, "Expected --input TYPE={...}, but it is " + argument);
  }
  return {argument.substr(0, sign), json};
}

std::pair<std::string, core::check::FileResource> resource_of(const std::string& argument) {
  const auto sign = argument.find('=');
  const auto comma = argument.find(',', sign == std::string::npos ? 0 : sign);
  if (sign == 0 || sign == std::string::npos || comma == std::string::npos) {
    throw Failure(kExitUsage, "Expected --resource ID=TYPE,FILE, but it is " + argument);
  }
  return {argument.substr(0, sign),
          {argument.substr(comma + 1), argument.substr(sign + 1, comma - sign - 1)}};
}

int check(const CheckCommand& command) {
  core::check::CheckSettings settings;
  settings.hosts = plugin_host_settings();
  settings.time_limit = std::chrono::seconds(command.time_limit_s);
  settings.external_calls = command.external_calls;
  for (const std::string& argument : command.inputs) settings.inputs.push_back(input_of(argument));
  for (const std::string& argument : command.resources) {
    settings.resources.insert(resource_of(argument));
  }
  spdlog::set_level(spdlog::level::off);  // what the plugin writes
  try {
    CheckReport report;
    {
      ProgressBar bar("checking");
      settings.on_check = [&](std::size_t done, std::size_t total, const std::string&) {
        bar.show(done, total);
      };
      report = core::check::check_plugin(command.file, settings);
    }
    if (command.json) {
      std::cout << as_json(report).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    } else {
      print(report);
    }
    return report.ok() ? kExitOk : kExitFindings;
  } catch (const std::system_error& reason) {
    std::cerr << "runledger: " << reason.what() << "\n";
    return kExitCouldNotLook;
  }
}

}  // namespace

void add_plugin_check(CLI::App& plugin, std::function<int()>& chosen) {
  auto options = std::make_shared<CheckCommand>();
  CLI::App* command = plugin.add_subcommand(
      "check",
      "Try a plugin in processes of its own: exit 0 nothing is wrong, 1 something is, 2 "
      "could not look");
  command->add_option("file", options->file, "The shared library")->required();
  command->add_option("--input", options->inputs,
                      "TYPE=JSON: an input to try beside the manifest's examples; repeatable");
  command->add_option("--resource", options->resources,
                      "ID=TYPE,FILE: a resource that tasks can read, such as "
                      "res_1=image/png,cover.png; repeatable");
  command->add_option("--time-limit", options->time_limit_s, "Seconds for one run of one task")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command->add_flag("--external-calls", options->external_calls,
                    "Run task types that call other servers, too");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] {
    chosen = [options] {
      return check(*options);
    };
  });
}

}  // namespace runledger::cli
