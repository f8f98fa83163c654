#include "tests/plugins/fakes.h"

#include <utility>

namespace runledger::core::worker::testing {

protocol::LeasedTask leased(const std::string& lease_id, const std::string& task_type,
                            const std::string& input) {
  return {"run_1", "task_" + lease_id, lease_id, 1, task_type, input, R"({"user": "ada"})"};
}

Delivery FakeLink::take(std::vector<protocol::ReportBody> bodies) {
  if (fenced_) return Delivery::kGone;
  batches_.push_back(std::move(bodies));
  changed_.notify_all();
  return Delivery::kTaken;
}

Delivery FakeLink::offer(const protocol::LeasedTask&, std::vector<protocol::ReportBody> bodies) {
  const std::scoped_lock lock(mutex_);
  return offers_ == Delivery::kTaken ? take(std::move(bodies)) : offers_;
}

Delivery FakeLink::send(const protocol::LeasedTask&, std::vector<protocol::ReportBody> bodies) {
  const std::scoped_lock lock(mutex_);
  return take(std::move(bodies));
}

std::optional<protocol::Acknowledgement> FakeLink::send_and_wait(const protocol::LeasedTask&,
                                                                 protocol::ReportBody body) {
  const std::scoped_lock lock(mutex_);
  if (artifacts_fenced_ || take({std::move(body)}) == Delivery::kGone) return std::nullopt;
  return protocol::Acknowledgement{1, "res_1"};
}

void FakeLink::slot_is_free(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  free_slots_.push_back(lease_id);
  changed_.notify_all();
}

void FakeLink::has_parked(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  parked_.push_back(lease_id);
}

void FakeLink::has_left(const std::string& lease_id) {
  slot_is_free(lease_id);
}

void FakeLink::want(std::uint32_t room) {
  const std::scoped_lock lock(mutex_);
  wanted_ = room;
}

void FakeLink::give_back(std::vector<std::string> lease_ids) {
  const std::scoped_lock lock(mutex_);
  given_back_.insert(given_back_.end(), lease_ids.begin(), lease_ids.end());
  changed_.notify_all();
}

std::vector<std::string> FakeLink::given_back() const {
  const std::scoped_lock lock(mutex_);
  return given_back_;
}

void FakeLink::wait_for_given_back(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return given_back_.size() >= count; });
}

std::uint32_t FakeLink::wanted() const {
  const std::scoped_lock lock(mutex_);
  return wanted_;
}

std::vector<std::string> FakeLink::parked() const {
  const std::scoped_lock lock(mutex_);
  return parked_;
}

void FakeLink::answer_offers_with(Delivery delivery) {
  const std::scoped_lock lock(mutex_);
  offers_ = delivery;
}

void FakeLink::fence() {
  const std::scoped_lock lock(mutex_);
  fenced_ = true;
}

void FakeLink::fence_artifacts() {
  const std::scoped_lock lock(mutex_);
  artifacts_fenced_ = true;
}

void FakeLink::wait_for_free_slots(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return free_slots_.size() >= count; });
}

void FakeLink::wait_for_reports(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    std::size_t sum = 0;
    for (const auto& batch : batches_) sum += batch.size();
    return sum >= count;
  });
}

std::vector<std::vector<protocol::ReportBody>> FakeLink::batches() const {
  const std::scoped_lock lock(mutex_);
  return batches_;
}

std::vector<protocol::ReportBody> FakeLink::reports() const {
  std::vector<protocol::ReportBody> all;
  for (const auto& batch : batches()) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

std::vector<std::string> FakeLink::free_slots() const {
  const std::scoped_lock lock(mutex_);
  return free_slots_;
}

UploadResult FakeUploader::put(std::string_view, std::string_view,
                               std::span<const std::byte> content, const std::stop_token&) {
  const std::scoped_lock lock(mutex_);
  if (answer.outcome == UploadOutcome::kStored)
    stored_.emplace_back(content.begin(), content.end());
  return answer;
}

std::vector<std::vector<std::byte>> FakeUploader::stored() const {
  const std::scoped_lock lock(mutex_);
  return stored_;
}

OutsideAnswer FakeOutside::call(OutsideRequest request) {
  requests.push_back(std::move(request));
  return answer;
}

FetchedArtifact FakeOutside::fetch(OutsideRequest request, protocol::ResourceReport resource) {
  requests.push_back(std::move(request));
  resources.push_back(std::move(resource));
  return fetched;
}

ResourceContent FakeOutside::open(const std::string& resource_id) {
  ResourceContent none;
  none.problem = ResourceProblem{"resource_unknown", "There is no resource " + resource_id, false};
  return none;
}

}  // namespace runledger::core::worker::testing
