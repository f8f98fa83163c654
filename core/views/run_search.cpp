#include "core/views/run_search.h"

#include <algorithm>

#include "core/base/id_source.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"
#include "eventlog/event_log.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;
// A range is thin where so many of its runs reach far back.
constexpr int kProbedRuns = 8;
constexpr std::size_t kFirstBatchRuns = 16;  // little is lost if they do not fit
constexpr std::size_t kBatchRunsMax = 128;
constexpr std::size_t kSeeksPerRow = 4;  // what reading and looking into a row costs about

// Sorts before every run that was made at or after that time.
std::string first_id_at(std::int64_t time_us) {
  return id_of("run", std::max<std::int64_t>(time_us, 0) / kUsPerMs, {});
}

}  // namespace

RunSearch::RunSearch(const eventlog::RowStore& rows, const Principal& who, const RunFilter& filter)
    : rows_(rows), who_(who), filter_(filter) {
  sought_ = "run_~";  // behind every id
  if (filter.created_before_us) sought_ = first_id_at(*filter.created_before_us);
  if (!filter.after_run_id.empty()) sought_ = std::min(sought_, filter.after_run_id);
  if (filter.created_after_us) lowest_ = first_id_at(*filter.created_after_us);
  // The indexes are of one tenant each: what an admin's filter says is found in the rows alone.
  if (who.is_admin()) {
    add({std::string(row_keys::kRun)});
    return;
  }
  const bool whole_tenant = who.roles.has(Role::kOperator) || who.roles.has(Role::kReviewer);
  if (!whole_tenant) add({row_keys::by_owner(who.tenant, who.user)});
  add_filter(who.tenant);
  // The other ranges are the tenant's, too.
  if (all_of_.empty()) add({row_keys::by_tenant(who.tenant)});
  put_fewest_first();
}

void RunSearch::add(std::vector<std::string> prefixes) {
  AnyOf any;
  for (const std::string& prefix : prefixes) any.push_back(rows_.seeker(prefix));
  all_of_.push_back(std::move(any));
}

void RunSearch::add_filter(const std::string& tenant) {
  if (!filter_.statuses.empty()) {
    std::vector<std::string> prefixes;
    for (const RunStatus status : filter_.statuses) {
      prefixes.push_back(row_keys::of_tenant(row_keys::kByStatus, tenant, to_text(status)));
    }
    add(std::move(prefixes));
  }
  if (!filter_.task_type.empty()) {
    add({row_keys::of_tenant(row_keys::kByKind, tenant, "task/" + filter_.task_type)});
  }
  if (!filter_.workflow.empty()) {
    add({row_keys::of_tenant(row_keys::kByKind, tenant, "workflow/" + filter_.workflow)});
  }
  for (const auto& [name, value] : filter_.labels) {
    add({row_keys::of_tenant(row_keys::kByLabel, tenant, row_keys::label_hash(name, value))});
  }
}

void RunSearch::put_fewest_first() {
  if (all_of_.size() == 1) return;
  std::size_t fewest = 0;
  std::string furthest = reached(all_of_[0]);
  for (std::size_t i = 1; i < all_of_.size(); ++i) {
    std::string key = reached(all_of_[i]);
    if (key >= furthest) continue;
    furthest = std::move(key);
    fewest = i;
  }
  std::swap(all_of_[0], all_of_[fewest]);
}

// How far back a few runs of the range go; to before all if it has fewer.
std::string RunSearch::reached(AnyOf& any) {
  std::string key = sought_;
  for (int i = 0; i < kProbedRuns; ++i) {
    auto found = newest(any, key, true);
    if (!found) return {};
    key = std::move(*found);
  }
  return key;
}

std::optional<std::string> RunSearch::newest(AnyOf& any, const std::string& key, bool before) {
  std::optional<std::string> newest;
  for (const auto& seeker : any) {
    ++cost_;
    const auto found = before ? seeker->before(key) : seeker->at_or_before(key);
    if (found && (!newest || *found > *newest)) newest = std::string(*found);
  }
  return newest;
}

// Each range in turn goes back to where the others are, until all are at the same run. nullopt: at
// the end, or spent.
std::optional<std::string> RunSearch::next_candidate() {
  std::string key = sought_;
  bool before = true;
  for (std::size_t agreed = 0, i = 0; !spent(); i = (i + 1) % sought_in_) {
    auto found = newest(all_of_[i], key, before);
    if (!found || *found < lowest_) {
      at_end_ = true;
      return std::nullopt;
    }
    const bool agrees = !before && *found == key;
    agreed = agrees ? agreed + 1 : 1;
    if (!agrees) sought_ = key;  // it is not in all of them, nor is anything above it
    key = std::move(*found);
    before = false;
    if (agreed == sought_in_) return sought_ = key;
  }
  return std::nullopt;
}

// As many candidates as the runs that are still wanted seem to take.
std::size_t RunSearch::batch_runs() const {
  if (candidates_ == 0) return std::min(kFirstBatchRuns, filter_.limit);
  const std::size_t wanted = std::max<std::size_t>(filter_.limit - fitting_, 1);
  return std::min(wanted * candidates_ / std::max<std::size_t>(fitting_, 1) + 1, kBatchRunsMax);
}

void RunSearch::read_batch() {
  const std::size_t runs = batch_runs();
  std::vector<std::string> ids;
  while (ids.size() < runs) {
    auto run_id = next_candidate();
    if (!run_id) break;
    cost_ += kSeeksPerRow;
    ids.push_back(std::move(*run_id));
  }
  std::vector<std::string> keys;
  for (const std::string& run_id : ids) keys.push_back(row_keys::key(row_keys::kRun, run_id));
  const auto rows = rows_.get_many(keys);
  for (std::size_t i = 0; i < ids.size(); ++i) take(std::move(ids[i]), rows[i]);
  // Reading rows in vain costs more than to seek.
  if (sought_in_ == all_of_.size() || 2 * fitting_ >= candidates_) return;
  sought_in_ = all_of_.size();
  candidates_ = fitting_;
}

void RunSearch::take(std::string run_id, const std::optional<std::string>& row) {
  if (!row) throw eventlog::LogError("the row of run " + run_id + " is missing");
  ++candidates_;
  if (!fits(who_, filter_, *row)) return;
  ++fitting_;
  found_.push_back({std::move(run_id), std::string(summary_in(*row))});
}

std::optional<ListedRun> RunSearch::next() {
  while (found_.empty() && !at_end_ && !spent()) read_batch();
  if (found_.empty()) {
    if (!at_end_) stopped_at_ = sought_;
    return std::nullopt;
  }
  ListedRun run = std::move(found_.front());
  found_.pop_front();
  return run;
}

}  // namespace runledger::core
