// Reads for one caller. A Reader is made for a principal and shows what exists for it, so that a
// check cannot be forgotten: what is not the caller's is absent. Cheap to make; any thread, one at
// a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/access/principal.h"
#include "core/domain/run_state.h"
#include "core/views/run_filter.h"
#include "core/views/run_parts.h"
#include "eventlog/storage.h"

namespace runledger::core {

inline constexpr std::size_t kEventsPageMax = 5000;               // events in one answer
inline constexpr std::size_t kEventsPageBytes = 4 * 1024 * 1024;  // after which a page is full
inline constexpr std::size_t kListSeeksMax = 20'000;  // by one request for a list; a row is 4
inline constexpr std::size_t kListBytesMax = 4 * 1024 * 1024;  // of one list
inline constexpr std::size_t kFeedEventsScannedMax = 20000;    // by one request for the feed

struct RunsPage {
  std::vector<std::string> items;          // JSON, newest first
  std::optional<std::string> next_cursor;  // a run id; absent at the end
};

struct EventsPage {
  std::string events;  // JSON array
  std::size_t count = 0;
  std::uint64_t next = 0;  // where to go on
  bool has_more = false;   // there was more than fitted
};

class Reader {
 public:
  // Both must outlive the reader.
  Reader(const eventlog::Storage& storage, const Principal& principal)
      : storage_(storage), principal_(principal) {}

  // Without its plan, the inputs of its tasks and the steps that executors have finished.
  std::optional<RunState> run(const std::string& run_id) const;
  // The same without any text: for who asks for the status, the waits, the resources. Costs no more
  // for a run that has much.
  std::optional<RunState> outline(const std::string& run_id) const;
  std::shared_ptr<const RunPlan> plan(const RunState& run) const;
  // Newest first. A page may have fewer items than asked for, or none, and still a next cursor,
  // when what is asked for is rare. What changes meanwhile changes no place in the order.
  RunsPage runs(const RunFilter& filter) const;
  // The run must be visible: ask run() first.
  EventsPage run_events(const RunState& run, std::uint64_t from_idx, std::size_t limit) const;
  // The global feed: the caller's events in order of offset. types empty: all.
  EventsPage feed(std::uint64_t from_offset, std::size_t limit,
                  const std::vector<std::string>& types) const;

  // Whether the caller has made a run with this idempotency key.
  bool knows_key(const std::string& idempotency_key) const;

  struct FoundResource {
    RunState run;  // its outline
    ResourceState resource;
  };
  std::optional<FoundResource> resource(const std::string& resource_id) const;
  std::optional<RunState> run_of_task(const std::string& task_id) const;

  // Workflows are their tenant's. The latest version of each that is not archived, by name.
  std::vector<std::string> workflows() const;
  std::optional<std::string> workflow(const std::string& name, std::uint32_t version) const;
  std::optional<WorkflowSpec> workflow_spec(const std::string& name, std::uint32_t version) const;
  struct LatestWorkflow {
    std::uint32_t version = 0;
    bool archived = false;
  };
  std::optional<LatestWorkflow> latest_workflow(const std::string& name) const;
  std::vector<std::string> schedules() const;  // the caller's, as JSON

 private:
  std::optional<RunState> read(const std::string& run_id, RunDetail detail) const;
  std::optional<RunState> run_in_row(const std::string& row_key, RunDetail detail) const;

  const eventlog::Storage& storage_;
  const Principal& principal_;
};

}  // namespace runledger::core
