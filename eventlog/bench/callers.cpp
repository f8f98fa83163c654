#include "eventlog/bench/callers.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace runledger::eventlog::bench {
namespace {

constexpr std::size_t kCallerThreadsMax = 2;

}  // namespace

std::size_t caller_threads(std::size_t callers) {
  return std::min(callers, kCallerThreadsMax);
}

void CommandQueue::push(WaitingCommand waiting) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= commands_max_) throw std::length_error("The bench's queue is full");
    queue_.push_back(std::move(waiting));
  }
  work_.notify_one();
}

std::vector<WaitingCommand> CommandQueue::drain(std::size_t commands_max) {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [this] { return !queue_.empty(); });
  const auto count = static_cast<std::ptrdiff_t>(std::min(commands_max, queue_.size()));
  std::vector<WaitingCommand> drained(std::make_move_iterator(queue_.begin()),
                                      std::make_move_iterator(queue_.begin() + count));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return drained;
}

CallerThreads::CallerThreads(std::vector<Caller>& callers, CommandQueue& queue)
    : callers_(callers), queue_(queue), mailboxes_(caller_threads(callers.size())) {
  for (std::size_t i = 0; i < mailboxes_.size(); ++i) {
    threads_.emplace_back([this, i] { play(i); });
  }
}

CallerThreads::~CallerThreads() {
  join();
}

void CallerThreads::answer(Caller& caller, bool ask_again) {
  Mailbox& mailbox = mailboxes_[caller.thread];
  {
    const std::scoped_lock lock(mailbox.mutex);
    mailbox.answers.push_back({&caller, ask_again});
    if (mailbox.answers.size() > 1) return;  // it has been told
  }
  mailbox.news.notify_one();
}

std::vector<double> CallerThreads::join() {
  for (Mailbox& mailbox : mailboxes_) {
    const std::scoped_lock lock(mailbox.mutex);
    mailbox.closed = true;
    mailbox.news.notify_one();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  std::vector<double> all;
  for (Mailbox& mailbox : mailboxes_) {
    all.insert(all.end(), mailbox.waited_us.begin(), mailbox.waited_us.end());
    mailbox.waited_us.clear();
  }
  return all;
}

void CallerThreads::ask(Caller& caller) {
  WaitingCommand waiting;
  waiting.caller = &caller;
  caller.workload.add_to(waiting.command);
  caller.asked = Clock::now();
  queue_.push(std::move(waiting));
}

void CallerThreads::play(std::size_t thread) {
  for (Caller& caller : callers_) {
    if (caller.thread == thread) ask(caller);
  }
  Mailbox& mailbox = mailboxes_[thread];
  for (;;) {
    std::vector<Answer> answers;
    {
      std::unique_lock lock(mailbox.mutex);
      mailbox.news.wait(lock, [&] { return mailbox.closed || !mailbox.answers.empty(); });
      if (mailbox.answers.empty()) return;
      answers.swap(mailbox.answers);
    }
    for (const Answer& answer : answers) {
      mailbox.waited_us.push_back(us_since(answer.caller->asked));
      if (answer.ask_again) ask(*answer.caller);
    }
  }
}

}  // namespace runledger::eventlog::bench
