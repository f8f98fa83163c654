#include "core/egress/http_call.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "tests/egress/scripted_server.h"

namespace runledger::core::egress {
namespace {

using std::chrono::milliseconds;
using testing::Connection;
using testing::ok;
using testing::says;
using testing::ScriptedServer;

const ScriptedServer::Script kSilence = [](const std::string&, const Connection& client) {
  client.wait_for_end();
};

HttpCaller caller_for(const ScriptedServer& server) {
  return HttpCaller({{"127.0.0.1", server.port()}});
}

HttpRequest to(const ScriptedServer& server, const std::string& path = "/") {
  HttpRequest request;
  request.url = server.url(path);
  request.timeouts = {milliseconds(2000), milliseconds(2000), milliseconds(2000),
                      milliseconds(20'000)};
  return request;
}

HttpAnswer answer_of(const HttpOutcome& outcome) {
  const auto* problem = std::get_if<HttpProblem>(&outcome);
  EXPECT_EQ(problem, nullptr) << problem->code << ": " << problem->message;
  return problem == nullptr ? std::get<HttpAnswer>(outcome) : HttpAnswer{};
}

HttpProblem problem_of(const HttpOutcome& outcome) {
  const auto* answer = std::get_if<HttpAnswer>(&outcome);
  EXPECT_EQ(answer, nullptr) << "answered " << answer->status << " " << answer->body;
  return answer == nullptr ? std::get<HttpProblem>(outcome) : HttpProblem{};
}

TEST(HttpCall, SendsWhatItWasGivenAndGivesTheAnswer) {
  ScriptedServer server(
      {says("HTTP/1.1 201 Created\r\nX-Kind: One\r\nContent-Length: 5\r\n\r\nhello")});
  auto request = to(server, "/jobs?a=b");
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  request.body = R"({"prompt":"x"})";
  const auto answer = answer_of(caller_for(server).call(request));
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.header("x-kind"), "One");
  const std::string sent = server.requests().at(0);
  EXPECT_TRUE(sent.starts_with("POST /jobs?a=b HTTP/1.1\r\n")) << sent;
  EXPECT_NE(sent.find("Content-Type: application/json\r\n"), std::string::npos) << sent;
  EXPECT_NE(sent.find("X-Empty:"), std::string::npos) << sent;
  EXPECT_TRUE(sent.ends_with(R"({"prompt":"x"})")) << sent;
  EXPECT_EQ(sent.find("Expect:"), std::string::npos) << sent;
}

TEST(HttpCall, RefusesLoopbackInAnySpelling) {
  ScriptedServer server({says(ok("secret"))});
  const HttpCaller caller({});
  const std::string port = std::to_string(server.port());
  for (const std::string host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1",
                                 "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    HttpRequest request;
    request.url = "http://" + host + ":" + port + "/";
    const auto problem = problem_of(caller.call(request));
    EXPECT_EQ(problem.code, "address_refused") << host << ": " << problem.message;
    EXPECT_FALSE(problem.may_have_arrived);
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpCall, RefusesARedirectToAnAddressThatIsNotAllowed) {
  ScriptedServer inside({says(ok("secret"))});
  ScriptedServer server(
      {says("HTTP/1.1 302 Found\r\nLocation: " + inside.url() + "\r\nContent-Length: 0\r\n\r\n")});
  auto request = to(server);
  request.redirects_max = 3;
  EXPECT_EQ(problem_of(caller_for(server).call(request)).code, "address_refused");
  EXPECT_TRUE(inside.requests().empty());
}

TEST(HttpCall, FollowsNoRedirectUnlessAsked) {
  ScriptedServer server(
      {says("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")});
  EXPECT_EQ(answer_of(caller_for(server).call(to(server))).status, 302);
}

TEST(HttpCall, GivesUpOnALoopOfRedirects) {
  const std::string again =
      "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  ScriptedServer server({says(again), says(again), says(again), says(again)});
  auto request = to(server);
  request.redirects_max = 3;
  EXPECT_EQ(problem_of(caller_for(server).call(request)).code, "too_many_redirects");
}

TEST(HttpCall, CountsABodyWhoseLengthNobodyTold) {
  ScriptedServer server({[](const std::string&, const Connection& client) {
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 64; ++i) client.send("400\r\n" + std::string(1024, 'x') + "\r\n");
    client.wait_for_end();
  }});
  auto request = to(server);
  request.answer_bytes_max = 10'000;
  const auto problem = problem_of(caller_for(server).call(request));
  EXPECT_EQ(problem.code, "answer_too_large");
  EXPECT_TRUE(problem.may_have_arrived);
}

TEST(HttpCall, RefusesHeadersWithoutEnd) {
  ScriptedServer server({[](const std::string&, const Connection& client) {
    client.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 200; ++i) client.send("X-H: " + std::string(1000, 'h') + "\r\n");
    client.wait_for_end();
  }});
  EXPECT_EQ(problem_of(caller_for(server).call(to(server))).code, "headers_too_large");
}

TEST(HttpCall, RefusesAnEncodedBody) {
  ScriptedServer server({says(ok("\x1f\x8b bomb", "Content-Encoding: gzip\r\n"))});
  EXPECT_EQ(problem_of(caller_for(server).call(to(server))).code, "protocol_error");
  EXPECT_EQ(server.requests().at(0).find("Accept-Encoding"), std::string::npos);
}

TEST(HttpCall, TellsACutAnswer) {
  ScriptedServer server({says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
                         says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
                         says("")});
  for (int i = 0; i < 3; ++i) {
    const auto problem = problem_of(caller_for(server).call(to(server)));
    EXPECT_EQ(problem.code, "answer_cut") << problem.message;
    EXPECT_TRUE(problem.retryable);
    EXPECT_TRUE(problem.may_have_arrived);
  }
}

TEST(HttpCall, TellsWhatIsNotHttp) {
  ScriptedServer server({says("SSH-2.0-OpenSSH_9.2\r\n"), says("\r\n\r\n\r\n")});
  EXPECT_EQ(problem_of(caller_for(server).call(to(server))).code, "protocol_error");
}

TEST(HttpCall, TellsAHostThatIsNotThere) {
  std::uint16_t port = 0;
  {
    const ScriptedServer gone({});
    port = gone.port();
  }
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
  const auto problem = problem_of(HttpCaller({{"127.0.0.1", port}}).call(request));
  EXPECT_EQ(problem.code, "connect_failed");
  EXPECT_TRUE(problem.retryable);
  EXPECT_FALSE(problem.may_have_arrived);
}

TEST(HttpCall, TellsAServerThatSaysNothing) {
  ScriptedServer server({kSilence});
  auto request = to(server);
  request.timeouts.first_byte = milliseconds(100);
  const auto problem = problem_of(caller_for(server).call(request));
  EXPECT_EQ(problem.code, "first_byte_timed_out");
  EXPECT_TRUE(problem.may_have_arrived);
}

TEST(HttpCall, TellsAnAnswerThatStops) {
  ScriptedServer server({[](const std::string&, const Connection& client) {
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    client.wait_for_end();
  }});
  auto request = to(server);
  request.timeouts.idle = milliseconds(100);
  EXPECT_EQ(problem_of(caller_for(server).call(request)).code, "idle_timed_out");
}

TEST(HttpCall, TellsAnAnswerThatTakesTooLongInAll) {
  ScriptedServer server({kSilence});
  auto request = to(server);
  request.timeouts.total = milliseconds(100);
  EXPECT_EQ(problem_of(caller_for(server).call(request)).code, "timed_out");
}

TEST(HttpCall, StopsAtOnceWhenAsked) {
  ScriptedServer server({kSilence});
  std::stop_source stop;
  HttpOutcome outcome;
  std::thread call([&] {
    auto request = to(server);
    request.timeouts = {};
    outcome = caller_for(server).call(request, stop.get_token());
  });
  while (server.requests().empty()) std::this_thread::yield();
  const auto asked = std::chrono::steady_clock::now();
  stop.request_stop();
  call.join();
  EXPECT_EQ(problem_of(outcome).code, "stopped");
  EXPECT_LT(std::chrono::steady_clock::now() - asked, milliseconds(900));
}

TEST(HttpCall, SendsARequestOnceOnly) {
  // A kept connection that dies before the answer is where libcurl would send it again.
  ScriptedServer server({says(ok("one")), says("")});
  const auto caller = caller_for(server);
  auto request = to(server);
  request.method = "POST";
  answer_of(caller.call(request));
  EXPECT_EQ(problem_of(caller.call(request)).code, "answer_cut");
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(HttpCall, HeadHasNoBody) {
  ScriptedServer server({says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")});
  auto request = to(server);
  request.method = "HEAD";
  EXPECT_EQ(answer_of(caller_for(server).call(request)).header("content-length"), "100");
}

TEST(HttpCall, DownloadsIntoAFile) {
  const std::string content(300'000, 'p');
  ScriptedServer server({says(ok(content))});
  const int file = memfd_create("download", MFD_CLOEXEC);
  auto request = to(server);
  request.answer_bytes_max = content.size();
  const auto answer = answer_of(caller_for(server).download(request, file));
  EXPECT_EQ(answer.body_bytes, content.size());
  EXPECT_EQ(answer.body, "");
  std::string stored(content.size(), '\0');
  EXPECT_EQ(pread(file, stored.data(), stored.size(), 0), static_cast<ssize_t>(content.size()));
  EXPECT_EQ(stored, content);
  close(file);
}

TEST(HttpCall, NamesNoQueryAndNoHeaderInAProblem) {
  ScriptedServer server({says("")});
  auto request = to(server, "/path?key=CANARY");
  request.headers = {{"Authorization", "Bearer CANARY"}};
  EXPECT_EQ(problem_of(caller_for(server).call(request)).message.find("CANARY"), std::string::npos);
}

}  // namespace
}  // namespace runledger::core::egress
