#include "api/cli/serve_settings.h"

#include <toml++/toml.h>

#include <charconv>
#include <filesystem>
#include <limits>
#include <sstream>
#include <vector>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/plugin_options.h"
#include "core/egress/address_rules.h"
#include "core/worker/credential.h"

namespace runledger::cli {
namespace {

constexpr std::uint32_t kWorkersMax = 64;
constexpr std::int64_t kRunningMax = 1'000'000;
constexpr std::uint64_t kDaySeconds = 24 * 3600;
constexpr std::uint64_t kDaysMax = 366;
constexpr std::uint64_t kWorkerGraceSecondsMax = kDaySeconds;
constexpr std::int64_t kNumberMax = std::numeric_limits<std::int64_t>::max();

class Completion {
 public:
  Completion(const CLI::App& command, ServeSettings& settings)
      : command_(command), settings_(settings) {}

  void run() {
    if (!settings_.config.empty()) read_file();
    split_listen();
    split_limits();
    if (settings_.plugin_memory_bytes < core::worker::kHostMemoryBytesMin) {
      wrong("plugin-memory: expected at least " +
            std::to_string(core::worker::kHostMemoryBytesMin) + " bytes");
    }
    check_calls();
    if (settings_.workers > kWorkersMax) {
      wrong("workers: expected 0 to " + std::to_string(kWorkersMax));
    }
    if (settings_.plugins.empty()) {
      settings_.plugins =
          (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "plugins").string();
    }
    if (settings_.workers > 0 && !std::filesystem::is_directory(settings_.plugins)) {
      wrong("plugins: there is no directory " + settings_.plugins);
    }
    if (!mistakes_.empty()) throw Failure(kExitConfig, "The configuration is wrong" + mistakes_);
  }

 private:
  void wrong(const std::string& what) { mistakes_ += "\n  " + what; }

  void check_calls() {
    for (const auto& problem : core::worker::read_credentials(settings_.credentials).problems) {
      wrong("credential: " + problem);
    }
    for (const std::string& text : settings_.allowed_endpoints) {
      if (core::egress::parse_endpoint(text)) continue;
      wrong("allow-endpoint: expected ADDRESS:PORT, got '" + text + "'");
    }
  }

  void read_file() {
    toml::table table;
    try {
      table = toml::parse_file(settings_.config);
    } catch (const toml::parse_error& error) {
      return wrong(settings_.config + ": " + std::string(error.description()));
    }
    for (const auto& [key, value] : table) take(std::string(key.str()), value);
  }

  void take(const std::string& key, const toml::node& value) {
    const bool said_before = key != "config" &&
                             command_.get_option_no_throw("--" + key) != nullptr &&
                             command_.count("--" + key) > 0;
    std::string* text = key == "data"               ? &settings_.data
                        : key == "listen"           ? &settings_.listen
                        : key == "plugins"          ? &settings_.plugins
                        : key == "type-running-max" ? &settings_.type_running_max
                                                    : nullptr;
    if (text != nullptr) {
      const auto given = value.value<std::string>();
      if (!given) return wrong(settings_.config + ": '" + key + "' is not a string");
      if (!said_before) *text = *given;
    } else if (key == "workers") {
      take_number(key, value, kWorkersMax, said_before, settings_.workers);
    } else if (key == "plugin-memory") {
      take_number(key, value, kNumberMax, said_before, settings_.plugin_memory_bytes);
    } else if (key == "plugin-env") {
      take_names(key, value, said_before, settings_.plugin_variables);
    } else if (key == "credential") {
      take_names(key, value, said_before, settings_.credentials);
    } else if (key == "allow-endpoint") {
      take_names(key, value, said_before, settings_.allowed_endpoints);
    } else if (key == "free-space-min") {
      take_number(key, value, kNumberMax, said_before, settings_.free_space_min);
    } else if (key == "tenant-running-max") {
      take_number(key, value, kRunningMax, said_before, settings_.tenant_running_max);
    } else if (key == "overdue-after") {
      take_number(key, value, kDaySeconds * kDaysMax, said_before, settings_.overdue_after_s);
    } else if (key == "worker-grace") {
      take_number(key, value, kWorkerGraceSecondsMax, said_before, settings_.worker_grace_s);
    } else {
      wrong(settings_.config + ": there is no setting '" + key + "'");
    }
  }

  template <typename Setting>
  void take_number(const std::string& key, const toml::node& value, std::int64_t most,
                   bool said_before, Setting& setting) {
    const auto given = value.value<std::int64_t>();
    if (!given || *given < 0 || *given > most) {
      return wrong(settings_.config + ": '" + key + "' is not an integer from 0 to " +
                   std::to_string(most));
    }
    if constexpr (requires { setting.reset(); }) {
      if (!said_before) setting.emplace(static_cast<typename Setting::value_type>(*given));
    } else {
      if (!said_before) setting = static_cast<Setting>(*given);
    }
  }

  void take_names(const std::string& key, const toml::node& value, bool said_before,
                  std::vector<std::string>& setting) {
    const toml::array* given = value.as_array();
    std::vector<std::string> names;
    for (std::size_t i = 0; given != nullptr && i < given->size(); ++i) {
      if (const auto name = (*given)[i].value<std::string>()) names.push_back(*name);
    }
    if (given == nullptr || names.size() != given->size()) {
      return wrong(settings_.config + ": '" + key + "' is not an array of strings");
    }
    if (!said_before) setting = std::move(names);
  }

  // TYPE=N, separated by commas.
  void split_limits() {
    std::istringstream parts(settings_.type_running_max);
    for (std::string part; std::getline(parts, part, ',');) {
      const std::size_t equals = part.find('=');
      std::uint32_t limit = 0;
      const char* end = part.data() + part.size();
      const bool has_number = equals != std::string::npos && equals > 0 && equals + 1 < part.size();
      const auto [stopped, error] =
          has_number ? std::from_chars(part.data() + equals + 1, end, limit)
                     : std::from_chars_result{part.data(), std::errc::invalid_argument};
      if (error != std::errc{} || stopped != end) {
        wrong("type-running-max: expected TYPE=N,…, got '" + part + "'");
      } else {
        settings_.type_limits[part.substr(0, equals)] = limit;
      }
    }
  }

  void split_listen() {
    const std::string& listen = settings_.listen;
    const std::size_t colon = listen.rfind(':');
    unsigned port = 65536;
    if (colon != std::string::npos) {
      const char* end = listen.data() + listen.size();
      const auto [stopped, error] = std::from_chars(listen.data() + colon + 1, end, port);
      if (error != std::errc{} || stopped != end) port = 65536;
    }
    if (port > 65535) return wrong("listen: expected ADDRESS:PORT, got '" + listen + "'");
    settings_.address = listen.substr(0, colon);
    if (settings_.address.starts_with('[') && settings_.address.ends_with(']')) {
      settings_.address = settings_.address.substr(1, settings_.address.size() - 2);
    }
    settings_.port = static_cast<std::uint16_t>(port);
  }

  const CLI::App& command_;
  ServeSettings& settings_;
  std::string mistakes_;
};

}  // namespace

void add_serve_options(CLI::App& command, ServeSettings& settings) {
  command.add_option("--data", settings.data, "Directory that everything is kept in")
      ->envname("RUNLEDGER_DATA")
      ->capture_default_str();
  command
      .add_option("--listen", settings.listen, "ADDRESS:PORT to serve on; port 0 takes a free one")
      ->envname("RUNLEDGER_LISTEN")
      ->capture_default_str();
  command
      .add_option("--plugins", settings.plugins,
                  "Directory of the plugins [the one beside the program]")
      ->envname("RUNLEDGER_PLUGINS");
  command
      .add_option("--workers", settings.workers,
                  "Tasks that this machine runs side by side, each in a process; 0 for none")
      ->envname("RUNLEDGER_WORKERS")
      ->capture_default_str();
  add_plugin_options(command, {settings.plugin_memory_bytes, settings.plugin_variables,
                               settings.credentials, settings.allowed_endpoints});
  command
      .add_option("--free-space-min", settings.free_space_min,
                  "Refuse new work below that many free bytes of disk; 0: never "
                  "[512 MiB or 5 %, the larger]")
      ->envname("RUNLEDGER_FREE_SPACE_MIN");
  command
      .add_option("--tenant-running-max", settings.tenant_running_max,
                  "Tasks at work for one tenant at a time [no limit]")
      ->envname("RUNLEDGER_TENANT_RUNNING_MAX")
      ->check(CLI::Range(0, static_cast<int>(kRunningMax)));
  command
      .add_option("--type-running-max", settings.type_running_max,
                  "Tasks of a type at work at a time, as TYPE=N,TYPE=N [no limit]")
      ->envname("RUNLEDGER_TYPE_RUNNING_MAX");
  command
      .add_option("--overdue-after", settings.overdue_after_s,
                  "Say run.overdue of a run that nothing has happened to for so many seconds; "
                  "0: never")
      ->envname("RUNLEDGER_OVERDUE_AFTER")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{kDaySeconds * kDaysMax}))
      ->capture_default_str();
  command
      .add_option("--worker-grace", settings.worker_grace_s,
                  "Seconds for which a worker on another machine keeps its tasks while it cannot "
                  "be reached")
      ->envname("RUNLEDGER_WORKER_GRACE")
      ->check(CLI::Range(std::uint64_t{0}, kWorkerGraceSecondsMax))
      ->capture_default_str();
  command.add_option("--accept-data-loss", settings.accept_data_loss,
                     "Start on a log that has lost exactly that many events");
  command.add_option("--config", settings.config, "TOML file with these settings, by their names")
      ->envname("RUNLEDGER_CONFIG");
}

void complete(const CLI::App& command, ServeSettings& settings) {
  Completion(command, settings).run();
}

}  // namespace runledger::cli
