#include "tests/plugins/two_hosts.h"

#include <runledger/testing/fake_host.hpp>

#include "core/check/rehearsal.h"
#include "tests/plugins/local_executor.h"

namespace runledger::core::worker {

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

json in_real_host(const Scenario& scenario) {
  testing::set_behaviour("any", scenario.make());
  testing::LocalExecutor executor({{"any", testing::scripted_plugin()}});
  std::stop_source stop;
  if (scenario.stop) stop.request_stop();
  const auto real =
      check::rehearse(executor, check::task_of("any", R"({"n":1})"), {stop.get_token(), {}});
  json said = {{"runs", real.runs}};
  for (const auto& memo : real.memos) {
    said["calls"].push_back({memo.kind, memo.name, json::parse(memo.result)});
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
  } else {
    said["canceled"] = std::holds_alternative<protocol::CanceledReport>(real.outcome);
  }
  return said;
}

json in_fake_host(const Scenario& scenario) {
  testing::set_behaviour("any", scenario.make());
  runledger::testing::FakeHost host;
  host.approve_reviews();
  if (scenario.stop) host.request_stop();
  const auto outcome = host.run(*testing::scripted_plugin(), "any", {{"n", 1}});
  json said = {{"runs", host.runs()}};
  for (const auto& call : host.durable_calls()) {
    said["calls"].push_back({call.kind, call.name, call.result});
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
