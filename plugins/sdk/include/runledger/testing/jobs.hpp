// Jobs at other people's servers, as a test sees them and speaks of them. Plain values.
#pragma once

#include <string>
#include <variant>

namespace runledger::testing {

// An executor said that a provider has its job.
struct Submission {
  std::string provider;
  std::string idempotency_key;
  std::string execute_id;
  bool found = false;     // not handed over now: the provider had it already
  bool recorded = false;  // false: the process died before
};
// A resource that a job is to become.
struct Placeholder {
  std::string resource_id;
  std::string name;
  std::string media_type;
  std::string status;      // unknown, pending, running, succeeded, failed
  std::string execute_id;  // of the job, once it is known
  bool open() const { return status != "succeeded" && status != "failed"; }
};
// A job that was not wanted any more.
struct CanceledJob {
  std::string provider;
  std::string execute_id;
  bool told = false;  // false: the executor has declined, or failed to tell the provider
};

// What an operator says of a job of which nobody knows: it is there, and how the provider names it;
// it never got there, and is handed over again; it has failed, and its task with it.
struct Submitted {
  std::string execute_id;
};
struct NotSubmitted {};
struct Failed {
  std::string message = {};
};
using Resolution = std::variant<Submitted, NotSubmitted, Failed>;

}  // namespace runledger::testing
