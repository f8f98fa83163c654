// The provider as a program, and its control endpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using e2e::HttpSession;

constexpr const char* kPicture = "/files/picture.png";

TEST(ProviderProgram, EndsOnSigterm) {
  ProviderProcess provider;
  EXPECT_EQ(provider.session().get(kPicture).status, 200);
  EXPECT_EQ(provider.stop(), 0);
}

TEST(ProviderProgram, EndsOnSigtermWhileItHoldsARequest) {
  ProviderProcess provider;
  ASSERT_TRUE(provider.fault(R"({"endpoint":"file","fault":"silence"})"));
  std::thread held(
      [&provider] { EXPECT_THROW(provider.session().get(kPicture), e2e::ConnectionLost); });
  while (provider.counters()["requests"]["file"] != 1) std::this_thread::yield();
  EXPECT_EQ(provider.stop(), 0);
  held.join();
}

TEST(ProviderProgram, ListensOnLoopbackOnly) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "8.8.8.8:80", "127.0.0.1", "here:1",
                              "127.0.0.1:65536", "127.0.0.1:x"}) {
    try {
      ProviderProcess provider({}, address);
      ADD_FAILURE() << address << ": " << provider.url();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "The provider ended with 64") << address;
    }
  }
}

TEST(ProviderProgram, TakesOneTokenAloneWhereItIsTold) {
  ProviderProcess provider({"--token", "good"});
  const std::string path = "/v1/workflow/run?idempotency_key=k";
  EXPECT_EQ(provider.session("good").get(path).status, 200);
  EXPECT_EQ(provider.session("bad").get(path).status, 401);
  EXPECT_EQ(provider.session("").get(path).json()["code"], 4100);
  EXPECT_EQ(provider.session("").get("/v1/videos/v").json()["error"]["code"], "invalid_api_key");
}

TEST(ProviderProgram, AnswersBytesThatAreNoUtf8) {
  ProviderProcess provider;
  EXPECT_EQ(provider.session().get("/v1/%ff%fe").status, 404);
  EXPECT_EQ(provider.session("\xff\xfe").get("/v1/videos/%ff").status, 404);
}

TEST(ProviderProgram, RefusesABodyThatIsTooLargeOrTooDeep) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  EXPECT_EQ(session.post("/v1/chat/completions", std::string(100'000, '[')).status, 400);
  const std::string deep = R"({"a":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  EXPECT_EQ(session.post("/v1/chat/completions", deep).status, 400);
  try {
    EXPECT_EQ(session.post("/v1/chat/completions", std::string(2'000'000, ' ')).status, 413);
  } catch (const e2e::ConnectionLost&) {  // it closed before all was sent
  }
  EXPECT_EQ(provider.session().get(kPicture).status, 200);
}

TEST(ProviderControl, CountsWhatComes) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const HttpSession::Headers key = {{"Idempotency-Key", "k-1"}};
  const std::string body = R"({"workflow_id":"w","parameters":{},"is_async":true})";
  const std::string id = session.post("/v1/workflow/run", body, key).json()["execute_id"];
  session.post("/v1/workflow/run", body, key);
  session.post("/v1/workflow/run", body);
  session.get("/v1/workflows/w/run_histories/" + id);
  session.get(kPicture);
  session.get("/files/none.png");
  session.post("/v1/workflow/cancel", R"({"execute_id":")" + id + R"("})");
  const auto counters = provider.counters();
  EXPECT_EQ(counters["submissions"]["k-1"], 2);
  EXPECT_EQ(counters["submissions"][""], 1);
  EXPECT_EQ(counters["jobs"], 2);
  EXPECT_EQ(counters["polls"], 1);
  EXPECT_EQ(counters["downloads"], 1);
  EXPECT_EQ(counters["cancels"], 1);
  EXPECT_EQ(counters["requests"]["run"], 3);
  EXPECT_EQ(counters["requests"]["file"], 2);
}

TEST(ProviderControl, ResetForgetsJobsFaultsAndCounts) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const HttpSession::Headers key = {{"Idempotency-Key", "k-1"}};
  const std::string body = R"({"workflow_id":"w","is_async":true})";
  const std::string id = session.post("/v1/workflow/run", body, key).json()["execute_id"];
  ASSERT_TRUE(provider.fault(R"({"endpoint":"file","fault":"status","requests":9})"));
  EXPECT_EQ(session.post("/_control/reset", "").status, 200);
  EXPECT_EQ(session.get(kPicture).status, 200);
  EXPECT_EQ(session.get("/v1/workflows/w/run_histories/" + id).json()["code"], 4200);
  EXPECT_EQ(provider.counters()["jobs"], 0);
  EXPECT_TRUE(provider.counters()["submissions"].empty());
  const std::string again = session.post("/v1/workflow/run", body, key).json()["execute_id"];
  EXPECT_NE(again, id);
}

TEST(ProviderControl, RefusesSwitchesThatThereAreNot) {
  ProviderProcess provider;
  for (const char* body : {
           "",
           "[]",
           "{}",
           R"({"endpoint":"file"})",
           R"({"endpoint":"none","fault":"cut"})",
           R"({"endpoint":"file","fault":"none"})",
           R"({"endpoint":"file","fault":1})",
           R"({"endpoint":"file","fault":"no_url"})",
           R"({"endpoint":"file","fault":"cut","ms":1})",
           R"({"endpoint":"file","fault":"delay","ms":-1})",
           R"({"endpoint":"file","fault":"delay","ms":"1"})",
           R"({"endpoint":"file","fault":"status","status":200})",
           R"({"endpoint":"file","fault":"status","carried_out":1})",
           R"({"endpoint":"run","fault":"fail","message":1})",
           R"({"endpoint":"file","fault":"cut","requests":0})",
       }) {
    EXPECT_FALSE(provider.fault(body)) << body;
  }
  EXPECT_EQ(provider.session().get(kPicture).status, 200);
}

TEST(ProviderControl, HasRoomForSoManyFaults) {
  ProviderProcess provider;
  const std::string body = R"({"endpoint":"file","fault":"status"})";
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(provider.fault(body));
  EXPECT_FALSE(provider.fault(body));
  EXPECT_EQ(provider.session().get(kPicture).status, 503);
  EXPECT_TRUE(provider.fault(body));
}

TEST(ProviderControl, FaultsOfOneEndpointComeOneAfterAnother) {
  ProviderProcess provider;
  ASSERT_TRUE(provider.fault(R"({"endpoint":"file","fault":"status","status":429,"requests":2})"));
  ASSERT_TRUE(provider.fault(R"({"endpoint":"file","fault":"status","status":500})"));
  std::vector<int> seen;
  HttpSession session = provider.session();
  for (int i = 0; i < 4; ++i) seen.push_back(session.get(kPicture).status);
  EXPECT_THAT(seen, ::testing::ElementsAre(429, 429, 500, 200));
}

}  // namespace
}  // namespace runledger::provider::testing
