// Secrets as an operator configures them.
#include "core/worker/credential.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "tests/core/temporary_directory.h"

namespace runledger::core::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kCanary = "sk-canary-5f1d";

class CredentialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("RL_TEST_SECRET", (std::string(kCanary) + "\n").c_str(), 1);
    std::ofstream(directory.path() / "secret") << kCanary << "\r\n\n";
    std::ofstream(directory.path() / "empty") << "\n";
    std::ofstream(directory.path() / "split") << "one\ntwo\n";
  }
  static Credential good(const std::string& text) {
    auto read = read_credential(text);
    if (const auto* problem = std::get_if<std::string>(&read)) throw std::runtime_error(*problem);
    return std::get<Credential>(read);
  }
  static std::string problem(const std::string& text) {
    const auto read = read_credential(text);
    const auto* problem = std::get_if<std::string>(&read);
    EXPECT_NE(problem, nullptr) << text;
    return problem == nullptr ? "" : *problem;
  }
  std::string file(const std::string& name) const {
    return "file:" + (directory.path() / name).string();
  }

  testing::TemporaryDirectory directory;
};

TEST_F(CredentialTest, IsABearerTokenUnlessAHeaderIsNamed) {
  const auto bearer = good("coze=https://API.example.com,env:RL_TEST_SECRET");
  EXPECT_EQ(bearer.name, "coze");
  EXPECT_EQ(bearer.origin, "https://api.example.com:443");
  EXPECT_EQ(bearer.header, "Authorization");
  EXPECT_EQ(bearer.value, std::string("Bearer ") + kCanary);
  const auto key = good("k=http://127.0.0.1:9000/," + file("secret") + ",X-Api-Key");
  EXPECT_EQ(key.origin, "http://127.0.0.1:9000");
  EXPECT_EQ(key.header, "X-Api-Key");
  EXPECT_EQ(key.value, kCanary);
}

TEST_F(CredentialTest, SaysWhatIsWrongAndNeverTheSecret) {
  EXPECT_THAT(problem("coze"), HasSubstr("NAME=ORIGIN"));
  EXPECT_THAT(problem("=https://a.example,env:RL_TEST_SECRET"), HasSubstr("NAME=ORIGIN"));
  EXPECT_THAT(problem("a b=https://a.example,env:RL_TEST_SECRET"), HasSubstr("with a name"));
  EXPECT_THAT(problem("a=ftp://a.example,env:RL_TEST_SECRET"), HasSubstr("expected an origin"));
  EXPECT_THAT(problem("a=https://a.example"), HasSubstr("expected file:PATH or env:VARIABLE"));
  EXPECT_THAT(problem("a=https://a.example,env:RL_NONE"), HasSubstr("there is no env:RL_NONE"));
  EXPECT_THAT(problem("a=https://a.example,file:/nowhere"), HasSubstr("no file:/nowhere"));
  EXPECT_THAT(problem("a=https://a.example," + file("empty")), HasSubstr("is empty"));
  EXPECT_THAT(problem("a=https://a.example," + file("split")), HasSubstr("control character"));
  const auto reserved = problem("a=https://a.example,env:RL_TEST_SECRET,Host");
  EXPECT_THAT(reserved, HasSubstr("'Host' is no header"));
  EXPECT_THAT(reserved, Not(HasSubstr(kCanary)));
}

TEST_F(CredentialTest, IsTakenOnceUnderAName) {
  const std::string one = "a=https://a.example,env:RL_TEST_SECRET";
  const auto read = read_credentials({one, one, "b=https://b.example,env:RL_TEST_SECRET"});
  EXPECT_EQ(read.all.size(), 2u);
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(read.problems[0], "Credential a is given twice");
}

}  // namespace
}  // namespace runledger::core::worker
