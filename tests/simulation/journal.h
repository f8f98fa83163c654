// A model of its own of what executors have recorded, and the script that they follow: the k-th
// durable call of a task is the same whoever makes it. Sees the events in their order, throws
// Violation when a call was recorded twice, left out, or given to a worker otherwise than recorded.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/domain/decide.h"
#include "core/domain/events.h"

namespace runledger::simulation {

struct DurableCall {
  core::MemoKind kind = core::MemoKind::kStep;
  std::string name;
  bool operator==(const DurableCall&) const = default;
};
DurableCall durable_call(const std::string& task_id, std::size_t ordinal);

class Journal {
 public:
  void see(const core::Event& event);
  // What a worker gets is what was recorded.
  void check(const core::LeasesGranted::Grant& grant);

 private:
  struct Recorded {
    std::vector<core::Memo> memos;
    std::string sleep;    // that it waits for
    core::JsonText body;  // that a person is asked about
    std::string poll;
    std::optional<core::RemoteIntended> intended;  // nobody has said what became of it
    bool doubted = false;                          // and somebody has to
    bool may_begin_anew = false;
  };
  void record(const std::string& task_id, core::Memo memo);
  void intend(const core::RemoteIntended& intended);
  void answer(const std::string& task_id, const std::string& key);
  void submit(const core::Event& event, const std::string& task_id, const std::string& provider,
              const std::string& key, const std::string& execute_id,
              const std::string& resource_id);
  void begin_anew(const std::string& run_id);

  std::map<std::string, Recorded> tasks_;
  std::map<std::string, std::set<std::string>> of_run_;
  std::set<std::string> submitted_;  // keys of jobs that providers are known to have
};

}  // namespace runledger::simulation
