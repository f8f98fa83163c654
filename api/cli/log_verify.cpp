#include "api/cli/log_verify.h"

#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/cli/progress_bar.h"
#include "eventlog/checkpoint_export.h"
#include "eventlog/data_directory.h"
#include "eventlog/verify.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

struct VerifyCommand {
  std::string data;
  std::string witness;
  bool json = false;
};

// Why `log verify` could not look.
class CouldNotLook : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

eventlog::Checkpoint read_witness(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) throw CouldNotLook("The witness file " + file + " cannot be read");
  const auto checkpoint = eventlog::parse_checkpoint(text.str());
  if (checkpoint) return *checkpoint;
  throw CouldNotLook("The witness file " + file + " is not a checkpoint");
}

Json as_json(const eventlog::VerifyReport& report) {
  Json json = {{"sound", !report.damage},
               {"events", report.chain.head},
               {"hash", eventlog::to_hex(eventlog::bytes_of(report.chain.hash))},
               {"erased_payloads", report.erased_payloads},
               {"checkpoints", report.checkpoints},
               {"key_ids", report.key_ids},
               {"fence", report.has_fence}};
  if (report.damage) {
    json["offset"] = report.damage->offset;
    json["damage"] = report.damage->what;
  }
  return json;
}

void print(const eventlog::VerifyReport& report, bool with_witness) {
  if (report.damage) {
    std::cout << "damaged at offset " << report.damage->offset << ": " << report.damage->what
              << "\n";
  } else {
    std::cout << "sound: " << report.chain.head << " events, hash "
              << eventlog::to_hex(eventlog::bytes_of(report.chain.hash)) << "\n";
  }
  std::cout << report.checkpoints << " checkpoints, " << report.erased_payloads
            << " erased payloads" << (report.has_fence ? "" : ", no fence file") << "\n";
  for (const std::string& key : report.key_ids) std::cout << "signed by key " << key << "\n";
  if (!with_witness && !report.damage) {
    std::cout << "Whether its end was cut off shows only against a checkpoint kept elsewhere "
                 "(--witness).\n";
  }
}

eventlog::VerifyReport look(const VerifyCommand& command) {
  ProgressBar bar("verifying");
  eventlog::VerifyOptions options;
  options.on_progress = [&](eventlog::Offset done, eventlog::Offset total) {
    bar.show(done, total);
  };
  if (!command.witness.empty()) options.witness = read_witness(command.witness);
  return eventlog::verify_log(eventlog::inspect_data_directory(command.data).log(), options);
}

int verify(const VerifyCommand& command) {
  try {
    const auto report = look(command);
    if (command.json) {
      std::cout << as_json(report).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    } else {
      print(report, !command.witness.empty());
    }
    return report.damage ? kVerifyDamaged : kVerifySound;
  } catch (const std::runtime_error& reason) {
    std::cerr << "runledger: " << reason.what() << "\n";
    return kVerifyCouldNotLook;
  }
}

int export_checkpoint(const std::string& data) {
  try {
    const auto checkpoint =
        eventlog::export_checkpoint(eventlog::inspect_data_directory(data).log());
    if (checkpoint) {
      std::cout << eventlog::to_json(*checkpoint) << "\n";
      return kVerifySound;
    }
    std::cerr << "runledger: The log in " << data
              << " has no events, or neither a checkpoint nor a key to sign one with\n";
  } catch (const std::runtime_error& reason) {
    std::cerr << "runledger: " << reason.what() << "\n";
  }
  return kVerifyCouldNotLook;
}

}  // namespace

void add_log_verify(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<VerifyCommand>();
  CLI::App* command = log.add_subcommand(
      "verify",
      "Verify a log: exit 0 sound, 1 damaged (the first line names the offset), 2 could "
      "not look");
  command->add_option("data", options->data, "The data directory, or a copy of one")->required();
  command->add_option("--witness", options->witness, "A checkpoint that was kept elsewhere");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] {
    chosen = [options] {
      return verify(*options);
    };
  });
}

void add_log_checkpoint(CLI::App& log, std::function<int()>& chosen) {
  auto data = std::make_shared<std::string>();
  CLI::App* checkpoint = log.add_subcommand("checkpoint", "Checkpoints of a log");
  checkpoint->require_subcommand(1);
  CLI::App* command = checkpoint->add_subcommand(
      "export", "Print a signed checkpoint of the log as it is now, to be kept elsewhere");
  command->add_option("data", *data, "The data directory")->required();
  command->callback([data, &chosen] {
    chosen = [data] {
      return export_checkpoint(*data);
    };
  });
}

}  // namespace runledger::cli
