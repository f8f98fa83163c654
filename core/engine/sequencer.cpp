#include "core/engine/sequencer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/engine/recovery.h"

namespace runledger::core {
namespace {

void set_offset(CommandReply& reply, std::uint64_t offset) {
  if (auto* accepted = std::get_if<RunAccepted>(&reply)) accepted->offset = offset;
  if (auto* done = std::get_if<Done>(&reply)) done->offset = offset;
}

}  // namespace

Sequencer::Sequencer(eventlog::Storage& storage, State state, SequencerSettings settings,
                     SequencerHooks hooks)
    : storage_(storage),
      settings_(settings),
      hooks_(std::move(hooks)),
      state_(std::move(state)),
      next_offset_(storage.log().head()) {}

Sequencer::~Sequencer() {
  stop();
}

void Sequencer::start() {
  thread_ = std::thread([this] { run(); });
}

void Sequencer::stop() {
  {
    std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Sequencer::submit(Command command, Answer answer) {
  const std::size_t bytes = weight_bytes(command);
  {
    std::scoped_lock lock(mutex_);
    if (stopping_ || failed_ || queue_.size() >= settings_.queue_commands_max ||
        queue_bytes_ + bytes > settings_.queue_bytes_max) {
      return false;
    }
    queue_bytes_ += bytes;
    queue_.push_back({std::move(command), std::move(answer), bytes});
  }
  work_.notify_one();
  return true;
}

void Sequencer::run() {
  for (;;) {
    std::vector<Waiting> waiting = drain();
    if (waiting.empty()) return;
    process(std::move(waiting));
  }
}

std::vector<Sequencer::Waiting> Sequencer::drain() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Waiting> waiting;
  std::size_t bytes = 0;
  while (!queue_.empty() && waiting.size() < settings_.group_commands_max) {
    bytes += queue_.front().bytes;
    if (!waiting.empty() && bytes > settings_.group_bytes_max) break;
    queue_bytes_ -= queue_.front().bytes;
    waiting.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return waiting;
}

void Sequencer::process(std::vector<Waiting> waiting) {
  Group group;
  try {
    for (Waiting& item : waiting) {
      Outcome outcome = decide_one(item.command, group);
      group.answers.emplace_back(std::exchange(item.answer, nullptr), std::move(outcome));
    }
    if (!group.items.empty() && !commit(group)) return;
  } catch (const std::exception& broken) {
    // A row or record that cannot be read, or an event that does not fit: nothing may run on.
    for (Waiting& item : waiting) {
      if (item.answer) group.answers.emplace_back(std::move(item.answer), Outcome{});
    }
    return fail(group, broken.what());
  }
  state_.idempotency.clear();  // they are rows now
  forget_ended(group.runs);
  if (!group.actions.empty()) hooks_.on_admissions(group.actions);
  for (auto& [answer, outcome] : group.answers) answer(outcome);
  if (!group.actions.empty()) hooks_.on_actions(group.actions);
  if (!group.streams.empty()) hooks_.on_news(group.streams);
}

Outcome Sequencer::decide_one(const Command& command, Group& group) {
  try {
    const std::string run_id = load_for(state_, storage_.rows(), command);
    if (!run_id.empty()) group.runs.insert(run_id);
  } catch (const std::exception& damaged) {
    // Nothing has been changed yet: this command alone cannot be decided.
    return Rejection{RejectionCode::kDamaged,
                     std::string("What is stored of it cannot be read: ") + damaged.what(),
                     {}};
  }
  auto result = decide(state_, command);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& decision = std::get<Decision>(result);
  std::vector<std::string> payloads;
  for (const NewFact& fact : decision.facts) {
    payloads.push_back(encode_payload(fact.body));
    if (payloads.back().size() > eventlog::kPayloadBytesMax) {
      return Rejection{RejectionCode::kTooLarge,
                       "Expected an event of at most " +
                           std::to_string(eventlog::kPayloadBytesMax) + " bytes, but it has " +
                           std::to_string(payloads.back().size()),
                       {}};
    }
  }
  if (!decision.facts.empty()) set_offset(decision.reply, next_offset_);
  for (std::size_t i = 0; i < decision.facts.size(); ++i) {
    add_fact(command, std::move(decision.facts[i]), std::move(payloads[i]), group);
  }
  std::move(decision.actions.begin(), decision.actions.end(), std::back_inserter(group.actions));
  return std::move(decision.reply);
}

void Sequencer::add_fact(const Command& command, NewFact fact, std::string payload, Group& group) {
  Event event;
  event.offset = next_offset_++;
  event.idx = state_.next_idx(fact.stream);
  event.time_us = command.time_us;
  event.version = version_of(fact.body);
  event.stream = fact.stream;
  event.tenant = fact.tenant;
  event.owner = fact.owner;
  event.actor = command.actor;
  event.command_id = command.command_id;
  event.body = std::move(fact.body);
  apply(state_, event);
  projection_.note(event);

  if (group.items.empty() || group.items.back().stream != event.stream) {
    group.items.push_back({event.stream, event.idx, {}});
    group.streams.push_back(event.stream);
  }
  group.items.back().events.push_back({event.time_us, event.tenant, event.owner,
                                       std::string(type_of(event.body)), event.version, event.actor,
                                       event.command_id, std::move(payload)});
}

bool Sequencer::commit(Group& group) {
  group.runs.insert(projection_.changed_runs().begin(), projection_.changed_runs().end());
  const auto rows = projection_.take_rows(state_);
  const auto results = storage_.commit(group.items, rows);
  for (const eventlog::AppendResult& result : results) {
    if (result.status == eventlog::AppendStatus::kAppended) continue;
    fail(group, result.status == eventlog::AppendStatus::kUnknown
                    ? result.detail
                    : "another writer has appended to this log");
    return false;
  }
  return true;
}

void Sequencer::forget_ended(const std::set<std::string>& run_ids) {
  for (const std::string& run_id : run_ids) {
    const RunState* run = state_.find_run(run_id);
    if (run != nullptr && run->ended()) unload_run(state_, run_id);
  }
}

void Sequencer::fail(Group& group, const std::string& reason) {
  const Outcome unknown = Rejection{
      RejectionCode::kOutcomeUnknown,
      "The log failed while this was being written; whether it was done is known after a restart",
      {}};
  for (auto& [answer, outcome] : group.answers) answer(unknown);
  refuse_waiting();
  hooks_.on_fatal(reason);
}

void Sequencer::refuse_waiting() {
  std::deque<Waiting> refused;
  {
    std::scoped_lock lock(mutex_);
    failed_ = true;
    stopping_ = true;
    refused.swap(queue_);
  }
  for (Waiting& item : refused) {
    item.answer(Rejection{RejectionCode::kQueueFull, "The engine has stopped", {}});
  }
}

}  // namespace runledger::core
