#include "core/worker/host_task_link.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/worker/host_exit.h"
#include "core/worker/host_messages.h"
#include "core/worker/outside_messages.h"

namespace runledger::core::worker {
namespace {

// The content as a file that nobody can change any more, or what is in the way of it.
std::variant<FileDescriptor, std::string> sealed_file(std::span<const std::byte> content) {
  FileDescriptor file(::memfd_create("artifact", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return std::string("no file for the content: ") + std::strerror(errno);
  while (!content.empty()) {
    const auto put = ::write(file.get(), content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return std::string("the content cannot be written: ") + std::strerror(errno);
    content = content.subspan(static_cast<std::size_t>(put));
  }
  if (::fcntl(file.get(), F_ADD_SEALS, kArtifactSeals) != 0) {
    return std::string("the content cannot be sealed: ") + std::strerror(errno);
  }
  return file;
}

}  // namespace

void HostTaskLink::send(std::uint32_t kind, std::uint64_t number, const std::string& payload,
                        int file) {
  if (!worker_.send(kind, number, payload, file)) ::_exit(kHostExitCutOff);
}

Delivery HostTaskLink::report(protocol::ReportBody body) {
  if (gone_) return Delivery::kGone;
  send(number_of(HostFrame::kReport), 0, encode_body(std::move(body)));
  return Delivery::kTaken;
}

void HostTaskLink::finish(protocol::ReportBody outcome) {
  send(number_of(HostFrame::kOutcome), 0, encode_body(std::move(outcome)));
}

HostTaskLink::Answer HostTaskLink::answer_to(HostFrame kind, const std::string& payload, int file) {
  std::unique_lock lock(mutex_);
  if (gone_) return {};
  const auto number = next_question_++;
  questions_[number] = std::nullopt;
  lock.unlock();
  send(number_of(kind), number, payload, file);
  lock.lock();
  answered_.wait(lock, [&] { return gone_ || questions_.at(number).has_value(); });
  auto question = questions_.extract(number);
  return std::move(question.mapped()).value_or(Answer{});
}

std::optional<protocol::Acknowledgement> HostTaskLink::ask(protocol::ReportBody body) {
  return decode_acknowledgement(answer_to(HostFrame::kAsk, encode_body(std::move(body))).payload);
}

StoredArtifact HostTaskLink::store(protocol::ResourceReport resource,
                                   std::span<const std::byte> content) {
  auto file = sealed_file(content);
  if (auto* problem = std::get_if<std::string>(&file)) {
    return {UploadOutcome::kUnavailable, std::move(*problem), {}, {}};
  }
  resource.size = content.size();
  resource.sha256.assign(64, '0');  // the worker takes its own
  return decode_stored(answer_to(HostFrame::kStore, encode_body(std::move(resource)),
                                 std::get<FileDescriptor>(file).get())
                           .payload);
}

OutsideAnswer HostTaskLink::call(OutsideRequest request) {
  return decode_call_answer(answer_to(HostFrame::kCall, encode_call(request)).payload);
}

FetchedArtifact HostTaskLink::fetch(OutsideRequest request, protocol::ResourceReport resource) {
  const FetchOrder order{std::move(request), std::move(resource.name),
                         std::move(resource.media_type)};
  return decode_fetched(answer_to(HostFrame::kFetch, encode_fetch(order)).payload);
}

ResourceContent HostTaskLink::open(const std::string& resource_id) {
  auto answer = answer_to(HostFrame::kOpen, resource_id);
  return decode_opened(answer.payload, std::move(answer.file));
}

void HostTaskLink::gone() {
  const std::scoped_lock lock(mutex_);
  stop_ = true;
  gone_ = true;
  answered_.notify_all();
}

void HostTaskLink::answer(std::uint64_t number, std::string payload, FileDescriptor file) {
  const std::scoped_lock lock(mutex_);
  const auto question = questions_.find(number);
  if (question == questions_.end()) return;
  question->second = Answer{std::move(payload), std::move(file)};
  answered_.notify_all();
}

void HostTaskLink::begin() {
  const std::scoped_lock lock(mutex_);
  stop_ = false;
  gone_ = false;
}

}  // namespace runledger::core::worker
