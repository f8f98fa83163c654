// A job at somebody else's server: orders a poster, waits until it is printed, stores it. The shop
// is a directory, so that the example needs nobody: an order is a file there, and so is a poster.
// Kill the server or the worker at any moment: the poster is ordered once.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <runledger/plugin.hpp>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using runledger::Failure;
using runledger::json;
using runledger::OutcomeUnknown;
using runledger::RemoteCall;
using runledger::TaskContext;

constexpr std::string_view kManifest = R"json({
  "name": "poster",
  "version": "1.0.0",
  "task_types": [{
    "name": "poster",
    "description": "Has a poster printed.",
    "input_schema": {
      "type": "object",
      "required": ["text", "shop"],
      "properties": {
        "text": {"type": "string", "minLength": 1},
        "shop": {"type": "string",
                 "description": "A directory: NAME.order goes in, NAME.printed comes out"}
      }
    },
    "output_schema": {"type": "object", "required": ["resource_id"]}
  }]
})json";

// The name is made of the key, so the shop has one order for a key, however often it is asked.
std::string place_order(const fs::path& shop, const std::string& key, const std::string& text) {
  if (!fs::is_directory(shop)) throw Failure("shop_closed", "There is no shop", true);
  const std::string order = "poster-" + key;
  std::ofstream out(shop / (order + ".order"));
  if (!(out << text).flush()) throw OutcomeUnknown("The shop took a part of the order");
  return order;
}

std::optional<std::string> order_of(const fs::path& shop, std::string_view key) {
  const std::string order = "poster-" + std::string(key);
  if (!fs::exists(shop / (order + ".order"))) return std::nullopt;
  return order;
}

std::optional<json> printed(const fs::path& shop, const std::string& order) {
  std::ifstream in(shop / (order + ".printed"));
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class Poster : public runledger::Executor {
 public:
  json execute(TaskContext& task) override {
    const fs::path shop = task.input().at("shop").get<std::string>();
    const auto text = task.input().at("text").get<std::string>();
    const auto job = task.remote(
        {.provider = "print_shop",
         .find = [&](std::string_view key) { return order_of(shop, key); },
         .resource = {{.name = "poster.txt", .media_type = "text/plain"}}},
        [&](RemoteCall& call) { return place_order(shop, call.idempotency_key(), text); });

    const json poster = task.poll("printed", {.every = 1s, .timeout = 24h},
                                  [&] { return printed(shop, job.execute_id()); });
    const auto content = poster.get<std::string>();
    task.artifact({"poster.txt", "text/plain"}, std::as_bytes(std::span(content)));
    return {{"resource_id", job.resource_id()}};
  }

  void cancel_remote(runledger::RemoteCancel& job) override {
    const fs::path shop = job.input().at("shop").get<std::string>();
    fs::remove(shop / (job.execute_id() + ".order"));
  }
};

}  // namespace

RUNLEDGER_PLUGIN(Poster, kManifest)
