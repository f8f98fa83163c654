// The pictures, videos and chat of the stand-in, without faults.
#include <gtest/gtest.h>

#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using e2e::HttpResult;
using e2e::HttpSession;
using Json = nlohmann::ordered_json;

constexpr const char* kPrompt = R"({"model":"sora-2","prompt":"a lake"})";

TEST(OpenAiStandIn, GivesPicturesByUrl) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const Json answer = session.post("/v1/images/generations", R"({"prompt":"a lake","n":2})").json();
  ASSERT_EQ(answer["data"].size(), 2u);
  const std::string url = answer["data"][1]["url"];
  ASSERT_TRUE(url.starts_with(provider.url())) << url;
  const HttpResult file = session.get(url.substr(provider.url().size()));
  EXPECT_TRUE(file.body.starts_with("\x89PNG"));
}

TEST(OpenAiStandIn, GivesPicturesInTheAnswer) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const Json answer =
      session.post("/v1/images/generations", R"({"prompt":"a lake","response_format":"b64_json"})")
          .json();
  const std::string text = answer["data"][0]["b64_json"];
  EXPECT_TRUE(text.starts_with("iVBORw0KGgo")) << text.substr(0, 20);
  EXPECT_EQ(text.size(), (session.get("/files/picture.png").body.size() + 2) / 3 * 4);
}

TEST(OpenAiStandIn, MakesAVideo) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const Json created = session.post("/v1/videos", kPrompt).json();
  EXPECT_EQ(created["object"], "video");
  EXPECT_EQ(created["status"], "queued");
  EXPECT_EQ(created["model"], "sora-2");
  const std::string path = "/v1/videos/" + created["id"].get<std::string>();
  const Json video = session.get(path).json();
  EXPECT_EQ(video["status"], "completed");
  EXPECT_EQ(video["progress"], 100);
  const HttpResult content = session.get(path + "/content");
  EXPECT_EQ(content.headers.at("content-type"), "video/mp4");
  EXPECT_EQ(content.body.substr(4, 4), "ftyp");
  EXPECT_EQ(provider.session("").get(path + "/content").status, 401);
}

TEST(OpenAiStandIn, AVideoIsNotThereBeforeItsTime) {
  ProviderProcess provider({"--job-ms", "600000"});
  HttpSession session = provider.session();
  const std::string id = session.post("/v1/videos", kPrompt).json()["id"];
  const Json video = session.get("/v1/videos/" + id).json();
  EXPECT_EQ(video["status"], "in_progress");
  EXPECT_LT(video["progress"], 100);
  EXPECT_EQ(session.get("/v1/videos/" + id + "/content").status, 404);
  EXPECT_EQ(session.get("/v1/videos/video_1").json()["error"]["code"], "not_found");
}

TEST(OpenAiStandIn, HasOneVideoForAKey) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const HttpSession::Headers key = {{"Idempotency-Key", "k"}};
  const std::string id = session.post("/v1/videos", kPrompt, key).json()["id"];
  EXPECT_EQ(session.post("/v1/videos", kPrompt, key).json()["id"], id);
  EXPECT_EQ(session.post("/v1/videos", R"({"prompt":"a hill"})", key).status, 422);
  EXPECT_EQ(provider.counters()["submissions"]["k"], 3);
}

TEST(OpenAiStandIn, AnswersTheSameQuestionTheSame) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const std::string body =
      R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"q"}]})";
  const Json first = session.post("/v1/chat/completions", body).json();
  const Json again = session.post("/v1/chat/completions", body).json();
  EXPECT_EQ(first["choices"], again["choices"]);
  EXPECT_EQ(first["model"], "m");
  EXPECT_EQ(first["choices"][0]["finish_reason"], "stop");
  const std::string content = first["choices"][0]["message"]["content"];
  EXPECT_EQ(Json::parse(content)["question"], "q");
}

TEST(OpenAiStandIn, RefusesBadRequests) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
           {"/v1/images/generations", "{}"},
           {"/v1/images/generations", R"({"prompt":"x","n":11})"},
           {"/v1/images/generations", R"({"prompt":"x","n":"1"})"},
           {"/v1/images/generations", R"({"prompt":"x","response_format":"gif"})"},
           {"/v1/videos", "[]"},
           {"/v1/videos", R"({"prompt":""})"},
           {"/v1/chat/completions", R"({"messages":[]})"},
           {"/v1/chat/completions", R"({"messages":[{"role":"system","content":"s"}]})"},
           {"/v1/chat/completions", R"({"messages":["x"]})"}}) {
    const HttpResult answer = session.post(path, body);
    EXPECT_EQ(answer.status, 400) << path << " " << body;
    EXPECT_EQ(answer.json()["error"]["code"], "invalid_request") << body;
  }
}

}  // namespace
}  // namespace runledger::provider::testing
