#include "core/views/run_search.h"

#include <algorithm>

#include "core/base/id_source.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

// Sorts before every run that was made at or after that time.
std::string first_id_at(std::int64_t time_us) {
  return id_of("run", std::max<std::int64_t>(time_us, 0) / kUsPerMs, {});
}

bool matches(const RunFilter& filter, const RunState& run) {
  const auto& statuses = filter.statuses;
  if (!statuses.empty() &&
      std::find(statuses.begin(), statuses.end(), run.status) == statuses.end()) {
    return false;
  }
  if (!filter.workflow.empty() && run.workflow != filter.workflow) return false;
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

}  // namespace

RunSearch::RunSearch(const eventlog::RowStore& rows, const Principal& who, const RunFilter& filter)
    : rows_(rows) {
  sought_ = "run_~";  // behind every id
  if (filter.created_before_us) sought_ = first_id_at(*filter.created_before_us);
  if (!filter.after_run_id.empty()) sought_ = std::min(sought_, filter.after_run_id);
  if (filter.created_after_us) lowest_ = first_id_at(*filter.created_after_us);
  if (who.is_admin()) {
    add({std::string(row_keys::kRun)});
    unindexed_ = &filter;
    return;
  }
  const bool whole_tenant = who.roles.has(Role::kOperator) || who.roles.has(Role::kReviewer);
  if (!whole_tenant) add({row_keys::by_owner(who.tenant, who.user)});
  add_filter(who.tenant, filter);
  // The other ranges are the tenant's, too.
  if (all_of_.empty()) add({row_keys::by_tenant(who.tenant)});
}

void RunSearch::add(std::vector<std::string> prefixes) {
  AnyOf any;
  for (const std::string& prefix : prefixes) any.push_back(rows_.seeker(prefix));
  all_of_.push_back(std::move(any));
}

void RunSearch::add_filter(const std::string& tenant, const RunFilter& filter) {
  if (!filter.statuses.empty()) {
    std::vector<std::string> prefixes;
    for (const RunStatus status : filter.statuses) {
      prefixes.push_back(row_keys::of_tenant(row_keys::kByStatus, tenant, to_text(status)));
    }
    add(std::move(prefixes));
  }
  if (!filter.task_type.empty()) {
    add({row_keys::of_tenant(row_keys::kByKind, tenant, "task/" + filter.task_type)});
  }
  if (!filter.workflow.empty()) {
    add({row_keys::of_tenant(row_keys::kByKind, tenant, "workflow/" + filter.workflow)});
  }
  for (const auto& [name, value] : filter.labels) {
    add({row_keys::of_tenant(row_keys::kByLabel, tenant, row_keys::label_hash(name, value))});
  }
}

std::optional<std::string> RunSearch::newest(AnyOf& any, const std::string& key, bool before) {
  std::optional<std::string> newest;
  for (const auto& seeker : any) {
    ++seeks_;
    const auto found = before ? seeker->before(key) : seeker->at_or_before(key);
    if (found && (!newest || *found > *newest)) newest = std::string(*found);
  }
  return newest;
}

bool RunSearch::is_wanted(const std::string& run_id) const {
  if (unindexed_ == nullptr) return true;
  const auto row = rows_.get(row_keys::key(row_keys::kRun, run_id));
  return row && matches(*unindexed_, decode_run_row(*row));
}

// Each range in turn goes back to where the others are, until all are at the same run.
std::optional<std::string> RunSearch::next() {
  std::string key = sought_;
  bool before = true;
  for (std::size_t agreed = 0, i = 0;; i = (i + 1) % all_of_.size()) {
    if (seeks_ >= kListSeeksMax) {
      stopped_at_ = sought_;
      return std::nullopt;
    }
    const auto found = newest(all_of_[i], key, before);
    if (!found || *found < lowest_) return std::nullopt;
    agreed = *found == key && !before ? agreed + 1 : 1;
    key = *found;
    before = false;
    if (agreed < all_of_.size()) continue;
    sought_ = key;
    if (is_wanted(key)) return key;
    before = true;
  }
}

}  // namespace runledger::core
