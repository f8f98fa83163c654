#include <random>
#include <set>
#include <stdexcept>

#include "tests/eventlog/storage_contract.h"

namespace runledger::eventlog::test {
namespace {

template <typename Kind>
class RowsContract : public StorageContract<Kind> {
 protected:
  std::string forwards(std::string_view prefix, std::string_view from) {
    std::string keys;
    this->rows().scan(prefix, from, [&](std::string_view key, std::string_view) {
      keys.append(key).append(" ");
      return true;
    });
    return keys;
  }

  std::string backwards(std::string_view prefix, std::string_view before) {
    std::string keys;
    this->rows().scan_back(prefix, before, [&](std::string_view key, std::string_view) {
      keys.append(key).append(" ");
      return true;
    });
    return keys;
  }

  void put_keys(const std::vector<std::string>& keys) {
    std::vector<RowChange> rows;
    for (const auto& key : keys) rows.push_back({key, "value of " + key});
    this->change_rows(rows);
  }
};
TYPED_TEST_SUITE(RowsContract, StorageKinds, StorageKindNames);

TYPED_TEST(RowsContract, GetsWhatWasPut) {
  this->change_rows({{"a", "1"}, {"b", std::string("\0\xff", 2)}, {"empty", ""}});
  EXPECT_EQ(this->rows().get("a"), "1");
  EXPECT_EQ(this->rows().get("b"), std::string("\0\xff", 2));
  EXPECT_EQ(this->rows().get("empty"), "");
  EXPECT_EQ(this->rows().get("c"), std::nullopt);
}

TYPED_TEST(RowsContract, GetsManyInTheOrderAskedFor) {
  this->change_rows({{"a", "1"}, {"b", std::string("\0\xff", 2)}, {"empty", ""}});
  const std::vector<std::string> keys{"empty", "c", "b", "a", "b"};
  EXPECT_EQ(this->rows().get_many(keys),
            (std::vector<std::optional<std::string>>{
                "", std::nullopt, std::string("\0\xff", 2), "1", std::string("\0\xff", 2)}));
  EXPECT_TRUE(this->rows().get_many({}).empty());
}

TYPED_TEST(RowsContract, TheLastChangeOfARowCounts) {
  this->change_rows({{"a", "1"}, {"a", "2"}, {"b", "1"}, {"b", std::nullopt}, {"c", "1"}});
  EXPECT_EQ(this->rows().get("a"), "2");
  EXPECT_EQ(this->rows().get("b"), std::nullopt);
  this->change_rows({{"c", std::nullopt}, {"never", std::nullopt}});
  EXPECT_EQ(this->rows().get("c"), std::nullopt);
}

TYPED_TEST(RowsContract, ScansForwards) {
  this->put_keys({"a", "b/1", "b/2", "b/3", "b0", "c"});
  EXPECT_EQ(this->forwards("b/", ""), "b/1 b/2 b/3 ");
  EXPECT_EQ(this->forwards("b/", "b/2"), "b/2 b/3 ");
  EXPECT_EQ(this->forwards("b/", "b/21"), "b/3 ");
  EXPECT_EQ(this->forwards("b/", "a"), "b/1 b/2 b/3 ");
  EXPECT_EQ(this->forwards("b/", "c"), "");
  EXPECT_EQ(this->forwards("", ""), "a b/1 b/2 b/3 b0 c ");
  EXPECT_EQ(this->forwards("x", ""), "");
}

TYPED_TEST(RowsContract, ScansBackwards) {
  this->put_keys({"a", "b/1", "b/2", "b/3", "b0", "c"});
  EXPECT_EQ(this->backwards("b/", ""), "b/3 b/2 b/1 ");
  EXPECT_EQ(this->backwards("b/", "b/3"), "b/2 b/1 ");
  EXPECT_EQ(this->backwards("b/", "b/21"), "b/2 b/1 ");
  EXPECT_EQ(this->backwards("b/", "b/1"), "");
  EXPECT_EQ(this->backwards("b/", "a"), "");
  EXPECT_EQ(this->backwards("b/", "z"), "b/3 b/2 b/1 ");
  EXPECT_EQ(this->backwards("", ""), "c b0 b/3 b/2 b/1 a ");
  EXPECT_EQ(this->backwards("", "b/2"), "b/1 a ");
}

TYPED_TEST(RowsContract, ScansPrefixesOfHighBytes) {
  this->put_keys({"\xfe", "\xff", "\xff\x01", "\xff\xff", "\xff\xff\xff"});
  EXPECT_EQ(this->forwards("\xff", ""), "\xff \xff\x01 \xff\xff \xff\xff\xff ");
  EXPECT_EQ(this->backwards("\xff\xff", ""), "\xff\xff\xff \xff\xff ");
  EXPECT_EQ(this->backwards("\xff", "\xff\x01"), "\xff ");
}

TYPED_TEST(RowsContract, GivesValuesAndStopsWhenTheVisitorSaysSo) {
  this->put_keys({"a", "b", "c"});
  std::string values;
  this->rows().scan("", "", [&](std::string_view, std::string_view value) {
    values.append(value).append(";");
    return value != "value of b";
  });
  EXPECT_EQ(values, "value of a;value of b;");
  values.clear();
  this->rows().scan_back("", "", [&](std::string_view, std::string_view value) {
    values.append(value).append(";");
    return value != "value of b";
  });
  EXPECT_EQ(values, "value of c;value of b;");
}

TYPED_TEST(RowsContract, AScanSeesTheRowsOfItsStart) {
  this->put_keys({"a", "b"});
  std::string seen;
  this->rows().scan("", "", [&](std::string_view key, std::string_view) {
    this->put_keys({"a2", "z"});
    seen.append(key);
    return true;
  });
  EXPECT_EQ(seen, "ab");
}

TYPED_TEST(RowsContract, RowsStandForTheHeadAfterACommit) {
  const std::vector<RowChange> rows = {{"a", "1"}};
  this->storage().commit(std::vector{item("s", 0, {event("1"), event("2")})}, rows);
  EXPECT_EQ(this->storage().rows_offset(), 2u);
  EXPECT_EQ(this->rows().get("a"), "1");
}

TYPED_TEST(RowsContract, RowsStayBehindWhenTheLogIsAppendedAlone) {
  this->log().append(std::vector{item("s", 0, {event("1"), event("2")})});
  EXPECT_EQ(this->storage().rows_offset(), 0u);
  const std::vector<RowChange> rows = {{"folded", "1"}};
  this->storage().commit_rows(rows, 1);
  EXPECT_EQ(this->storage().rows_offset(), 1u);
  EXPECT_EQ(this->log().head(), 2u);
}

TYPED_TEST(RowsContract, RefusesACommitOverAnUnfoldedTail) {
  this->log().append(std::vector{item("s", 0, {event("1")})});
  EXPECT_THROW(this->storage().commit(std::vector{item("s", 1, {event("2")})}, {}),
               std::logic_error);
  EXPECT_EQ(this->log().head(), 1u);
}

TYPED_TEST(RowsContract, RefusesRowsBeyondTheLog) {
  const std::vector<RowChange> rows = {{"a", "1"}};
  EXPECT_THROW(this->storage().commit_rows(rows, 1), std::logic_error);
  EXPECT_FALSE(this->rows().get("a"));
}

TYPED_TEST(RowsContract, ResetsAllRowsAndFoldsThemAnew) {
  this->log().append(std::vector{item("s", 0, {event("1"), event("2")})});
  this->put_keys({"", "a", "b/1", "\xff\xff", "\xff\xff\xff\x01"});
  this->storage().reset_rows();
  EXPECT_EQ(read_rows(this->storage()), RowMap());
  EXPECT_EQ(this->rows().get("a"), std::nullopt);
  EXPECT_EQ(this->storage().rows_offset(), 0u);
  EXPECT_EQ(read_all(this->storage()).size(), 2u);
  const std::vector<RowChange> rows = {{"a", "2"}, {"c", "2"}};
  this->storage().commit_rows(rows, 2);
  EXPECT_EQ(read_rows(this->storage()), (RowMap{{"a", "2"}, {"c", "2"}}));
  this->storage().commit(std::vector{item("s", 2, {event("3")})}, {});
  EXPECT_EQ(this->storage().rows_offset(), 3u);
}

TYPED_TEST(RowsContract, ResetsWhereThereAreNoRows) {
  this->storage().reset_rows();
  EXPECT_EQ(this->storage().rows_offset(), 0u);
  this->put_keys({"a"});
  this->storage().reset_rows();
  this->storage().reset_rows();
  EXPECT_EQ(read_rows(this->storage()), RowMap());
}

// Near and far, upwards too, at keys and between them.
TYPED_TEST(RowsContract, SeeksBackwardsFromAnywhere) {
  std::mt19937 random(3);
  std::set<std::string> keys;
  const auto name = [&] { return std::to_string(1000 + random() % 3000); };
  std::vector<std::string> rows = {"a/9", "c/1"};
  for (int i = 0; i < 400; ++i) keys.insert(name());
  for (const std::string& key : keys) rows.push_back("b/" + key);
  this->put_keys(rows);
  const auto seeker = this->rows().seeker("b/");
  std::string key = "5000";
  for (int i = 0; i < 4000; ++i) {
    if (random() % 4 == 0) key = name();
    const bool before = random() % 2 == 0;
    auto expected = before ? keys.lower_bound(key) : keys.upper_bound(key);
    const auto found = before ? seeker->before(key) : seeker->at_or_before(key);
    ASSERT_EQ(found.has_value(), expected != keys.begin()) << key;
    if (!found) {
      key = "5000";
      continue;
    }
    ASSERT_EQ(*found, *std::prev(expected)) << (before ? "before " : "at or before ") << key;
    key = *found;
  }
}

TYPED_TEST(RowsContract, TakesACommitOfRowsAlone) {
  const std::vector<RowChange> rows = {{"a", "1"}};
  EXPECT_TRUE(this->storage().commit({}, rows).empty());
  EXPECT_EQ(this->rows().get("a"), "1");
}

}  // namespace
}  // namespace runledger::eventlog::test
