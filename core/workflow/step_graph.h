// The graph of a spec's steps: who needs whom, in which order, who is upstream of whom. One thread.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/workflow/step_draft.h"

namespace runledger::core {

class StepGraph {
 public:
  // Notes bad and duplicate ids, needs that lead nowhere, and cycles. The drafts outlive it.
  StepGraph(const std::vector<StepDraft>& drafts, SpecErrors& errors);

  // Needs before those that need them, otherwise as in the text. Empty if there is a cycle.
  const std::vector<std::size_t>& order() const { return order_; }
  // Positions in the text.
  const std::vector<std::size_t>& needs(std::size_t step) const { return needs_[step]; }
  std::optional<std::size_t> find(std::string_view id) const;
  // Whether all needs lead somewhere and there is an order.
  bool is_sound() const { return needs_are_known_ && order_.size() == drafts_.size(); }
  // Whether the step needs that one, itself or through others. Only if it is sound.
  bool is_upstream(std::size_t step, std::size_t other) const {
    return upstream_[step].test(other);
  }

 private:
  void index_ids(SpecErrors& errors);
  void read_needs(std::size_t step, SpecErrors& errors);
  void put_in_order();
  void note_cycles(SpecErrors& errors) const;
  void note_cycle(const std::vector<std::size_t>& walk, SpecErrors& errors) const;

  const std::vector<StepDraft>& drafts_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::vector<std::vector<std::size_t>> needs_;
  bool needs_are_known_ = true;
  std::vector<std::size_t> order_;
  std::vector<std::bitset<kStepsMax>> upstream_;
};

}  // namespace runledger::core
