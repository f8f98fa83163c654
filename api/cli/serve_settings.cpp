#include "api/cli/serve_settings.h"

#include <toml++/toml.h>

#include <charconv>
#include <filesystem>
#include <vector>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"

namespace runledger::cli {
namespace {

constexpr std::uint32_t kWorkersMax = 64;

class Completion {
 public:
  Completion(const CLI::App& command, ServeSettings& settings)
      : command_(command), settings_(settings) {}

  void run() {
    if (!settings_.config.empty()) read_file();
    split_listen();
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
    std::string* text = key == "data"      ? &settings_.data
                        : key == "listen"  ? &settings_.listen
                        : key == "plugins" ? &settings_.plugins
                                           : nullptr;
    if (text != nullptr) {
      const auto given = value.value<std::string>();
      if (!given) return wrong(settings_.config + ": '" + key + "' is not a string");
      if (!said_before) *text = *given;
    } else if (key == "workers") {
      const auto given = value.value<std::int64_t>();
      if (!given || *given < 0 || *given > kWorkersMax) {
        return wrong(settings_.config + ": 'workers' is not an integer from 0 to " +
                     std::to_string(kWorkersMax));
      }
      if (!said_before) settings_.workers = static_cast<std::uint32_t>(*given);
    } else if (key == "free-space-min") {
      const auto given = value.value<std::int64_t>();
      if (!given || *given < 0) {
        return wrong(settings_.config + ": 'free-space-min' is not a number of bytes");
      }
      if (!said_before) settings_.free_space_min = static_cast<std::uint64_t>(*given);
    } else {
      wrong(settings_.config + ": there is no setting '" + key + "'");
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
  command.add_option("--workers", settings.workers, "Worker processes to start; 0 for none")
      ->envname("RUNLEDGER_WORKERS")
      ->capture_default_str();
  command
      .add_option("--free-space-min", settings.free_space_min,
                  "Refuse new work below that many free bytes of disk; 0: never "
                  "[512 MiB or 5 %, the larger]")
      ->envname("RUNLEDGER_FREE_SPACE_MIN");
  command.add_option("--accept-data-loss", settings.accept_data_loss,
                     "Start on a log that has lost exactly that many events");
  command.add_option("--config", settings.config, "TOML file with these settings, by their names")
      ->envname("RUNLEDGER_CONFIG");
}

void complete(const CLI::App& command, ServeSettings& settings) {
  Completion(command, settings).run();
}

}  // namespace runledger::cli
