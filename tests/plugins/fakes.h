// Stand-ins for what a running task talks to: the server, and the place that artifacts go to.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "core/worker/artifact_upload.h"
#include "core/worker/outside_link.h"
#include "core/worker/server_link.h"

namespace runledger::core::worker::testing {

protocol::LeasedTask leased(const std::string& lease_id, const std::string& task_type,
                            const std::string& input = "{}");

// Takes everything and remembers it, a batch for each call. Any thread.
class FakeLink final : public ServerLink {
 public:
  Delivery offer(const protocol::LeasedTask& task,
                 std::vector<protocol::ReportBody> bodies) override;
  Delivery send(const protocol::LeasedTask& task,
                std::vector<protocol::ReportBody> bodies) override;
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                         protocol::ReportBody body) override;
  void slot_is_free(const std::string& lease_id) override;
  void has_parked(const std::string& lease_id) override;
  void has_left(const std::string& lease_id) override;
  void want(std::uint32_t room) override;
  void give_back(std::vector<std::string> lease_ids) override;
  std::uint64_t connection() const override { return 1; }
  bool wait_for_later(std::uint64_t, const protocol::LeasedTask&) override { return false; }

  void answer_offers_with(Delivery delivery);
  void fence();  // from now on everything is kGone
  void fence_artifacts();

  // Waits until the tasks of so many leases have ended, those that had parked included.
  void wait_for_free_slots(std::size_t count);
  // Waits until so many reports have come.
  void wait_for_reports(std::size_t count);
  std::vector<std::vector<protocol::ReportBody>> batches() const;
  std::vector<protocol::ReportBody> reports() const;
  std::vector<std::string> free_slots() const;
  std::vector<std::string> parked() const;  // each once, whatever became of it
  std::vector<std::string> given_back() const;
  void wait_for_given_back(std::size_t count);
  std::uint32_t wanted() const;  // 0: nothing was said

  template <typename Body>
  std::vector<Body> reports_of() const {
    std::vector<Body> found;
    for (const auto& report : reports()) {
      if (const auto* body = std::get_if<Body>(&report)) found.push_back(*body);
    }
    return found;
  }

 private:
  Delivery take(std::vector<protocol::ReportBody> bodies);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<protocol::ReportBody>> batches_;
  std::vector<std::string> free_slots_;
  std::vector<std::string> parked_;
  std::vector<std::string> given_back_;
  std::uint32_t wanted_ = 0;
  Delivery offers_ = Delivery::kTaken;
  bool fenced_ = false;
  bool artifacts_fenced_ = false;
};

// Keeps what is put; answers with `answer`.
class FakeUploader final : public ArtifactUploader {
 public:
  UploadResult put(std::string_view sha256, std::string_view media_type,
                   std::span<const std::byte> content, const std::stop_token& stop) override;

  UploadResult answer{UploadOutcome::kStored, ""};
  std::vector<std::vector<std::byte>> stored() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::vector<std::byte>> stored_;
};

// Other people's servers: remembers what it is asked, answers with `answer` and `fetched`.
class FakeOutside final : public OutsideLink {
 public:
  OutsideAnswer call(OutsideRequest request) override;
  FetchedArtifact fetch(OutsideRequest request, protocol::ResourceReport resource) override;

  ResourceContent open(const std::string& resource_id) override;

  OutsideAnswer answer;
  FetchedArtifact fetched;
  std::vector<OutsideRequest> requests;
  std::vector<protocol::ResourceReport> resources;
};

}  // namespace runledger::core::worker::testing
