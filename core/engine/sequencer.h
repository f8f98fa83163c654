// The one thread that owns the state and writes the log. Commands wait in a bounded queue; whatever
// waits when the thread comes round is decided together and made durable with one fsync. Callers
// are answered, and actions are done, after that fsync and never before.
//
// submit() may be called from any thread. Answers and hooks are called on the sequencer's thread
// and must only hand over. After a failed write the waiting callers get kOutcomeUnknown, on_fatal
// is called once, and every later command is refused: the process has to end.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "core/engine/transition.h"
#include "core/views/projection.h"
#include "eventlog/storage.h"

namespace runledger::core {

using Answer = std::function<void(const Outcome&)>;

struct Submission {
  Command command;
  Answer answer;
};

struct SequencerSettings {
  std::size_t queue_commands_max = 8192;
  std::size_t queue_bytes_max = 256 * 1024 * 1024;
  std::size_t group_commands_max = 512;
  std::size_t group_bytes_max = 32 * 1024 * 1024;  // of one commit; a single command may be larger
  std::size_t runs_in_memory_max = 20'000;         // more are read from their rows when needed
};

struct SequencerHooks {
  // Before the callers are answered: what they may rely on next, e.g. that a token is good.
  std::function<void(std::span<const Action>)> on_admissions;
  // After the callers of a commit were answered.
  std::function<void()> on_answered = [] {
  };
  std::function<void(std::span<const Action>)> on_actions;
  std::function<void(std::span<const std::string>)> on_news;  // the streams of a commit
  // When PassTime is wanted; 0: never.
  std::function<void(std::int64_t due_us)> on_due = [](std::int64_t) {
  };
  // As TransitionHooks::input_fault; called on the sequencer's thread.
  std::function<std::optional<std::string>(const std::string&, const JsonText&)> input_fault =
      [](const std::string&, const JsonText&) {
        return std::nullopt;
      };
  std::function<void(const std::string& reason)> on_fatal;
};

class Sequencer {
 public:
  // The storage must outlive it; the state is what recover() gave for that storage.
  Sequencer(eventlog::Storage& storage, State state, SequencerSettings settings,
            SequencerHooks hooks);
  ~Sequencer();  // stops
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  void start();
  // Decides what is queued, then ends the thread. What comes later is refused.
  void stop();

  // False: the queue is full or the engine has stopped, the answer will not be called; try again
  // later.
  bool submit(Command command, Answer answer);
  // The same in order, and at once, so that they can be one group. Those that are taken are no more
  // in it afterwards.
  void submit_all(std::deque<Submission>& submissions);

 private:
  struct Waiting {
    Command command;
    Answer answer;
    std::size_t bytes = 0;
  };
  // What one commit is made of.
  struct Group {
    std::vector<eventlog::StreamAppend> items;
    std::vector<std::string> streams;
    std::vector<std::pair<Answer, Outcome>> answers;
  };

  void run();
  bool enqueue(Command& command, Answer& answer);  // under the lock
  std::vector<Waiting> drain();
  void process(std::vector<Waiting> waiting);
  Outcome take_one(const Command& command, Transition& transition);
  void add_event(const Event& event, std::string payload, Group& group);
  bool commit(Group& group);  // false: the outcome is not known
  void fail(Group& group, const std::string& reason);
  void refuse_waiting();
  void evict(const std::set<std::string>& touched);
  void tell_due();

  eventlog::Storage& storage_;
  const SequencerSettings settings_;
  const SequencerHooks hooks_;

  // The sequencer thread's own.
  State state_;
  Projection projection_;
  std::uint64_t next_offset_ = 0;
  std::int64_t told_due_us_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::deque<Waiting> queue_;
  std::size_t queue_bytes_ = 0;
  bool stopping_ = false;
  bool failed_ = false;

  std::thread thread_;
};

}  // namespace runledger::core
