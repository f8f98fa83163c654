#include "core/views/why_view.h"

#include <algorithm>

#include "core/base/json_writer.h"
#include "core/base/time_text.h"
#include "core/domain/state_index.h"
#include "core/domain/waits.h"

namespace runledger::core {
namespace {

class Why {
 public:
  explicit Why(const FindRun& find) : find_(find) {}

  // What one run waits for, and the sum of it for the run above.
  struct Part {
    std::string json;
    std::vector<std::string> movers;
    std::int64_t until_us = 0;
    std::string detail;  // of its first reason
  };

  Part part_of(const RunState& run, std::uint32_t depth) {
    Part part;
    JsonArray waits;
    if (!run.ended()) {
      for (WaitReason& reason : waits_of(run)) {
        waits.add(render(reason, depth));
        add_movers(part.movers, reason.movers);
        part.until_us = earlier_due(part.until_us, reason.until_us);
        if (part.detail.empty()) part.detail = std::move(reason.detail);
      }
    }
    part.json = JsonWriter()
                    .text("run_id", run.run_id)
                    .text("status", to_text(run.status))
                    .number("version", run.version)
                    .json("waits", waits.take())
                    .take();
    return part;
  }

 private:
  static void add_movers(std::vector<std::string>& movers, const std::vector<std::string>& more) {
    for (const std::string& mover : more) {
      if (std::find(movers.begin(), movers.end(), mover) == movers.end()) movers.push_back(mover);
    }
  }

  // Who can move a run below can move this one.
  std::optional<Part> part_below(WaitReason& reason, std::uint32_t depth) {
    if (depth >= kWorkflowDepthMax || looked_at_ >= kWhyRunsMax) return std::nullopt;
    ++looked_at_;
    const auto below = find_(reason.child_run_id);
    if (!below) return std::nullopt;
    Part part = part_of(*below, depth + 1);
    if (below->ended()) return part;
    reason.movers = part.movers;
    reason.until_us = earlier_due(reason.until_us, part.until_us);
    reason.detail = "Run " + below->run_id + ": " + part.detail;
    return part;
  }

  std::string render(WaitReason& reason, std::uint32_t depth) {
    std::optional<Part> below;
    if (!reason.child_run_id.empty()) below = part_below(reason, depth);
    JsonArray movers;
    for (const std::string& mover : reason.movers) movers.add(json_quoted(mover));
    JsonWriter out;
    out.text("reason", to_text(reason.kind))
        .text("task_id", reason.task_id)
        .text("step", reason.step)
        .json("since", time_or_null(reason.since_us))
        .json("until", time_or_null(reason.until_us))
        .json("movers", movers.take())
        .text("detail", reason.detail);
    if (!reason.child_run_id.empty()) {
      out.text("child_run_id", reason.child_run_id).json("below", below ? below->json : "null");
    }
    return out.take();
  }

  static std::string time_or_null(std::int64_t time_us) {
    return time_us == 0 ? "null" : json_quoted(rfc3339(time_us));
  }

  const FindRun& find_;
  std::size_t looked_at_ = 0;
};

}  // namespace

std::string render_why(const RunState& run, const FindRun& find) {
  return Why(find).part_of(run, 0).json;
}

}  // namespace runledger::core
