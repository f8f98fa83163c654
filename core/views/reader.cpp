#include "core/views/reader.h"

#include <algorithm>

#include "core/domain/decide.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"
#include "core/views/run_view.h"

namespace runledger::core {
namespace {

bool matches(const RunFilter& filter, const RunState& run) {
  const auto& statuses = filter.statuses;
  if (!statuses.empty() &&
      std::find(statuses.begin(), statuses.end(), run.status) == statuses.end()) {
    return false;
  }
  if (!filter.task_type.empty() &&
      std::none_of(run.tasks.begin(), run.tasks.end(),
                   [&](const TaskState& task) { return task.type == filter.task_type; })) {
    return false;
  }
  return std::all_of(filter.labels.begin(), filter.labels.end(), [&](const auto& wanted) {
    const auto found = run.labels.find(wanted.first);
    return found != run.labels.end() && found->second == wanted.second;
  });
}

// The index of what the caller may list.
std::string list_prefix(const Principal& who) {
  if (who.is_admin()) return std::string(row_keys::kRun);
  if (who.roles.has(Role::kOperator)) return row_keys::by_tenant(who.tenant);
  return row_keys::by_owner(who.tenant, who.user);
}

}  // namespace

std::optional<RunState> Reader::run(const std::string& run_id) const {
  const auto row = storage_.rows().get(row_keys::key(row_keys::kRun, run_id));
  return row ? visible(*row) : std::nullopt;
}

std::optional<RunState> Reader::visible(const std::string& row) const {
  RunState run = decode_run_row(row);
  if (!sees(principal_, run.tenant, run.owner)) return std::nullopt;
  return run;
}

RunsPage Reader::runs(const RunFilter& filter) const {
  RunsPage page;
  std::size_t scanned = 0;
  std::size_t bytes = 0;
  std::string last_seen;
  const std::string prefix = list_prefix(principal_);
  const std::string before = filter.after_run_id.empty() ? "" : prefix + filter.after_run_id;
  bool more = false;
  storage_.rows().scan_back(prefix, before, [&](std::string_view key, std::string_view) {
    if (page.items.size() == filter.limit || scanned == kListRunsScannedMax ||
        bytes > kListBytesMax) {
      more = true;
      return false;
    }
    ++scanned;
    last_seen = key.substr(prefix.size());
    const auto row = storage_.rows().get(row_keys::key(row_keys::kRun, last_seen));
    bytes += row ? row->size() : 0;
    const auto found = row ? visible(*row) : std::nullopt;
    if (found && matches(filter, *found)) page.items.push_back(render_run_summary(*found));
    return true;
  });
  if (more) page.next_cursor = last_seen;
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

std::optional<Reader::FoundResource> Reader::resource(const std::string& resource_id) const {
  const auto run_id = storage_.rows().get(row_keys::key(row_keys::kResource, resource_id));
  if (!run_id) return std::nullopt;
  auto owner = run(*run_id);
  if (!owner) return std::nullopt;
  for (const ResourceState& resource : owner->resources) {
    if (resource.resource_id == resource_id) return FoundResource{*owner, resource};
  }
  return std::nullopt;
}

}  // namespace runledger::core
