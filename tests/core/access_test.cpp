#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/access/admin_token.h"
#include "core/access/token_table.h"
#include "core/base/sha256.h"
#include "tests/core/harness.h"
#include "tests/core/temporary_directory.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(TokenTable, KnowsATokenByItsSecretAlone) {
  TokenTable table;
  table.admit(
      TokenCreated{"tok_1", "acme", "alice", {"viewer", "submitter"}, sha256_hex("s3cret")});
  const auto principal = table.authenticate("s3cret");
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->tenant, "acme");
  EXPECT_TRUE(principal->may(Role::kSubmitter));
  EXPECT_FALSE(principal->may(Role::kReviewer));
  EXPECT_FALSE(table.authenticate("s3cret2"));
  EXPECT_FALSE(table.authenticate(""));
  EXPECT_FALSE(table.authenticate(sha256_hex("s3cret")));
}

TEST(Principal, OfAnAdminMayDoEverything) {
  const Principal admin{"default", "admin", {Role::kAdmin}, ""};
  for (const Role role : {Role::kViewer, Role::kSubmitter, Role::kReviewer, Role::kWorker,
                          Role::kOperator, Role::kAdmin}) {
    EXPECT_TRUE(admin.may(role)) << to_text(role);
    EXPECT_EQ(role_from_text(to_text(role)), role);
  }
}

TEST(Secret, IsLongAndNeverTheSame) {
  SystemRandom random;
  const std::string first = make_secret(random);
  EXPECT_EQ(first.size(), 67u);
  EXPECT_NE(first, make_secret(random));
}

class AdminTokenTest : public ::testing::Test {
 protected:
  std::optional<TokenCreated> ensure() {
    return ensure_admin_token(file_, known_, core_.ids, core_.random);
  }
  TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "admin-token";
  std::map<std::string, TokenCreated, std::less<>> known_;
  Harness core_;
};

TEST_F(AdminTokenTest, MakesAFileThatOnlyTheOwnerMayRead) {
  const auto token = ensure();
  ASSERT_TRUE(token);
  struct stat info {};
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::string secret;
  std::ifstream(file_) >> secret;
  EXPECT_EQ(token->secret_sha256, sha256_hex(secret));
}

TEST_F(AdminTokenTest, RecordsAFileThatACrashLeftUnrecorded) {
  const auto first = ensure();
  const auto again = ensure();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->secret_sha256, first->secret_sha256);
  known_[again->token_id] = *again;
  EXPECT_FALSE(ensure());
}

TEST_F(AdminTokenTest, RefusesAFileThatOthersMayRead) {
  ensure();
  chmod(file_.c_str(), 0644);
  EXPECT_THROW(ensure(), std::runtime_error);
}

TEST_F(AdminTokenTest, RefusesAFileThatHoldsNoToken) {
  std::ofstream(file_) << "short\n";
  chmod(file_.c_str(), 0600);
  EXPECT_THROW(ensure(), std::runtime_error);
}

}  // namespace
}  // namespace runledger::core
