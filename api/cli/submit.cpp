// `runledger submit`: starts a run of one task, and waits for it if asked to.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/run_follower.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

struct SubmitOptions {
  ClientOptions client;
  std::string task;
  std::string input = "{}";
  std::vector<std::string> labels;
  std::string idempotency_key;
  int priority = 0;
  bool wait = false;
  bool json = false;
};

std::string read_input(const std::string& input) {
  if (!input.starts_with("@")) return input;
  if (input == "@-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(input.substr(1));
  if (!file) throw Failure(kExitData, "Cannot read " + input.substr(1));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string body_of(const SubmitOptions& options) {
  const Json input = Json::parse(read_input(options.input), nullptr, false);
  if (!input.is_object()) throw Failure(kExitData, "Expected the input to be a JSON object");
  Json body = {{"task", options.task}, {"input", input}};
  for (const std::string& label : options.labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      throw Failure(kExitUsage, "Expected --label NAME=VALUE, got " + label);
    }
    body["labels"][label.substr(0, equals)] = label.substr(equals + 1);
  }
  if (options.priority != 0) body["priority"] = options.priority;
  return body.dump();
}

void draw_progress(double percent, const std::string& message) {
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(percent / 100 * kWidth);
  std::string bar(static_cast<std::size_t>(filled), '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K[%s] %3.0f %%  %.40s", bar.c_str(), percent, message.c_str());
}

int wait_for(HttpClient& client, const std::string& run_id, bool json) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const std::string status = follow_run(client, run_id, {}, [&](const Json& event) {
    if (!terminal || event.value("type", "") != "task.progressed") return;
    draw_progress(event["data"].value("percent", 0.0), event["data"].value("message", ""));
  });
  if (terminal) std::fputs("\r\033[K", stderr);
  const std::string run = client.expect("GET", "/v1/runs/" + run_id);
  if (json) {
    std::cout << run << '\n';
  } else {
    std::cout << run_id << ' ' << status << '\n';
    const Json view = Json::parse(run);
    if (view["error"].is_object()) std::cerr << view["error"].value("message", "") << '\n';
  }
  return status == "succeeded" ? kExitOk : kExitRunFailed;
}

int submit(const SubmitOptions& options) {
  HttpClient client(options.client.server, find_token(options.client));
  HttpClient::Headers headers;
  if (!options.idempotency_key.empty()) {
    headers.emplace_back("Idempotency-Key", options.idempotency_key);
  }
  const std::string answer = client.expect("POST", "/v1/runs", body_of(options), headers);
  const std::string run_id = Json::parse(answer).at("run_id");
  if (options.wait) return wait_for(client, run_id, options.json);
  std::cout << (options.json ? answer : run_id) << '\n';
  return kExitOk;
}

}  // namespace

void add_submit(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = app.add_subcommand("submit", "Start a run of one task");
  add_client_options(*command, options->client);
  command->add_option("task", options->task, "The task type, e.g. image")->required();
  command->add_option("--input", options->input, "JSON object, @FILE, or @- for standard input")
      ->capture_default_str();
  command->add_option("--label", options->labels, "NAME=VALUE, may be repeated");
  command->add_option("--priority", options->priority, "-100 to 100, more is sooner");
  command->add_option("--idempotency-key", options->idempotency_key,
                      "Submitting again with the same key starts nothing new");
  command->add_flag("--wait", options->wait,
                    "Wait for the end; exit code 0 if it succeeded, 1 if not");
  command->add_flag("--json", options->json, "Print the server's answer");
  command->callback([options, &chosen] {
    chosen = [options] {
      return submit(*options);
    };
  });
}

}  // namespace runledger::cli
