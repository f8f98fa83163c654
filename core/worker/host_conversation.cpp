#include "core/worker/host_conversation.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <stop_token>

#include "core/base/clock.h"
#include "core/dispatch/report_command.h"
#include "core/worker/host_exit.h"
#include "core/worker/host_messages.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"
#include "core/worker/mapped_file.h"
#include "core/worker/outside_messages.h"

namespace runledger::core::worker {
namespace {

StoredArtifact refused(std::string reason) {
  return {UploadOutcome::kRefused, std::move(reason), {}, {}};
}

runledger_text text_of(const std::string& text) {
  return {text.data(), text.size()};
}

// As the answer says, without parameters.
std::string media_type_of(const egress::HttpAnswer& answer) {
  std::string_view said = answer.header("content-type").value_or("");
  said = said.substr(0, said.find_first_of("; \t"));
  return said.empty() ? "application/octet-stream" : std::string(said);
}

// What a plugin says without waiting for an answer.
bool is_remark(const protocol::ReportBody& body) {
  return std::holds_alternative<protocol::ProgressReport>(body) ||
         std::holds_alternative<protocol::EmitReport>(body) ||
         std::holds_alternative<protocol::LogReport>(body);
}

// What it waits for until the log has it.
bool is_durable(const protocol::ReportBody& body) {
  return std::holds_alternative<protocol::StepReport>(body) ||
         std::holds_alternative<protocol::RemoteIntentReport>(body) ||
         std::holds_alternative<protocol::RemoteSubmittedReport>(body) ||
         std::holds_alternative<protocol::RemoteFailedReport>(body);
}

// It stands in logs and is matched by callers: one word.
void mend_code(std::string& code) {
  std::replace_if(
      code.begin(), code.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7f; }, '_');
}

class Conversation {
 public:
  Conversation(HostProcess& host, TaskLink& link, const Outside& outside, const TaskStop& stop)
      : host_(host), link_(link), outside_(outside), stop_(stop) {}

  std::optional<protocol::ReportBody> run(const protocol::LeasedTask& task) {
    task_id_ = task.task_id;
    if (!send(HostFrame::kTask, 0, encode_task(task))) return std::nullopt;
    while (auto frame = host_.receive(std::nullopt)) {
      if (!hear(*frame)) {
        host_.kill(KilledFor::kBadFrames);
        return std::nullopt;
      }
      if (outcome_) return std::move(outcome_);
    }
    return std::nullopt;
  }

 private:
  bool send(HostFrame kind, std::uint64_t number, const std::string& payload) {
    if (!host_.socket().send(number_of(kind), number, payload)) return false;
    // A stop that came while this was on its way has not gone out by itself.
    return !stop_.stop.stop_requested() || host_.socket().send(number_of(HostFrame::kStop), 0, {});
  }

  bool hear(const Frame& frame) {
    const auto kind = static_cast<HostFrame>(frame.kind);
    if (kind == HostFrame::kCall) return call(frame);
    if (kind == HostFrame::kFetch) return fetch(frame);
    if (kind == HostFrame::kOpen) return open(frame);
    auto body = decode_body(frame.payload);
    if (!body) return false;
    if (kind == HostFrame::kOutcome) {
      if (!is_final(*body)) return false;
      if (auto* failed = std::get_if<protocol::FailedReport>(&*body)) mend_code(failed->code);
      outcome_ = std::move(*body);
      return true;
    }
    switch (kind) {
      case HostFrame::kReport:
        if (!is_remark(*body)) return false;
        if (link_.report(std::move(*body)) == Delivery::kGone && !told_gone_) {
          told_gone_ = true;
          send(HostFrame::kGone, 0, {});
        }
        return true;
      case HostFrame::kAsk:
        if (!is_durable(*body)) return false;
        send(HostFrame::kAnswer, frame.number, encode_answer(link_.ask(std::move(*body))));
        return true;
      case HostFrame::kStore: {
        auto* resource = std::get_if<protocol::ResourceReport>(&*body);
        const FileDescriptor file = host_.socket().take_file();
        if (resource == nullptr || !file) return false;
        send(HostFrame::kAnswer, frame.number,
             encode_answer(store(std::move(*resource), MappedFile(file, kArtifactSeals))));
        return true;
      }
      default:
        return false;
    }
  }

  // The process says nothing more until it has the answer, unless it has threads: they wait too.
  bool call(const Frame& frame) {
    auto request = decode_call(frame.payload);
    if (!request || request->http.body.size() > kCallBodyBytesMax) return false;
    const auto answer = outside_.providers.call(std::move(*request), calls_.get_token());
    send(HostFrame::kAnswer, frame.number, encode_call_answer(answer));
    return true;
  }

  bool fetch(const Frame& frame) {
    auto order = decode_fetch(frame.payload);
    if (!order) return false;
    send(HostFrame::kAnswer, frame.number, encode_fetched(download(std::move(*order))));
    return true;
  }

  bool open(const Frame& frame) {
    ResourceContent content;
    if (outside_.resources == nullptr) {
      content.problem = {"resource_unavailable", "This worker reads no resources", false};
    } else {
      content = outside_.resources->get(task_id_, frame.payload, calls_.get_token());
    }
    const auto kind = content.file ? HostFrame::kOpened : HostFrame::kAnswer;
    host_.socket().send(number_of(kind), frame.number, encode_opened(content), content.file.get());
    return true;
  }

  FetchedArtifact download(FetchOrder order) {
    const FileDescriptor file = nameless_file();
    if (!file) {
      const std::string why =
          std::string("there is no file for the download: ") + std::strerror(errno);
      return {{egress::HttpProblem{"write_failed", why, true, false}, 0}, {}};
    }
    FetchedArtifact fetched;
    order.request.http.answer_bytes_max =
        std::min<std::uint64_t>(order.request.http.answer_bytes_max, kArtifactBytesMax);
    fetched.answer =
        outside_.providers.download(std::move(order.request), file.get(), calls_.get_token());
    const auto* answer = std::get_if<egress::HttpAnswer>(&fetched.answer.outcome);
    if (answer == nullptr || answer->status != 200) return fetched;
    if (order.media_type.empty()) order.media_type = media_type_of(*answer);
    fetched.stored =
        store({std::move(order.name), std::move(order.media_type), {}, 0}, MappedFile(file));
    return fetched;
  }

  StoredArtifact store(protocol::ResourceReport resource, const MappedFile& content) {
    if (check_name("the name", text_of(resource.name)) != RUNLEDGER_OK ||
        check_name("the media type", text_of(resource.media_type)) != RUNLEDGER_OK) {
      return refused(last_refusal());
    }
    if (!content.good()) {
      return refused("the content is not in a file of its own of at most " +
                     std::to_string(kArtifactBytesMax) + " bytes");
    }
    return link_.store(std::move(resource), content.bytes());
  }

  HostProcess& host_;
  TaskLink& link_;
  const Outside outside_;
  const TaskStop& stop_;
  // Calls end when the task is to stop, and when its process is ended.
  std::stop_source calls_;
  const std::stop_callback<std::function<void()>> on_stop_{stop_.stop, [this] {
                                                             calls_.request_stop();
                                                           }};
  const std::stop_callback<std::function<void()>> on_kill_{stop_.kill, [this] {
                                                             calls_.request_stop();
                                                           }};
  std::string task_id_;
  bool told_gone_ = false;
  std::optional<protocol::ReportBody> outcome_;
};

}  // namespace

HostReady wait_until_ready(HostProcess& host) {
  const auto until = HostProcess::Clock::now() + kHostStartTimeout;
  const auto frame = host.receive(until);
  if (!frame) {
    if (!host.ended() && HostProcess::Clock::now() >= until) host.kill(KilledFor::kNotStarting);
    return {};
  }
  if (frame->kind == number_of(HostFrame::kRefusal)) {
    return {false, clipped(protocol::mended_utf8(frame->payload), kTextBytesMax)};
  }
  if (frame->kind != number_of(HostFrame::kReady)) {
    host.kill(KilledFor::kBadFrames);
    return {};
  }
  host.note_ready();
  return {true, {}};
}

bool settle(HostProcess& host) {
  std::uint64_t number = 0;
  SystemRandom().fill({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
  if (!host.socket().send(number_of(HostFrame::kSettle), number, {})) return false;
  const auto frame = host.receive(HostProcess::Clock::now() + kHostSettleTimeout);
  return frame && frame->kind == number_of(HostFrame::kSettled) && frame->number == number &&
         host.socket().is_drained();
}

std::optional<protocol::ReportBody> converse(HostProcess& host, const protocol::LeasedTask& task,
                                             TaskLink& link, const Outside& outside,
                                             const TaskStop& stop) {
  return Conversation(host, link, outside, stop).run(task);
}

}  // namespace runledger::core::worker
