#include "tests/plugins/two_hosts.h"

#include <runledger/testing/fake_host.hpp>

#include "core/check/rehearsal.h"
#include "tests/plugins/local_executor.h"

namespace runledger::core::worker {
namespace {

using runledger::testing::HttpReply;

// Which cancels the run when it is called for that.
testing::OutsideScript with_cancel(const Scenario& scenario, std::function<void()> cancel) {
  testing::OutsideScript script = scenario.outside;
  script.servers = [servers = scenario.outside.servers,
                    cancel = std::move(cancel)](const HttpRequest& request) -> HttpReply {
    if (request.url == kCancelUrl) {
      cancel();
      return runledger::testing::http_answer(200);
    }
    return servers(request);
  };
  return script;
}

// Ids of resources are of each host's own making; whether there is one is not.
json without_resource(json result) {
  if (!result.is_object() || !result.contains("resource_id")) return result;
  result["resource_id"] = !result["resource_id"].get_ref<const std::string&>().empty();
  return result;
}

}  // namespace

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

json in_real_host(const Scenario& scenario) {
  testing::set_behaviour("any", scenario.make());
  testing::set_cancel(scenario.cancel);
  std::stop_source stop;
  const auto script = with_cancel(scenario, [&] { stop.request_stop(); });
  testing::LocalExecutor executor({{"any", testing::scripted_plugin()}}, [&](TaskLink& link) {
    return std::make_unique<testing::ScriptedOutside>(link, script);
  });
  if (scenario.stop) stop.request_stop();
  auto task = check::task_of("any", R"({"n":1})");
  task.task_id = "task_1";
  const auto real = check::rehearse(executor, std::move(task), {stop.get_token(), {}});
  json said = {{"runs", real.runs}};
  for (const auto& memo : real.memos) {
    said["calls"].push_back({memo.kind, memo.name, without_resource(json::parse(memo.result))});
  }
  for (const auto& job : real.submitted) {
    said["submitted"].push_back({job.provider, job.idempotency_key, job.execute_id, job.found});
  }
  for (const auto& event : real.emitted) {
    said["emitted"].push_back({event.event_type, json::parse(event.data)});
  }
  for (const auto& log : real.logs) said["logs"].push_back({log.level, log.text});
  for (const auto& stored : real.stored) {
    said["stored"].push_back({stored.name, stored.media_type, stored.sha256, stored.size});
  }
  for (const auto& asked : real.reviews) {
    said["asked"].push_back({asked.name, json::parse(asked.body), json::parse(asked.validation),
                             asked.schema.empty() ? json() : json::parse(asked.schema)});
  }
  if (const auto* done = std::get_if<protocol::SucceededReport>(&real.outcome)) {
    said["output"] = json::parse(done->output);
  } else if (const auto* failed = std::get_if<protocol::FailedReport>(&real.outcome)) {
    said["failure"] = {failed->code, failed->message, failed->retryable, failed->retry_after_ms};
  } else if (const auto* unknown = std::get_if<protocol::RemoteUnknownReport>(&real.outcome)) {
    said["doubt"] = unknown->message;
  } else {
    said["canceled"] = std::holds_alternative<protocol::CanceledReport>(real.outcome);
  }
  return said;
}

json in_fake_host(const Scenario& scenario) {
  testing::set_behaviour("any", scenario.make());
  testing::set_cancel(scenario.cancel);
  runledger::testing::FakeHost host;
  const auto script = with_cancel(scenario, [&] { host.cancel(); });
  host.on_http(script.servers);
  for (const auto& [id, content] : script.resources) host.add_resource(id, "text/plain", content);
  host.approve_reviews();
  if (scenario.stop) host.request_stop();
  const auto outcome = host.run(*testing::scripted_plugin(), "any", {{"n", 1}});
  json said = {{"runs", host.runs()}};
  for (const auto& call : host.durable_calls()) {
    said["calls"].push_back({call.kind, call.name, without_resource(call.result)});
  }
  for (const auto& job : host.submissions()) {
    said["submitted"].push_back({job.provider, job.idempotency_key, job.execute_id, job.found});
  }
  for (const auto& event : host.emitted()) said["emitted"].push_back({event.type, event.data});
  for (const auto& log : host.logs()) said["logs"].push_back({log.level, log.text});
  for (const auto& stored : host.artifacts()) {
    said["stored"].push_back(
        {stored.name, stored.media_type, stored.sha256, stored.content.size()});
  }
  for (const auto& asked : host.reviews()) {
    said["asked"].push_back({asked.name, asked.body, asked.validation, asked.schema});
  }
  if (outcome.succeeded()) {
    said["output"] = outcome.output();
  } else if (outcome.failed()) {
    said["failure"] = {outcome.failure_code(), outcome.failure_message(), outcome.retryable(),
                       outcome.retry_after().count()};
  } else if (const auto waits = outcome.waiting_for(); waits.starts_with("remote '")) {
    said["doubt"] = waits.substr(waits.find("': ") + 3);
  } else {
    said["canceled"] = outcome.canceled();
  }
  return said;
}

Scenario plain(std::string name, testing::Behaviour behaviour) {
  return {std::move(name), [behaviour] {
            return behaviour;
          }};
}
Scenario counting(std::string name, std::function<json(TaskContext&, int)> behaviour) {
  return {std::move(name), [behaviour] {
            return [behaviour, runs = std::make_shared<int>(0)](TaskContext& task) {
              return behaviour(task, (*runs)++);
            };
          }};
}

}  // namespace runledger::core::worker
