#include "api/rest/transport/pistache_handler.h"

#include <charconv>
#include <exception>

#include <pistache/peer.h>
#include <spdlog/spdlog.h>

#include "api/http/field.h"
#include "api/http/problem.h"

namespace runledger::api {
namespace {

namespace http = Pistache::Http;

constexpr std::size_t kAnswerHeadBytesMax = 64 * 1024;

// A field that goes out as it stands. Pistache's own field classes reject values that it does not
// know, and its raw fields are never written.
class PlainField : public http::Header::Header {
 public:
  PlainField(std::string name, std::string value)
      : name_(std::move(name)), value_(std::move(value)) {}
  const char* name() const override { return name_.c_str(); }
  std::uint64_t hash() const override { return 0; }
  void write(std::ostream& out) const override { out << value_; }

 private:
  std::string name_;
  std::string value_;
};

bool is_sendable(const Answer& answer) {
  for (const auto& [name, value] : answer.headers) {
    if (!is_token(name) || !is_field_value(value)) return false;
  }
  return is_field_value(answer.content_type);
}

Answer internal_error(const Request& request) {
  return to_answer({.status = 500,
                    .code = "internal_error",
                    .detail = "The server failed to handle the request; its log has the reason "
                              "under the request id",
                    .retryable = true},
                   request.request_id);
}

// The HTTP boundary: nothing that a handler throws goes further up, into Pistache.
Reply handle(const Exchange& exchange) {
  const Request& request = exchange.request;
  try {
    return exchange.route->handler(request);
  } catch (const std::exception& error) {
    spdlog::error("{} {} [{}] threw: {}", request.method, exchange.route->pattern,
                  request.request_id, error.what());
  } catch (...) {
    spdlog::error("{} {} [{}] threw something that is no std::exception", request.method,
                  exchange.route->pattern, request.request_id);
  }
  return internal_error(request);
}

}  // namespace

PistacheHandler::PistacheHandler(ExchangeTable& exchanges, PairEnds& pairs,
                                 const ApplicationSettings& settings)
    : exchanges_(&exchanges), pairs_(&pairs), answer_bytes_max_(settings.answer_bytes_max) {
  setMaxRequestSize(settings.request_bytes_max);
  // Pistache drops an answer beyond its own limit without a word, so ours must be reached first.
  setMaxResponseSize(settings.answer_bytes_max + kAnswerHeadBytesMax);
}

void PistacheHandler::onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) {
  pairs_->forget_application_end(peer->fd());
}

std::shared_ptr<Exchange> PistacheHandler::exchange_of(const std::string& text) const {
  std::uint64_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return nullptr;
  return exchanges_->take(id);
}

void PistacheHandler::onRequest(const http::Request& request, http::ResponseWriter writer) {
  auto field = request.headers().tryGetRaw(kExchangeField);
  const std::string id = field ? field->value() : "";
  writer.headers().add(std::make_shared<PlainField>(kExchangeField, id));
  std::shared_ptr<Exchange> exchange = exchange_of(id);
  if (!exchange) {
    // Its caller has given up; the answer only frees the pair.
    send(Answer{.status = 204}, writer);
    return;
  }
  exchange->request.body = request.body();
  Reply reply = handle(*exchange);
  if (const Answer* answer = std::get_if<Answer>(&reply)) {
    if (answer->body.size() <= answer_bytes_max_ && is_sendable(*answer)) {
      return send(*answer, writer);
    }
    spdlog::error(
        "{} {} [{}] gave an answer that cannot be sent: {} bytes of {} allowed, or a "
        "malformed field",
        exchange->request.method, exchange->route->pattern, exchange->request.request_id,
        answer->body.size(), answer_bytes_max_);
    return send(internal_error(exchange->request), writer);
  }
  exchange->reply = std::move(reply);
  send(Answer{.status = 204}, writer);
}

void PistacheHandler::send(const Answer& answer, http::ResponseWriter& writer) {
  auto add = [&](const std::string& name, const std::string& value) {
    writer.headers().add(std::make_shared<PlainField>(name, value));
  };
  if (answer.status != 204) add("Content-Type", answer.content_type);
  for (const auto& [name, value] : answer.headers) add(name, value);
  writer.send(static_cast<http::Code>(answer.status), answer.body);
  transport()->flush();
}

}  // namespace runledger::api
