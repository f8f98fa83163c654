// A core without network and disk: memory storage, a clock that is set by hand, ids that repeat.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/engine/command_factory.h"
#include "core/engine/recovery.h"
#include "core/engine/sequencer.h"
#include "eventlog/memory_storage.h"

namespace runledger::core::testing {

class ManualClock final : public Clock {
 public:
  std::int64_t now_us() const override { return now_us_; }
  void advance_us(std::int64_t by) { now_us_ += by; }

 private:
  std::int64_t now_us_ = 1'700'000'000'000'000;
};

class CountingRandom final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next_++ * 37 + 11);
  }

 private:
  unsigned next_ = 0;
};

inline Principal user(const std::string& tenant, const std::string& name) {
  return {tenant, name, {Role::kViewer, Role::kSubmitter}, "tok"};
}

// A sequencer on a storage that survives restart().
class Harness {
 public:
  Harness() { restart(); }

  void restart() {
    sequencer.reset();
    fatal.clear();
    SequencerHooks hooks;
    hooks.on_admissions = [](std::span<const Action>) {
    };
    hooks.on_actions = [this](std::span<const Action> done) {
      actions.insert(actions.end(), done.begin(), done.end());
    };
    hooks.on_news = [this](std::span<const std::string> streams) {
      news.insert(news.end(), streams.begin(), streams.end());
    };
    hooks.on_due = [this](std::int64_t due_us) {
      due = due_us;
    };
    hooks.input_fault = [](const std::string&, const JsonText&) {
      return std::nullopt;
    };
    hooks.on_fatal = [this](const std::string& reason) {
      fatal = reason;
    };
    State state = recover(*storage, settings.runs_in_memory_max);
    state.policy = policy;
    sequencer = std::make_unique<Sequencer>(*storage, std::move(state), settings, hooks);
    sequencer->start();
  }

  Outcome run(Command command) {
    std::promise<Outcome> answered;
    if (!sequencer->submit(std::move(command),
                           [&](const Outcome& outcome) { answered.set_value(outcome); })) {
      return Rejection{RejectionCode::kQueueFull, "not queued", {}};
    }
    return answered.get_future().get();
  }
  Outcome as_user(CommandBody body, const std::string& name = "alice") {
    return run(commands.from_user(user("acme", name), std::move(body)));
  }
  Outcome as_worker(CommandBody body) { return run(commands.from_worker("w1", std::move(body))); }

  // A run of one `image` task; gives its id.
  std::string submit(const std::string& idempotency_key = "", const std::string& sha = "",
                     const std::string& name = "alice") {
    const auto outcome = as_user(submission(idempotency_key, sha), name);
    return std::get<RunAccepted>(std::get<CommandReply>(outcome)).run_id;
  }
  SubmitRun submission(const std::string& idempotency_key = "", const std::string& sha = "") {
    SubmitRun submit;
    submit.run_id = ids.make("run");
    submit.plan = std::make_shared<const RunPlan>(RunPlan{
        single_task_spec("image", {R"({"prompt":"x"})"}), {"{}"}, {R"({"workspace":"ws-1"})"}});
    submit.tasks = {{"main", ids.make("task")}};
    submit.labels = {{"conversation_id", "42"}};
    submit.idempotency_key = idempotency_key;
    submit.request_sha256 = sha;
    return submit;
  }

  std::vector<LeasesGranted::Grant> lease(std::size_t slots) {
    GrantLeases grant{"wrk_1", "w1", false, {{"image", "1.0.0", std::string(64, 'a')}}, {}};
    for (std::size_t i = 0; i < slots; ++i) grant.lease_ids.push_back(ids.make("lease"));
    const auto outcome = as_worker(std::move(grant));
    return std::get<LeasesGranted>(std::get<CommandReply>(outcome)).grants;
  }

  std::optional<RunState> stored(const std::string& run_id) {
    State state;
    load_run_row(state, storage->rows(), run_id);
    const RunState* run = state.find_run(run_id);
    return run == nullptr ? std::nullopt : std::optional(*run);
  }
  std::vector<std::string> types_of(const std::string& run_id) {
    std::vector<std::string> types;
    storage->log().read_stream(run_id, 0, [&](const eventlog::RecordView& record) {
      types.emplace_back(record.type);
      return true;
    });
    return types;
  }
  std::map<std::string, std::string> rows() {
    std::map<std::string, std::string> all;
    storage->rows().scan("", "", [&](std::string_view key, std::string_view value) {
      all.emplace(key, value);
      return true;
    });
    return all;
  }

  ManualClock clock;
  CountingRandom random;
  IdSource ids{clock, random};
  CommandFactory commands{clock, ids};
  SequencerSettings settings;
  Policy policy;
  std::unique_ptr<eventlog::Storage> storage = std::make_unique<eventlog::MemoryStorage>();
  std::vector<Action> actions;
  std::vector<std::string> news;
  std::string fatal;
  std::int64_t due = 0;
  std::unique_ptr<Sequencer> sequencer;
};

inline LeaseRef lease_of(const LeasesGranted::Grant& grant) {
  return {grant.run_id, grant.task_id, grant.lease_id};
}

}  // namespace runledger::core::testing
