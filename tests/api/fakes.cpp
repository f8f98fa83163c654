#include "tests/api/fakes.h"

#include <openssl/evp.h>

#include <chrono>

namespace runledger::api {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

std::optional<core::Principal> FakeAuthenticator::authenticate(std::string_view token) const {
  using core::Role;
  core::Principal principal{"tenant", std::string(token), {}, "token_1"};
  if (token == "nobody") return principal;
  if (token == "viewer") principal.roles.add(Role::kViewer);
  if (token == "submitter") principal.roles.add(Role::kSubmitter);
  if (token == "reviewer") principal.roles.add(Role::kReviewer);
  if (token == "worker") principal.roles.add(Role::kWorker);
  if (token == "operator") principal.roles.add(Role::kOperator);
  if (token == "admin") principal.roles.add(Role::kAdmin);
  if (principal.roles.empty()) return std::nullopt;
  return principal;
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[32];
  EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha256(), nullptr);
  std::string text;
  for (unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

class FakeStaged : public core::StagedArtifact {
 public:
  explicit FakeStaged(FakeArtifactStore& store) : store_(store) {
    std::scoped_lock lock(store_.mutex_);
    ++store_.staged_;
  }
  ~FakeStaged() override {
    std::scoped_lock lock(store_.mutex_);
    --store_.staged_;
    store_.changed_.notify_all();
  }
  void write(std::string_view bytes) override {
    if (store_.fails) throw core::ArtifactError("no space left");
    bytes_ += bytes;
  }
  core::StoredArtifact commit() override {
    std::scoped_lock lock(store_.mutex_);
    store_.stored_.insert(sha256());
    return {sha256(), bytes_.size()};
  }
  std::string sha256() override { return sha256_hex(bytes_); }

 private:
  FakeArtifactStore& store_;
  std::string bytes_;
};

std::unique_ptr<core::StagedArtifact> FakeArtifactStore::stage() {
  return std::make_unique<FakeStaged>(*this);
}

std::optional<core::StoredArtifact> FakeArtifactStore::find(std::string_view sha256) const {
  std::scoped_lock lock(mutex_);
  if (!stored_.contains(std::string(sha256))) return std::nullopt;
  return core::StoredArtifact{std::string(sha256), 0};
}

std::filesystem::path FakeArtifactStore::path_of(std::string_view) const {
  return {};
}

void FakeArtifactStore::wait_until_unstaged() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return staged_ == 0; });
}

void FakeSession::on_message(std::string_view frame) {
  if (frame.starts_with("close:")) {
    connection_->send("bye");
    connection_->close(std::string(frame.substr(6)));
  } else if (frame == "flood") {
    for (int i = 0; i < 100; ++i) connection_->send(std::string(64 * 1024, 'x'));
  } else if (frame == "drip") {
    connection_->send(std::string(64 * 1024, 'x'));
  } else if (frame == "throw") {
    throw std::runtime_error("asked for");
  } else {
    connection_->send("echo " + std::string(frame));
  }
}

void FakeSession::on_closed() {
  // Both must do nothing by now.
  connection_->send("too late");
  connection_->close("too late");
  std::scoped_lock lock(gateway_.mutex_);
  ++gateway_.closed_;
  gateway_.changed_.notify_all();
}

std::shared_ptr<core::WorkerSession> FakeGateway::connect(
    const core::Principal&, std::shared_ptr<core::WorkerConnection> connection) {
  std::scoped_lock lock(mutex_);
  if (is_full) return nullptr;
  last_ = connection;
  return std::make_shared<FakeSession>(*this, std::move(connection));
}

bool FakeGateway::wait_for_closed(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return closed_ >= count; });
}

int FakeGateway::closed() {
  std::scoped_lock lock(mutex_);
  return closed_;
}

std::shared_ptr<core::WorkerConnection> FakeGateway::last_connection() {
  std::scoped_lock lock(mutex_);
  return last_;
}

}  // namespace runledger::api
