#include "examples/provider/distortion.h"

#include <zlib.h>

#include <cassert>
#include <nlohmann/json.hpp>

#include "examples/provider/json_object.h"

namespace runledger::provider {
namespace {

constexpr std::string_view kPrivateUrl = "http://169.254.169.254/latest/meta-data/";

// Readable for clients of either API.
std::string error_body(std::int64_t code, const std::string& message) {
  const nlohmann::json error = {{"message", message}, {"type", "injected"}, {"code", code}};
  return text_of(nlohmann::json{{"code", code}, {"msg", message}, {"error", error}});
}

Answer with_status(const Fault& fault) {
  Answer answer{static_cast<int>(fault.status), error_body(fault.status, "Injected by a fault")};
  if (fault.status == 429 || fault.status == 503) {
    answer.headers.emplace_back("Retry-After", std::to_string(fault.retry_after_s));
  }
  return answer;
}

Answer redirect(std::string location) {
  Answer answer{302, ""};
  answer.headers.emplace_back("Location", std::move(location));
  return answer;
}

std::string make_gzip_bomb() {
  z_stream stream{};
  const int gzip_window = 15 + 16;
  [[maybe_unused]] const int begun =
      deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY);
  assert(begun == Z_OK);
  std::string zeros(kGzipBombBytes, '\0');
  std::string packed(deflateBound(&stream, zeros.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  [[maybe_unused]] const int ended = deflate(&stream, Z_FINISH);
  assert(ended == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

void deliver(Way way, Answer& answer) {
  answer.delivery.way = way;
}

}  // namespace

std::optional<Answer> refusal(const Fault& fault, const Request& request) {
  switch (fault.kind) {
    case FaultKind::kStatus:
      if (fault.carried_out) return std::nullopt;
      return with_status(fault);
    case FaultKind::kEchoCredential: {
      const std::string message = "Bad credential: " + request.authorization;
      Answer answer{400, error_body(400, message)};
      answer.headers.emplace_back("X-Received-Authorization", request.authorization);
      return answer;
    }
    case FaultKind::kRedirectLoop:
      return redirect(request.path);
    case FaultKind::kRedirectPrivate:
      return redirect(std::string(kPrivateUrl));
    default:
      return std::nullopt;
  }
}

void distort(const Fault& fault, Answer& answer) {
  const std::chrono::milliseconds ms(fault.ms);
  switch (fault.kind) {
    case FaultKind::kDelay:
      answer.delivery.delay = ms;
      return;
    case FaultKind::kStatus:
      answer = with_status(fault);
      return;
    case FaultKind::kSilence:
      return deliver(Way::kSilence, answer);
    case FaultKind::kDrop:
      return deliver(Way::kDrop, answer);
    case FaultKind::kTrickle:
      answer.delivery.byte_every = ms;
      return deliver(Way::kTrickle, answer);
    case FaultKind::kCut:
      return deliver(Way::kCut, answer);
    case FaultKind::kEndless:
      return deliver(Way::kEndless, answer);
    case FaultKind::kWrongLength:
      answer.delivery.length_surplus = fault.bytes;
      return;
    case FaultKind::kWrongType:
      answer.media_type = "text/html";
      return;
    case FaultKind::kBadJson:
      answer.body = R"({"code":0,"data":[{"execute_id")";
      return;
    case FaultKind::kGzipBomb: {
      static const std::string bomb = make_gzip_bomb();
      answer.body = bomb;
      answer.headers.emplace_back("Content-Encoding", "gzip");
      return;
    }
    default:
      return;  // the endpoints see to the others
  }
}

}  // namespace runledger::provider
