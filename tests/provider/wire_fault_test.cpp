// Faults on the wire, as the server's own client with its limits sees them.
#include <gtest/gtest.h>

#include "core/egress/http_call.h"
#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using core::egress::HttpAnswer;
using core::egress::HttpCaller;
using core::egress::HttpOutcome;
using core::egress::HttpProblem;
using core::egress::HttpRequest;
using std::chrono::milliseconds;
using Json = nlohmann::ordered_json;

constexpr milliseconds kLong(20'000);
constexpr milliseconds kShort(200);

class WireFault : public ::testing::Test {
 protected:
  HttpRequest to(const std::string& path) const {
    HttpRequest request;
    request.url = provider_.url() + path;
    request.timeouts = {kLong, kLong, kLong, kLong};
    return request;
  }

  HttpRequest picture() const { return to("/files/picture.png"); }

  HttpRequest run(const std::string& key) const {
    HttpRequest request = to("/v1/workflow/run");
    request.method = "POST";
    request.headers = {{"Authorization", std::string("Bearer ") + kToken},
                       {"Idempotency-Key", key}};
    request.body = R"({"workflow_id":"cover","parameters":{},"is_async":true})";
    return request;
  }

  void fault(const std::string& members) const {
    ASSERT_TRUE(provider_.fault("{" + members + "}")) << members;
  }

  HttpOutcome call(const HttpRequest& request) const {
    return HttpCaller({{"127.0.0.1", provider_.port()}}).call(request);
  }

  HttpAnswer answer_of(const HttpRequest& request) const {
    const HttpOutcome outcome = call(request);
    const auto* problem = std::get_if<HttpProblem>(&outcome);
    EXPECT_EQ(problem, nullptr) << problem->code << ": " << problem->message;
    return problem == nullptr ? std::get<HttpAnswer>(outcome) : HttpAnswer{};
  }

  HttpProblem problem_of(const HttpRequest& request) const {
    const HttpOutcome outcome = call(request);
    const auto* answer = std::get_if<HttpAnswer>(&outcome);
    EXPECT_EQ(answer, nullptr) << "answered " << answer->status;
    return answer == nullptr ? std::get<HttpProblem>(outcome) : HttpProblem{};
  }

  bool has_job_for(const std::string& key) const {
    return provider_.session().get("/v1/workflow/run?idempotency_key=" + key).json()["code"] == 0;
  }

  ProviderProcess provider_;
};

TEST_F(WireFault, Delay) {
  fault(R"("endpoint":"file","fault":"delay","ms":300)");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(answer_of(picture()).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(300));
  fault(R"("endpoint":"file","fault":"delay","ms":60000)");
  HttpRequest request = picture();
  request.timeouts.first_byte = kShort;
  EXPECT_EQ(problem_of(request).code, "first_byte_timed_out");
}

TEST_F(WireFault, StatusWithRetryAfter) {
  for (const long status : {429L, 503L}) {
    fault(R"("endpoint":"run","fault":"status","retry_after_s":7,"status":)" +
          std::to_string(status));
    const HttpAnswer answer = answer_of(run("k"));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(core::egress::retry_after(answer, 0), milliseconds(7000));
  }
  fault(R"("endpoint":"run","fault":"status","status":500)");
  EXPECT_EQ(answer_of(run("k")).status, 500);
  EXPECT_FALSE(has_job_for("k"));
}

TEST_F(WireFault, StatusAlthoughItWasDone) {
  fault(R"("endpoint":"run","fault":"status","status":500,"carried_out":true)");
  EXPECT_EQ(answer_of(run("k")).status, 500);
  EXPECT_TRUE(has_job_for("k"));
}

TEST_F(WireFault, SilenceAfterTheJobWasTaken) {
  fault(R"("endpoint":"run","fault":"silence")");
  HttpRequest request = run("k");
  request.timeouts.first_byte = kShort;
  const HttpProblem problem = problem_of(request);
  EXPECT_EQ(problem.code, "first_byte_timed_out");
  EXPECT_TRUE(problem.may_have_arrived);
  EXPECT_TRUE(has_job_for("k"));
  EXPECT_EQ(provider_.counters()["submissions"]["k"], 1);
}

TEST_F(WireFault, DropAfterTheJobWasTaken) {
  fault(R"("endpoint":"run","fault":"drop")");
  const HttpProblem problem = problem_of(run("k"));
  EXPECT_TRUE(problem.may_have_arrived) << problem.code;
  EXPECT_TRUE(has_job_for("k"));
}

TEST_F(WireFault, OneByteASecond) {
  fault(R"("endpoint":"file","fault":"trickle")");
  HttpRequest request = picture();
  request.timeouts.idle = kShort;
  EXPECT_EQ(problem_of(request).code, "idle_timed_out");
  fault(R"("endpoint":"run","fault":"trickle","ms":1)");
  EXPECT_EQ(Json::parse(answer_of(run("k")).body)["code"], 0);
}

TEST_F(WireFault, CutBody) {
  fault(R"("endpoint":"file","fault":"cut")");
  EXPECT_EQ(problem_of(picture()).code, "answer_cut");
  EXPECT_EQ(answer_of(picture()).status, 200);
}

TEST_F(WireFault, WrongContentLength) {
  fault(R"("endpoint":"file","fault":"wrong_length")");
  EXPECT_EQ(problem_of(picture()).code, "answer_cut");
  fault(R"("endpoint":"file","fault":"wrong_length","bytes":-100)");
  const std::size_t less = answer_of(picture()).body.size();
  EXPECT_EQ(less + 100, answer_of(picture()).body.size());
}

TEST_F(WireFault, WrongContentType) {
  fault(R"("endpoint":"file","fault":"wrong_type")");
  EXPECT_EQ(answer_of(picture()).header("content-type"), "text/html");
}

TEST_F(WireFault, BadJson) {
  fault(R"("endpoint":"run","fault":"bad_json")");
  const HttpAnswer answer = answer_of(run("k"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(Json::accept(answer.body));
}

TEST_F(WireFault, RedirectLoop) {
  fault(R"("endpoint":"file","fault":"redirect_loop","requests":100)");
  HttpRequest request = picture();
  request.redirects_max = 3;
  EXPECT_EQ(problem_of(request).code, "too_many_redirects");
  EXPECT_EQ(provider_.counters()["requests"]["file"], 4);
}

TEST_F(WireFault, RedirectToAPrivateAddress) {
  fault(R"("endpoint":"file","fault":"redirect_private")");
  HttpRequest request = picture();
  request.redirects_max = 3;
  EXPECT_EQ(problem_of(request).code, "address_refused");
}

TEST_F(WireFault, GzipBomb) {
  fault(R"("endpoint":"file","fault":"gzip_bomb")");
  EXPECT_EQ(problem_of(picture()).code, "protocol_error");
  fault(R"("endpoint":"file","fault":"gzip_bomb")");
  const auto raw = provider_.session().get("/files/picture.png");
  EXPECT_EQ(raw.headers.at("content-encoding"), "gzip");
  EXPECT_TRUE(raw.body.starts_with("\x1f\x8b"));
  EXPECT_LT(raw.body.size(), 1024u * 1024);
}

TEST_F(WireFault, EndlessBody) {
  fault(R"("endpoint":"file","fault":"endless")");
  HttpRequest request = picture();
  request.answer_bytes_max = 1024 * 1024;
  EXPECT_EQ(problem_of(request).code, "answer_too_large");
  EXPECT_EQ(answer_of(picture()).status, 200);
}

}  // namespace
}  // namespace runledger::provider::testing
