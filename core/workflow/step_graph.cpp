#include "core/workflow/step_graph.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace runledger::core {

StepGraph::StepGraph(const std::vector<StepDraft>& drafts, SpecErrors& errors)
    : drafts_(drafts), needs_(drafts.size()), upstream_(drafts.size()) {
  index_ids(errors);
  for (std::size_t step = 0; step < drafts_.size(); ++step) read_needs(step, errors);
  put_in_order();
  if (order_.empty()) note_cycles(errors);
}

std::optional<std::size_t> StepGraph::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

void StepGraph::index_ids(SpecErrors& errors) {
  for (std::size_t step = 0; step < drafts_.size(); ++step) {
    const std::string& id = drafts_[step].step.id;
    if (id.empty() || by_id_.try_emplace(id, step).second) continue;
    errors.add(pointer_to(drafts_[step].pointer, "id"), "Expected each id once, but step " +
                                                            std::to_string(by_id_.at(id)) +
                                                            " is called '" + id + "' too");
  }
}

void StepGraph::read_needs(std::size_t step, SpecErrors& errors) {
  const JsonNode* given = drafts_[step].needs;
  if (given == nullptr) {
    if (step != 0) needs_[step].push_back(step - 1);
    return;
  }
  const std::string pointer = pointer_to(drafts_[step].pointer, "needs");
  if (!given->is_array()) {
    needs_are_known_ = false;
    return errors.add(pointer, expected("an array of ids of steps", *given));
  }
  for (std::size_t i = 0; i < given->values().size(); ++i) {
    const JsonNode& need = given->values()[i];
    const auto found = need.is_string() ? find(need.text) : std::nullopt;
    if (!found) {
      needs_are_known_ = false;
      errors.add(pointer_to(pointer, i), expected("the id of a step of this spec", need));
    } else if (std::find(needs_[step].begin(), needs_[step].end(), *found) != needs_[step].end()) {
      errors.add(pointer_to(pointer, i),
                 "Expected each step once, but '" + need.text + "' is there twice");
    } else {
      needs_[step].push_back(*found);
    }
  }
}

// Kahn's algorithm. Of the steps that could be next, the first in the text is.
void StepGraph::put_in_order() {
  std::vector<std::size_t> open_needs(drafts_.size());
  std::vector<std::vector<std::size_t>> dependents(drafts_.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> next;
  for (std::size_t step = 0; step < drafts_.size(); ++step) {
    open_needs[step] = needs_[step].size();
    for (const std::size_t need : needs_[step]) dependents[need].push_back(step);
    if (needs_[step].empty()) next.push(step);
  }
  while (!next.empty()) {
    const std::size_t step = next.top();
    next.pop();
    order_.push_back(step);
    for (const std::size_t need : needs_[step]) {
      upstream_[step] |= upstream_[need];
      upstream_[step].set(need);
    }
    for (const std::size_t dependent : dependents[step]) {
      if (--open_needs[dependent] == 0) next.push(dependent);
    }
  }
  if (order_.size() != drafts_.size()) order_.clear();
}

// Walks along the needs from each step that has not been seen; a walk that comes back to itself has
// found a cycle.
void StepGraph::note_cycles(SpecErrors& errors) const {
  std::vector<bool> done(drafts_.size());
  const std::function<void(std::size_t, std::vector<std::size_t>&)> follow =
      [&](std::size_t step, std::vector<std::size_t>& walk) {
        const auto again = std::find(walk.begin(), walk.end(), step);
        if (again != walk.end()) return note_cycle({again, walk.end()}, errors);
        if (done[step]) return;
        walk.push_back(step);
        for (const std::size_t need : needs_[step]) follow(need, walk);
        walk.pop_back();
        done[step] = true;
      };
  for (std::size_t step = 0; step < drafts_.size(); ++step) {
    std::vector<std::size_t> walk;
    follow(step, walk);
  }
}

void StepGraph::note_cycle(const std::vector<std::size_t>& walk, SpecErrors& errors) const {
  const auto first = std::min_element(walk.begin(), walk.end());
  const auto name = [&](std::size_t step) {
    const std::string& id = drafts_[step].step.id;
    return id.empty() ? "step " + std::to_string(step) : "'" + id + "'";
  };
  std::string circle = name(*first);
  for (std::size_t i = 1; i <= walk.size(); ++i) {
    const auto offset = static_cast<std::size_t>(first - walk.begin());
    circle += " needs " + name(walk[(offset + i) % walk.size()]);
  }
  const StepDraft& draft = drafts_[*first];
  errors.add(draft.needs == nullptr ? draft.pointer : pointer_to(draft.pointer, "needs"),
             "Expected steps that do not wait for each other, but " + circle);
}

}  // namespace runledger::core
