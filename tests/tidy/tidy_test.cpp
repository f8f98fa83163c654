// What the project's style asks for and a program can check.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/tidy/source_tree.h"

namespace runledger::tidy {
namespace {

constexpr std::size_t kFileLinesMax = 400;
constexpr std::size_t kLineCharactersMax = 100;

std::string place(const SourceFile& file, std::size_t index) {
  return file.path + ":" + std::to_string(index + 1);
}

std::string joined(const SourceFile& file) {
  std::string text;
  for (const std::string& line : file.lines) text += line + "\n";
  return text;
}

TEST(Tidy, SeesTheTree) {
  EXPECT_GT(code_files().size(), 50u);
  EXPECT_TRUE(std::filesystem::exists(root() / "CMakeLists.txt"));
}

TEST(Tidy, IncludesPointDownward) {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"eventlog", {"eventlog"}},
      {"core", {"core", "eventlog", "runledger"}},
      {"api", {"api", "core", "eventlog"}},
      {"plugins", {"plugins", "runledger"}},
  };
  const std::regex include(R"re(^\s*#include ["<]([a-z_]+)/)re");
  const std::set<std::string> ours = {"api", "core", "eventlog", "plugins", "tests", "runledger"};
  for (const SourceFile& file : code_files()) {
    const std::string folder = file.path.substr(0, file.path.find('/'));
    if (!allowed.contains(folder)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      if (!std::regex_search(file.lines[i], match, include) || !ours.contains(match[1])) continue;
      EXPECT_TRUE(allowed.at(folder).contains(match[1])) << place(file, i) << file.lines[i];
    }
  }
}

TEST(Tidy, DomainIsPure) {
  for (const SourceFile& file : code_files()) {
    if (!file.is_in("core/domain")) continue;
    const std::string text = joined(file);
    for (const char* banned :
         {"<chrono>", "<random>", "<thread>", "<mutex>", "<fstream>", "rocksdb", "core/engine",
          "core/dispatch", "core/views", "core/protocol"}) {
      EXPECT_EQ(text.find(banned), std::string::npos) << file.path << " mentions " << banned;
    }
  }
}

TEST(Tidy, HeavyHeadersStayInSourceFiles) {
  const std::regex heavy(
      R"re(^#include <(boost/(asio|beast)|pistache|rocksdb|nlohmann/json.hpp))re");
  const std::set<std::string> exempt = {"core/base/json_reader.h", "api/rest/json_body.h",
                                        "plugins/sdk/include/runledger/plugin.hpp"};
  for (const SourceFile& file : code_files()) {
    if (!file.path.ends_with(".h") || file.is_in("tests") || exempt.contains(file.path)) continue;
    const std::string folder = file.path.substr(0, file.path.rfind('/'));
    if (folder == "api/edge" || folder == "api/rest/transport" || folder == "core/protocol" ||
        folder == "eventlog" || folder == "core/worker" || folder == "plugins/image") {
      continue;  // internal headers of a folder that is about that library
    }
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], heavy)) << place(file, i);
    }
  }
}

TEST(Tidy, FilesAreShort) {
  for (const SourceFile& file : code_files()) {
    EXPECT_LE(file.lines.size(), kFileLinesMax) << file.path;
  }
}

TEST(Tidy, LinesAreShort) {
  for (const SourceFile& file : code_files()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const bool raw_text = file.lines[i].find("R\"") != std::string::npos;
      if (raw_text && file.is_in("tests")) continue;
      EXPECT_LE(length_of(file.lines[i]), kLineCharactersMax) << place(file, i);
    }
  }
}

TEST(Tidy, HeadersHaveAContractAndAGuard) {
  for (const SourceFile& file : code_files()) {
    if (!file.path.ends_with(".h") && !file.path.ends_with(".hpp")) continue;
    ASSERT_FALSE(file.lines.empty()) << file.path;
    const bool comment = file.lines[0].starts_with("//") || file.lines[0].starts_with("/*");
    EXPECT_TRUE(comment) << file.path << " begins without saying what it is";
    const std::string text = joined(file);
    const bool guarded = text.find("#pragma once") != std::string::npos ||
                         text.find("#ifndef RUNLEDGER_") != std::string::npos;
    EXPECT_TRUE(guarded) << file.path;
  }
}

TEST(Tidy, NamesSayWhatThingsAre) {
  const std::regex banned(R"re(\b(class|struct) \w*(Manager|Helper|Utils?|Common|Handler2)\b)re");
  for (const SourceFile& file : code_files()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], banned)) << place(file, i) << file.lines[i];
    }
  }
}

TEST(Tidy, NothingIsLeftOpen) {
  const std::regex open(
      "\\b(TO"
      "DO|FIX"
      "ME|X"
      "XX|HA"
      "CK)\\b");
  for (const SourceFile& file : code_files()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], open)) << place(file, i);
    }
  }
}

TEST(Tidy, TestsNeitherSleepNorSkip) {
  const std::regex lazy(
      "(sleep_"
      "for|usl"
      "eep|DISA"
      "BLED_|GTEST_"
      "SKIP)");
  for (const SourceFile& file : code_files()) {
    if (!file.is_in("tests")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], lazy)) << place(file, i);
    }
  }
}

TEST(Tidy, EverySourceFileIsBuilt) {
  std::string cmake;
  for (const SourceFile& file : files_ending_in({"CMakeLists.txt", ".cmake"})) {
    cmake += joined(file);
  }
  for (const SourceFile& file : code_files()) {
    if (!file.path.ends_with(".cpp") && !file.path.ends_with(".c")) continue;
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    EXPECT_NE(cmake.find(name), std::string::npos) << file.path << " is in no CMakeLists.txt";
  }
}

// What a document shows of code: there `[&](x)` is no link.
SourceFile without_code(const SourceFile& document) {
  SourceFile prose{document.path, {}};
  bool code = false;
  for (const std::string& line : document.lines) {
    const bool fence = line.find("```") != std::string::npos;
    if (fence) code = !code;
    if (!fence && !code) prose.lines.push_back(line);
  }
  return prose;
}

TEST(Tidy, LinksInDocumentsLeadSomewhere) {
  const std::regex link(R"re(\]\(([^)#]+)(#[^)]*)?\))re");
  for (const SourceFile& file : files_ending_in({".md"})) {
    const std::string text = joined(without_code(file));
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (target.find("://") != std::string::npos || target.starts_with("mailto:")) continue;
      const auto path = (root() / file.path).parent_path() / target;
      EXPECT_TRUE(std::filesystem::exists(path)) << file.path << " links to " << target;
    }
  }
}

}  // namespace
}  // namespace runledger::tidy
