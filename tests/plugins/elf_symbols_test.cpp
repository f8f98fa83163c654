// What a library exports, read from its bytes, whatever these are.
#include "core/check/elf_symbols.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "tests/core/temporary_directory.h"

namespace runledger::core::check {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ElfSymbols : public ::testing::Test {
 protected:
  std::variant<std::vector<std::string>, NoLibrary> symbols_of(const std::string& bytes) {
    const auto file = directory_.path() / "it.so";
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    return exported_symbols(file);
  }
  const std::string raw = content_of(RUNLEDGER_TEST_PLUGINS "/raw_sound.so");

 private:
  core::testing::TemporaryDirectory directory_;
};

TEST_F(ElfSymbols, NamesWhatALibraryExports) {
  const auto names = std::get<std::vector<std::string>>(symbols_of(raw));
  EXPECT_THAT(names, Contains("execute"));
  EXPECT_THAT(names, Contains("runledger_plugin_v1"));
  const auto hello = exported_symbols(RUNLEDGER_TEST_PLUGINS "/hello.so");
  EXPECT_THAT(std::get<std::vector<std::string>>(hello), ElementsAre("runledger_plugin_v1"));
}

TEST_F(ElfSymbols, SaysWhatIsNoLibrary) {
  EXPECT_EQ(std::get<NoLibrary>(symbols_of("#!/bin/sh")).reason, "it is no ELF file");
  EXPECT_THAT(std::get<NoLibrary>(exported_symbols("/nowhere.so")).reason, HasSubstr("read"));
  EXPECT_THAT(std::get<NoLibrary>(symbols_of(raw.substr(0, raw.size() / 4))).reason,
              HasSubstr("no table"));
}

TEST_F(ElfSymbols, SurvivesDamage) {
  constexpr std::size_t kHeaderBytes = 64;
  const std::size_t step = raw.size() / 50;
  for (std::size_t size = 0; size < raw.size(); size += step) symbols_of(raw.substr(0, size));
  for (std::size_t at = 0; at < kHeaderBytes; ++at) {
    std::string damaged = raw;
    damaged[at] = '\xff';
    symbols_of(damaged);
  }
  for (std::size_t at = raw.size() - 40 * kHeaderBytes; at < raw.size(); at += 3) {
    std::string damaged = raw;  // the table of sections is at the end
    damaged[at] = '\xff';
    symbols_of(damaged);
  }
}

}  // namespace
}  // namespace runledger::core::check
