#include "tests/api/edge_fixture.h"

#include <fstream>

#include <unistd.h>
#include <nlohmann/json.hpp>

namespace runledger::api {
namespace {

constexpr std::chrono::seconds kPatience{20};

// Says back what arrived.
Reply echo(const Request& request) {
  nlohmann::json seen = {{"method", request.method},
                         {"path", request.path},
                         {"query", request.query},
                         {"parameters", request.path_parameters},
                         {"body", request.body},
                         {"user", request.principal.user},
                         {"request_id", request.request_id}};
  return Answer{.status = 200,
                .body = seen.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                .headers = {{"X-Nonce", std::string(request.header("x-nonce"))}}};
}

Route route(std::string method, std::string pattern, Scope scope, std::size_t body_bytes_max,
            Handler handler) {
  return {std::move(method), std::move(pattern),   scope,
          body_bytes_max,    Served::kApplication, std::move(handler)};
}

}  // namespace

EdgeTest::EdgeTest() {
  settings_.port = 0;
  std::string name = "/tmp/runledger-edge-XXXXXX";
  directory_ = ::mkdtemp(name.data());
}

EdgeTest::~EdgeTest() {
  open_gate();
  edge_.reset();
  application_.reset();
  std::filesystem::remove_all(directory_);
}

void EdgeTest::start() {
  table_ = std::make_unique<RouteTable>(routes());
  application_ = std::make_unique<PistacheApplication>(application_settings_);
  edge_ = std::make_unique<Edge>(settings_, *table_, *application_, authenticator_, gateway_,
                                 artifacts_, news_);
  edge_->start();
}

std::vector<Route> EdgeTest::routes() {
  auto bind = [this](auto member) {
    return [this, member](const Request& request) {
      return (this->*member)(request);
    };
  };
  std::vector<Route> routes = {
      route("GET", "/public", Scope::kPublic, 0, echo),
      route("GET", "/echo", Scope::kRead, 0, echo),
      route("GET", "/echo/{a}/{b}", Scope::kRead, 0, echo),
      route("POST", "/echo", Scope::kSubmit, kBodyBytesMax, echo),
      route("POST", "/small", Scope::kSubmit, 1000, echo),
      route("DELETE", "/admin", Scope::kAdmin, 0, echo),
      route("GET", "/big", Scope::kPublic, 0,
            [](const Request& request) -> Reply {
              return Answer{.body = std::string(std::stoul(request.query.at("size")), 'b')};
            }),
      route("GET", "/empty", Scope::kPublic, 0,
            [](const Request&) -> Reply { return Answer{.status = 204}; }),
      route("GET", "/throw", Scope::kPublic, 0,
            [](const Request&) -> Reply { throw std::runtime_error("secret text"); }),
      route("GET", "/throw42", Scope::kPublic, 0, [](const Request&) -> Reply { throw 42; }),
      route("GET", "/split", Scope::kPublic, 0,
            [](const Request&) -> Reply {
              return Answer{.headers = {{"X-A", "b\r\nContent-Length: 0\r\n\r\n"}}};
            }),
      route("GET", "/early", Scope::kPublic, 0,
            [](const Request& request) -> Reply {
              std::string nonce(request.header("x-nonce"));
              return Later{[nonce](std::shared_ptr<LaterAnswer> later) {
                later->give(Answer{.status = 202, .body = "{}", .headers = {{"X-Nonce", nonce}}});
                later->give(Answer{.status = 500});
              }};
            }),
      route("GET", "/later", Scope::kPublic, 0, bind(&EdgeTest::later)),
      route("GET", "/hold", Scope::kPublic, 0, bind(&EdgeTest::hold)),
      route("GET", "/gated", Scope::kPublic, 0, bind(&EdgeTest::gated)),
      route("GET", "/file", Scope::kPublic, 0, bind(&EdgeTest::file))};
  routes.push_back({"GET", "/v1/worker", Scope::kWorker, 0, Served::kWorkerSession, {}});
  routes.push_back(
      {"PUT", "/v1/worker/artifacts/{sha256}", Scope::kWorker, 0, Served::kArtifactUpload, {}});
  return routes;
}

Reply EdgeTest::hold(const Request& request) {
  std::scoped_lock lock(mutex_);
  ++hold_calls_;
  changed_.notify_all();
  if (!news_text_.empty()) return Answer{.body = news_text_};
  return Hold{"stream", std::stoi(request.query.at("wait")), Answer{.body = "empty"}};
}

Reply EdgeTest::later(const Request&) {
  return Later{[this](std::shared_ptr<LaterAnswer> later) {
    std::scoped_lock lock(mutex_);
    laters_.push_back(std::move(later));
    changed_.notify_all();
  }};
}

Reply EdgeTest::gated(const Request&) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return is_gate_open_; });
  return Answer{.body = "through"};
}

Reply EdgeTest::file(const Request& request) {
  auto name = request.query.find("path");
  std::string path = name == request.query.end() ? (directory_ / "file").string() : name->second;
  return FileReply{path, "video/mp4", "tag", "clip 1.mp4"};
}

std::shared_ptr<LaterAnswer> EdgeTest::next_later() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [&] { return !laters_.empty(); });
  auto later = std::move(laters_.at(0));
  laters_.erase(laters_.begin());
  return later;
}

void EdgeTest::wait_for_hold_calls(int count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return hold_calls_ >= count; }));
}

void EdgeTest::set_news(std::string text) {
  std::scoped_lock lock(mutex_);
  news_text_ = std::move(text);
}

void EdgeTest::open_gate() {
  std::scoped_lock lock(mutex_);
  is_gate_open_ = true;
  changed_.notify_all();
}

std::filesystem::path EdgeTest::write_file(std::string_view bytes) {
  auto path = directory_ / "file";
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string EdgeTest::code_of(const HttpResponse& response) {
  auto document = nlohmann::json::parse(response.body, nullptr, false);
  return document.is_object() ? document.value("code", "") : "";
}

}  // namespace runledger::api
