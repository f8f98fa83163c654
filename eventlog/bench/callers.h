// Callers of a committing thread, as the server has them: each waits for the answer to its command
// and then sends the next. A few threads play many callers. Their commands wait in a bounded queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "eventlog/bench/measure.h"
#include "eventlog/bench/workload.h"

namespace runledger::eventlog::bench {

struct Caller {
  std::size_t thread = 0;
  Workload workload;
  Clock::time_point asked;
};

struct WaitingCommand {
  Caller* caller = nullptr;
  Group command;
};

// Many threads push, one drains.
class CommandQueue {
 public:
  explicit CommandQueue(std::size_t commands_max) : commands_max_(commands_max) {}

  // Throws std::length_error if the queue is full.
  void push(WaitingCommand waiting);
  // Waits until there is something; at most that many.
  std::vector<WaitingCommand> drain(std::size_t commands_max);

 private:
  std::size_t commands_max_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<WaitingCommand> queue_;
};

// The threads that play the callers, from the first question to the last answer. Made, answered and
// destroyed by the committing thread.
class CallerThreads {
 public:
  CallerThreads(std::vector<Caller>& callers, CommandQueue& queue);
  ~CallerThreads();
  CallerThreads(const CallerThreads&) = delete;
  CallerThreads& operator=(const CallerThreads&) = delete;

  // The caller asks again, or, if that was all, is done.
  void answer(Caller& caller, bool ask_again);
  // What the callers have waited for answers. After the last answer.
  std::vector<double> join();

 private:
  struct Answer {
    Caller* caller = nullptr;
    bool ask_again = false;
  };
  struct Mailbox {
    std::mutex mutex;
    std::condition_variable news;
    std::vector<Answer> answers;
    bool closed = false;
    std::vector<double> waited_us;
  };

  void play(std::size_t thread);
  void ask(Caller& caller);

  std::vector<Caller>& callers_;
  CommandQueue& queue_;
  std::deque<Mailbox> mailboxes_;  // one for each thread; they never move
  std::vector<std::thread> threads_;
};

// As many as play callers.
std::size_t caller_threads(std::size_t callers);

}  // namespace runledger::eventlog::bench
