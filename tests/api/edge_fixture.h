// The edge and the Pistache application together on a free port, with handlers made for testing and
// fakes for what lies below.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/edge/edge.h"
#include "tests/api/fakes.h"
#include "tests/api/http_client.h"

namespace runledger::api {

class EdgeTest : public testing::Test {
 protected:
  EdgeTest();
  ~EdgeTest() override;

  // Settings are to be changed before start().
  void start();
  void stop() { edge_->stop(); }
  std::uint16_t port() const { return edge_->port(); }
  HttpClient client() const { return HttpClient(port()); }

  // What the handler of /later was given, waited for.
  std::shared_ptr<LaterAnswer> next_later();
  // How often /hold has been asked; waits until it is at least `count`.
  void wait_for_hold_calls(int count);
  void set_news(std::string text);  // from now on /hold answers with it
  void open_gate();                 // lets handlers of /gated go on
  std::filesystem::path write_file(std::string_view bytes);

  static std::string code_of(const HttpResponse& response);

  EdgeSettings settings_;
  ApplicationSettings application_settings_;
  FakeAuthenticator authenticator_;
  FakeGateway gateway_;
  FakeArtifactStore artifacts_;
  core::News news_;
  std::filesystem::path directory_;

 private:
  std::vector<Route> routes();
  Reply hold(const Request& request);
  Reply later(const Request& request);
  Reply gated(const Request& request);
  Reply file(const Request& request);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<LaterAnswer>> laters_;
  int hold_calls_ = 0;
  std::string news_text_;
  bool is_gate_open_ = false;

  std::unique_ptr<RouteTable> table_;
  std::unique_ptr<PistacheApplication> application_;
  std::unique_ptr<Edge> edge_;
};

}  // namespace runledger::api
