#include "eventlog/append_plan.h"

#include <stdexcept>

#include "eventlog/record_codec.h"

namespace runledger::eventlog {
namespace {

void check_items(std::span<const StreamAppend> items) {
  for (const auto& item : items) {
    if (item.events.empty()) {
      throw std::invalid_argument("Expected at least one event for stream " + item.stream);
    }
    for (const auto& event : item.events) check_limits(item.stream, event);
  }
}

void turn_into_conflict(AppendPlan& plan, Offset head) {
  for (auto& result : plan.results) {
    if (result.status != AppendStatus::kAppended) continue;
    result.status = AppendStatus::kNotWritten;
    result.first_offset = 0;
  }
  plan.stream_heads.clear();
  plan.head = head;
}

}  // namespace

AppendPlan plan_append(std::span<const StreamAppend> items, Offset head,
                       const std::function<StreamIndex(std::string_view)>& stream_head) {
  check_items(items);
  AppendPlan plan;
  plan.head = head;
  std::map<std::string_view, StreamIndex> before;
  for (const auto& item : items) {
    auto at = plan.stream_heads.find(item.stream);
    if (at == plan.stream_heads.end()) {
      const StreamIndex current = stream_head(item.stream);
      before.emplace(item.stream, current);
      at = plan.stream_heads.emplace(item.stream, current).first;
    }
    AppendResult result;
    if (item.expected_idx == at->second) {
      result.status = AppendStatus::kAppended;
      result.first_offset = plan.head;
      plan.head += item.events.size();
      at->second += item.events.size();
    } else {
      plan.conflict = true;
      result.status = AppendStatus::kConflict;
      result.current_idx = before.at(item.stream);
    }
    plan.results.push_back(std::move(result));
  }
  if (plan.conflict) turn_into_conflict(plan, head);
  return plan;
}

void require_rows_at_head(Offset rows_offset, Offset head) {
  if (rows_offset == head) return;
  throw std::logic_error("Expected the rows to stand for the log's head " + std::to_string(head) +
                         " before a commit, but they stand for " + std::to_string(rows_offset) +
                         ": fold the tail with commit_rows first");
}

void require_rows_within_log(Offset rows_stand_for, Offset head) {
  if (rows_stand_for <= head) return;
  throw std::logic_error("Expected rows for an offset up to the log's head " +
                         std::to_string(head) + ", but they stand for " +
                         std::to_string(rows_stand_for));
}

std::vector<AppendResult> unknown_results(std::size_t items, const std::string& reason) {
  AppendResult unknown;
  unknown.status = AppendStatus::kUnknown;
  unknown.detail = reason;
  return std::vector<AppendResult>(items, unknown);
}

}  // namespace runledger::eventlog
