#include "core/engine/sequencer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/engine/recovery.h"

namespace runledger::core {
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
  tell_due();
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
  {
    std::scoped_lock lock(mutex_);
    if (!enqueue(command, answer)) return false;
  }
  work_.notify_one();
  return true;
}

void Sequencer::submit_all(std::deque<Submission>& submissions) {
  if (submissions.empty()) return;
  {
    std::scoped_lock lock(mutex_);
    while (!submissions.empty() &&
           enqueue(submissions.front().command, submissions.front().answer)) {
      submissions.pop_front();
    }
  }
  work_.notify_one();
}

bool Sequencer::enqueue(Command& command, Answer& answer) {
  const std::size_t bytes = weight_bytes(command);
  if (stopping_ || failed_ || queue_.size() >= settings_.queue_commands_max ||
      queue_bytes_ + bytes > settings_.queue_bytes_max) {
    return false;
  }
  queue_bytes_ += bytes;
  queue_.push_back({std::move(command), std::move(answer), bytes});
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
  const TransitionHooks hooks{
      [this](State& state, const std::string& run_id) {
        load_run_row(state, storage_.rows(), run_id);
      },
      [&](const Event& event, std::string payload) { add_event(event, std::move(payload), group); },
      hooks_.input_fault};
  Transition transition(state_, hooks, next_offset_);
  try {
    for (Waiting& item : waiting) {
      Outcome outcome = take_one(item.command, transition);
      group.answers.emplace_back(std::exchange(item.answer, nullptr), std::move(outcome));
    }
    next_offset_ = transition.next_offset();
    if (!group.items.empty() && !commit(group)) return;
  } catch (const std::exception& broken) {
    // A row or record that cannot be read, or an event that does not fit: nothing may run on.
    for (Waiting& item : waiting) {
      if (item.answer) group.answers.emplace_back(std::move(item.answer), Outcome{});
    }
    return fail(group, broken.what());
  }
  state_.idempotency.clear();  // they are rows now
  evict(transition.touched());
  tell_due();
  const std::vector<Action> actions = transition.take_actions();
  if (!actions.empty()) hooks_.on_admissions(actions);
  for (auto& [answer, outcome] : group.answers) answer(outcome);
  hooks_.on_answered();
  if (!actions.empty()) hooks_.on_actions(actions);
  if (!group.streams.empty()) hooks_.on_news(group.streams);
}

Outcome Sequencer::take_one(const Command& command, Transition& transition) {
  try {
    load_for(state_, storage_.rows(), command);
  } catch (const std::exception& damaged) {
    // Nothing has been changed yet: this command alone cannot be decided.
    return Rejection{RejectionCode::kDamaged,
                     std::string("What is stored of it cannot be read: ") + damaged.what(),
                     {}};
  }
  return transition.take(command);
}

void Sequencer::add_event(const Event& event, std::string payload, Group& group) {
  projection_.note(state_, event);
  if (group.items.empty() || group.items.back().stream != event.stream) {
    group.items.push_back({event.stream, event.idx, {}});
    group.streams.push_back(event.stream);
  }
  group.items.back().events.push_back({event.time_us, event.tenant, event.owner,
                                       std::string(type_of(event.body)), event.version, event.actor,
                                       event.command_id, std::move(payload)});
}

bool Sequencer::commit(Group& group) {
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

// What has ended, and, when there are too many, whatever is there: rows have all of it.
void Sequencer::evict(const std::set<std::string>& touched) {
  if (state_.runs.size() > settings_.runs_in_memory_max) return state_.runs.clear();
  for (const std::string& run_id : touched) {
    const RunState* run = state_.find_run(run_id);
    if (run != nullptr && run->ended()) evict_run(state_, run_id);
  }
}

void Sequencer::tell_due() {
  const std::int64_t due_us = next_due_us(state_);
  if (due_us == std::exchange(told_due_us_, due_us)) return;
  hooks_.on_due(due_us);
}

void Sequencer::fail(Group& group, const std::string& reason) {
  const Outcome unknown = Rejection{
      RejectionCode::kOutcomeUnknown,
      "The log failed while this was being written; whether it was done is known after a restart",
      {}};
  for (auto& [answer, outcome] : group.answers) answer(unknown);
  refuse_waiting();
  hooks_.on_answered();
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
