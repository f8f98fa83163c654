#include "core/views/reader.h"

#include <algorithm>

#include "core/domain/decide.h"
#include "core/views/row_keys.h"
#include "core/views/run_parts.h"
#include "core/views/run_row.h"
#include "core/views/run_search.h"
#include "core/views/run_view.h"

namespace runledger::core {
std::optional<RunState> Reader::run(const std::string& run_id) const {
  return read(run_id, RunDetail::kShown);
}

std::optional<RunState> Reader::outline(const std::string& run_id) const {
  return read(run_id, RunDetail::kOutline);
}

std::optional<RunState> Reader::read(const std::string& run_id, RunDetail detail) const {
  const auto row = storage_.rows().get(row_keys::key(row_keys::kRun, run_id));
  if (!row || !fits(principal_, {}, *row)) return std::nullopt;
  return read_run(storage_.rows(), *row, detail);
}

bool Reader::knows_key(const std::string& idempotency_key) const {
  const auto id = idempotency_id(principal_.tenant, principal_.user, idempotency_key);
  return storage_.rows().get(row_keys::key(row_keys::kIdempotency, id)).has_value();
}

std::shared_ptr<const RunPlan> Reader::plan(const RunState& run) const {
  const auto row = storage_.rows().get(row_keys::key(row_keys::kPlan, run.run_id));
  if (!row) throw eventlog::LogError("the plan of run " + run.run_id + " is missing");
  return std::make_shared<const RunPlan>(decode_plan_row(*row));
}

RunsPage Reader::runs(const RunFilter& filter) const {
  RunsPage page;
  RunSearch search(storage_.rows(), principal_, filter);
  std::size_t bytes = 0;
  while (auto run = search.next()) {
    bytes += run->summary.size();
    page.items.push_back(std::move(run->summary));
    if (page.items.size() == filter.limit || bytes > kListBytesMax) {
      page.next_cursor = std::move(run->run_id);
      return page;
    }
  }
  page.next_cursor = search.stopped_at();
  return page;
}

EventsPage Reader::run_events(const RunState& run, std::uint64_t from_idx,
                              std::size_t limit) const {
  EventsPage page;
  page.events = "[";
  page.next = from_idx;
  storage_.log().read_stream(run.run_id, from_idx, [&](const eventlog::RecordView& record) {
    if (page.count == limit || page.events.size() >= kEventsPageBytes) {
      page.has_more = true;
      return false;
    }
    if (page.count++ > 0) page.events += ',';
    append_run_event(page.events, record);
    page.next = record.idx + 1;
    return true;
  });
  page.events += ']';
  return page;
}

EventsPage Reader::feed(std::uint64_t from_offset, std::size_t limit,
                        const std::vector<std::string>& types) const {
  EventsPage page;
  page.events = "[";
  page.next = from_offset;
  std::size_t scanned = 0;
  storage_.log().read(from_offset, [&](const eventlog::RecordView& record) {
    if (page.count == limit || page.events.size() >= kEventsPageBytes ||
        scanned == kFeedEventsScannedMax) {
      page.has_more = true;
      return false;
    }
    ++scanned;
    page.next = record.offset + 1;
    const bool wanted =
        types.empty() || std::find(types.begin(), types.end(), record.type) != types.end();
    if (!wanted || !sees(principal_, record.tenant, record.owner)) return true;
    if (page.count++ > 0) page.events += ',';
    append_feed_event(page.events, record);
    return true;
  });
  page.events += ']';
  return page;
}

std::optional<RunState> Reader::run_in_row(const std::string& row_key, RunDetail detail) const {
  const auto run_id = storage_.rows().get(row_key);
  return run_id ? read(*run_id, detail) : std::nullopt;
}

std::optional<Reader::FoundResource> Reader::resource(const std::string& resource_id) const {
  auto owner = run_in_row(row_keys::key(row_keys::kResource, resource_id), RunDetail::kOutline);
  if (!owner) return std::nullopt;
  for (const ResourceState& resource : owner->resources) {
    if (resource.resource_id == resource_id) return FoundResource{*owner, resource};
  }
  return std::nullopt;
}

std::optional<RunState> Reader::run_of_task(const std::string& task_id) const {
  return run_in_row(row_keys::key(row_keys::kTask, task_id), RunDetail::kShown);
}

}  // namespace runledger::core
