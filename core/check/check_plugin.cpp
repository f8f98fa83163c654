#include "core/check/check_plugin.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "core/check/check_inputs.h"
#include "core/check/elf_symbols.h"
#include "core/check/plugin_trials.h"
#include "core/schema/input_schema.h"
#include "core/worker/describe.h"

namespace runledger::core::check {
namespace {

using nlohmann::json;
using worker::Description;
using worker::PluginRefusal;

constexpr std::size_t kChecks = 12;

CheckResult pass(std::string detail) {
  return {"", CheckStatus::kPass, std::move(detail)};
}
CheckResult fail(std::string detail) {
  return {"", CheckStatus::kFail, std::move(detail)};
}
CheckResult skip(std::string detail) {
  return {"", CheckStatus::kSkip, std::move(detail)};
}

// A sum of what went well and what did not.
class Findings {
 public:
  void add(const Trial& trial, const std::optional<std::string>& wrong) {
    ++looked_;
    if (!wrong) return;
    if (++wrong_ == 1) first_ = trial.task_type + " with " + shown(trial.input) + ": " + *wrong;
  }
  CheckResult result(const std::string& what) const {
    if (looked_ == 0) return skip("there is no example that has succeeded");
    if (wrong_ == 0) return pass(std::to_string(looked_) + " " + what);
    const std::string more =
        wrong_ > 1 ? " (and " + std::to_string(wrong_ - 1) + " more like it)" : "";
    return fail(first_ + more);
  }

 private:
  static std::string shown(const std::string& input) {
    constexpr std::size_t kShownBytesMax = 200;
    if (input.size() <= kShownBytesMax) return input;
    return json::parse(input).dump(-1, ' ', true).substr(0, kShownBytesMax) + "...";
  }

  std::size_t looked_ = 0;
  std::size_t wrong_ = 0;
  std::string first_;
};

class PluginCheck {
 public:
  PluginCheck(const std::filesystem::path& file, const CheckSettings& settings)
      : settings_(settings) {
    report_.file = file;
  }

  CheckReport run() {
    check("file", [&] { return file(); });
    check("symbols", [&] { return symbols(); });
    check("load", [&] { return load(); });
    check("manifest", [&] { return manifest(); });
    check("schemas", [&] { return part_of_manifest("_schema", "schemas can be enforced"); });
    check("examples", [&] { return part_of_manifest("/examples/", "examples fit"); });
    check("run", [&] { return tried([&] { return run_examples(); }); });
    check("output", [&] { return tried([&] { return outputs(); }); });
    check("determinism", [&] {
      return each("tasks came to the same after every crash",
                  [&](const Trial& whole) { return trials_->crashed(whole); });
    });
    check("cancel", [&] {
      return each("tasks ended when they were told to",
                  [&](const Trial& whole) { return trials_->stopped(whole); });
    });
    check("malformed_input", [&] { return tried([&] { return malformed(); }); });
    check("repeat", [&] {
      return each("tasks ran twice in one process",
                  [&](const Trial& whole) { return trials_->repeated(whole); });
    });
    return std::move(report_);
  }

 private:
  template <typename Check>
  void check(const char* name, Check look) {
    if (settings_.on_check) settings_.on_check(report_.checks.size(), kChecks, name);
    CheckResult result = look();
    result.name = name;
    report_.checks.push_back(std::move(result));
  }

  CheckResult file() const {
    if (auto problem = worker::writable_problem(report_.file); !problem.empty()) {
      return fail(std::move(problem));
    }
    return pass("only its owner can change it");
  }

  CheckResult symbols() const {
    const auto found = exported_symbols(report_.file);
    if (const auto* none = std::get_if<NoLibrary>(&found)) return fail(none->reason);
    const auto& names = std::get<std::vector<std::string>>(found);
    std::string others;
    for (const std::string& name : names) {
      if (name != RUNLEDGER_PLUGIN_SYMBOL) others += (others.empty() ? "" : ", ") + name;
    }
    if (others.empty()) return pass("it exports " RUNLEDGER_PLUGIN_SYMBOL " alone");
    return fail("expected it to export " RUNLEDGER_PLUGIN_SYMBOL " alone, but it exports " +
                others +
                ": link it with runledger_add_plugin, or with the version script "
                "plugin.map");
  }

  CheckResult load() {
    worker::HostWatch watch;
    auto described = worker::describe_plugin(settings_.hosts, report_.file, watch);
    if (auto* refusal = std::get_if<PluginRefusal>(&described)) return fail(refusal->reason);
    text_ = std::get<std::string>(std::move(described));
    return pass("plugin ABI " + std::to_string(RUNLEDGER_PLUGIN_ABI));
  }

  CheckResult manifest() {
    if (!text_) return skip("it cannot be loaded");
    const auto described = worker::look_at_plugin(
        report_.file, [this](const std::filesystem::path&) { return Description(*text_); });
    if (const auto* refusal = std::get_if<PluginRefusal>(&described)) {
      const auto read = worker::read_manifest(*text_);
      if (const auto* error = std::get_if<worker::ManifestError>(&read)) wrong_ = *error;
      if (wrong_ && is_part(wrong_->pointer)) return pass("its form is right");
      return fail(refusal->reason);
    }
    plugin_ = std::get<worker::PluginFile>(described);
    trials_.emplace(settings_, *plugin_);
    std::string types;
    for (const auto& type : plugin_->task_types) types += " " + type.name;
    return pass(plugin_->name + " " + plugin_->task_types[0].version + ", task types:" + types);
  }

  static bool is_part(const std::string& pointer) {
    return pointer.find("_schema") != std::string::npos ||
           pointer.find("/examples/") != std::string::npos;
  }
  CheckResult part_of_manifest(const std::string& part, const char* good) const {
    if (plugin_) return pass(good);
    if (wrong_ && wrong_->pointer.find(part) != std::string::npos) return fail(wrong_->reason);
    return skip("the manifest cannot be used");
  }

  template <typename Look>
  CheckResult tried(Look look) {
    return plugin_ ? look() : skip("the plugin cannot be used");
  }

  CheckResult run_examples() {
    Findings findings;
    std::set<std::string> without;
    for (const auto& type : plugin_->task_types) {
      if (is_left_out(type)) continue;
      const auto inputs = inputs_of(type);
      if (inputs.empty()) without.insert(type.name);
      for (const std::string& input : inputs) {
        Trial trial = trials_->run(type.name, input);
        const auto wrong = failure_text(trial);
        findings.add(trial, wrong);
        if (!wrong) whole_.push_back(std::move(trial));
      }
    }
    if (!without.empty()) {
      return fail("the manifest has no example of " + *without.begin() +
                  ": there is nothing to try it with");
    }
    if (all_left_out()) {
      return skip("its task types make external calls: --external-calls runs them");
    }
    return findings.result("examples ran to their end");
  }

  bool is_left_out(const protocol::TaskTypeOffer& type) const {
    const json risks = json::parse(type.manifest).value("risk", json::array());
    const bool calls = std::find(risks.begin(), risks.end(), "external_calls") != risks.end();
    return calls && !settings_.external_calls;
  }
  bool all_left_out() const {
    return std::all_of(plugin_->task_types.begin(), plugin_->task_types.end(),
                       [this](const auto& type) { return is_left_out(type); });
  }

  std::vector<std::string> inputs_of(const protocol::TaskTypeOffer& type) const {
    std::vector<std::string> inputs;
    const json entry = json::parse(type.manifest);
    for (const json& example : entry.value("examples", json::array())) {
      inputs.push_back(example.dump());
    }
    for (const ExtraInput& extra : settings_.inputs) {
      if (extra.task_type == type.name) inputs.push_back(extra.json);
    }
    return inputs;
  }

  json entry_of(const std::string& task_type) const {
    for (const auto& type : plugin_->task_types) {
      if (type.name == task_type) return json::parse(type.manifest);
    }
    return json::object();
  }

  CheckResult outputs() const {
    Findings findings;
    for (const Trial& trial : whole_) {
      const auto compiled =
          InputSchema::compile(entry_of(trial.task_type).at("output_schema").dump());
      const auto& schema = std::get<std::shared_ptr<const InputSchema>>(compiled);
      const auto& done = std::get<protocol::SucceededReport>(trial.rehearsed.outcome);
      const auto violations = schema->check(done.output);
      std::optional<std::string> wrong;
      if (!violations.empty()) {
        wrong = "its output does not fit the output_schema: at '" + violations[0].pointer +
                "': " + violations[0].message;
      }
      findings.add(trial, wrong);
    }
    return findings.result("outputs fit the output_schema");
  }

  template <typename Look>
  CheckResult each(const char* what, Look look) {
    return tried([&] {
      Findings findings;
      for (const Trial& whole : whole_) findings.add(whole, look(whole));
      return findings.result(what);
    });
  }

  CheckResult malformed() {
    Findings findings;
    std::size_t tried = 0;
    for (const auto& type : plugin_->task_types) {
      if (is_left_out(type)) continue;
      const auto inputs = inputs_of(type);
      const json schema = entry_of(type.name).at("input_schema");
      const std::string example = inputs.empty() ? "{}" : inputs.front();
      for (const std::string& input : malformed_inputs(schema.dump(), example)) {
        ++tried;
        findings.add({type.name, input, {}, {}, false, {}}, trials_->malformed(type.name, input));
      }
    }
    if (tried == 0) return skip("there is no input to try that the input_schema forbids");
    return findings.result("inputs that the schema forbids were survived");
  }

  const CheckSettings& settings_;
  CheckReport report_;
  std::optional<std::string> text_;             // of the manifest
  std::optional<worker::ManifestError> wrong_;  // with it
  std::optional<worker::PluginFile> plugin_;
  std::optional<PluginTrials> trials_;
  std::vector<Trial> whole_;  // that have succeeded
};

}  // namespace

const char* name_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPass:
      return "pass";
    case CheckStatus::kFail:
      return "fail";
    case CheckStatus::kSkip:
      return "skip";
  }
  return "";
}

bool CheckReport::ok() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const CheckResult& check) { return check.status == CheckStatus::kFail; });
}

CheckReport check_plugin(const std::filesystem::path& file, const CheckSettings& settings) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    throw std::system_error(error ? error : std::make_error_code(std::errc::invalid_argument),
                            file.string() + " is no file");
  }
  return PluginCheck(std::filesystem::canonical(file), settings).run();
}

}  // namespace runledger::core::check
