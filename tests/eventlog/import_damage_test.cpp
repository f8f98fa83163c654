// An export that was damaged, cut, or made by somebody who means harm is refused with its line, and
// leaves nothing behind.
#include <gmock/gmock.h>
#include <zstd.h>

#include <map>

#include "eventlog/export_parse.h"
#include "eventlog/line_reader.h"
#include "eventlog/zstd_stream.h"
#include "tests/eventlog/exchange_support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ImportDamage : public ::testing::Test {
 protected:
  ImportDamage() {
    make_small_log(directory_ / "data");
    text_ = export_text(directory_ / "data");
    lines_ = lines_of(text_);
    fs::remove_all(directory_ / "data");
  }

  fs::path copy() const { return directory_ / "copy"; }

  std::string expect_refused(std::string_view text, const std::string& what) {
    const std::string fault = import_text(text, copy());
    EXPECT_NE(fault, "") << what;
    EXPECT_TRUE(fs::is_empty(directory_.path())) << what;
    for (const auto& entry : fs::directory_iterator(directory_.path())) fs::remove_all(entry);
    return fault;
  }

  std::string compressed() const {
    std::string out;
    ZstdWriter writer([&](std::string_view bytes) { out += bytes; });
    writer.write(text_);
    writer.finish();
    return out;
  }

  // The text with one piece of one line replaced.
  std::string with(std::size_t line, const std::string& from, const std::string& to) const {
    auto lines = lines_;
    const std::size_t at = lines[line].find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << lines[line];
    if (at != std::string::npos) lines[line].replace(at, from.size(), to);
    return joined(lines);
  }

  TempDir directory_;
  std::string text_;
  std::vector<std::string> lines_;
};

TEST_F(ImportDamage, ThereIsNoneInWhatIsTested) {
  ASSERT_EQ(lines_.size(), 10u) << text_;  // two of them checkpoints
  EXPECT_EQ(import_text(text_, copy()), "");
}

TEST_F(ImportDamage, OfAnyBitOfAnEventIsNoticed) {
  ExportStart start;
  EventParser parser;
  ASSERT_EQ(parse_start_line(lines_[0], start), "");
  for (const std::string& line : lines_) {
    EventLine good;
    if (!parser.parse(line, start.source, good).empty()) continue;
    EventLine read;
    for (std::size_t bit = 0; bit < 8 * line.size(); ++bit) {
      auto flipped = line;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      // Either it is no line, or it stands for something else, which the commit's hash tells.
      if (!parser.parse(flipped, start.source, read).empty()) continue;
      EXPECT_TRUE(read.record_bytes != good.record_bytes || read.marks.hash != good.marks.hash ||
                  read.marks.events != good.marks.events)
          << flipped;
    }
  }
}

TEST_F(ImportDamage, OfAnyFieldIsRefused) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    for (std::size_t at = lines_[line].find("\":"); at != std::string::npos;
         at = lines_[line].find("\":", at + 1)) {
      auto lines = lines_;
      char& in_value = lines[line][at + 3];
      in_value = static_cast<char>(in_value ^ 1);
      expect_refused(joined(lines), lines[line]);
    }
  }
}

TEST_F(ImportDamage, OfALineFeedIsRefused) {
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    for (const std::string_view other : {" ", "\r\n", "\n\n", ""}) {
      auto text = text_;
      expect_refused(text.replace(at, 1, other), "line feed at " + std::to_string(at));
    }
  }
}

TEST_F(ImportDamage, ByLinesThatAreMissingIsRefused) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    auto lines = lines_;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(line));
    expect_refused(joined(lines), "without " + lines_[line]);
  }
}

TEST_F(ImportDamage, ByLinesThatAreTwiceThereIsRefused) {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    for (std::size_t to = 0; to <= lines_.size(); ++to) {
      auto lines = lines_;
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(to), lines_[line]);
      expect_refused(joined(lines), std::to_string(line) + " again at " + std::to_string(to));
    }
  }
}

TEST_F(ImportDamage, ByLinesInAnotherOrderIsRefused) {
  for (std::size_t one = 0; one < lines_.size(); ++one) {
    for (std::size_t other = one + 1; other < lines_.size(); ++other) {
      auto lines = lines_;
      std::swap(lines[one], lines[other]);
      expect_refused(joined(lines), std::to_string(one) + " and " + std::to_string(other));
    }
  }
}

TEST_F(ImportDamage, ByACutIsRefused) {
  for (std::size_t size = 0; size < text_.size(); size += 37) {
    expect_refused(text_.substr(0, size), "cut to " + std::to_string(size));
  }
  std::size_t size = 0;
  for (const std::string& line : lines_) {
    size += line.size() + 1;
    expect_refused(text_.substr(0, size - 1), "cut to " + std::to_string(size - 1));
    if (size < text_.size()) expect_refused(text_.substr(0, size), "cut behind a line");
  }
}

TEST_F(ImportDamage, ByWhatStandsBehindTheEndIsRefused) {
  for (const std::string more : {"x", "\n", "{}\n", " "}) {
    EXPECT_THAT(expect_refused(text_ + more, more), StartsWith("Line 11, offset 6: "));
  }
  expect_refused(text_ + text_, "twice");
  EXPECT_THAT(expect_refused(text_ + lines_[1] + "\n", "an event"), HasSubstr("behind the last"));
}

TEST_F(ImportDamage, OfACompressedFileIsRefusedOrChangesNothing) {
  const std::string whole = compressed();
  for (std::size_t size = 1; size < whole.size(); size += 41) {
    expect_refused(whole.substr(0, size), "cut to " + std::to_string(size));
  }
  expect_refused(whole + "x", "more behind it");
  expect_refused(whole + whole, "twice");
  for (std::size_t at = 0; at < whole.size(); at += 17) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    const std::string fault = import_text(flipped, copy());
    EXPECT_TRUE(!fault.empty() || export_text(copy()) == text_) << at;
    fs::remove_all(copy());
    EXPECT_TRUE(fs::is_empty(directory_.path())) << at;
  }
}

TEST_F(ImportDamage, IsNamedWithItsLineAndItsReason) {
  const std::map<std::string, std::string> reasons = {
      {"", "Line 1: the file is empty"},
      {"PK\x03\x04 something else\n", "Line 1: it does not begin as an export"},
      {with(0, "version\":1", "version\":2"), "Line 1: it has format version 2"},
      {with(1, R"("offset":"0")", R"("offset":"9")"), "Line 2, offset 0: "},
      {with(2, R"("idx":"1")", R"("idx":"2")"), "Line 3, offset 1: the event is entry 2"},
      {with(3, R"("data":{})", R"("data":[])"), "Line 4, offset 2: the events from offset 0 to 2"},
      {with(3, R"("data":{})", R"("data":{)"), "Line 4, offset 2: data is not one value of JSON"},
      {with(1, R"(2023-11-14T22)", R"(2023-11-14T32)"), "Line 2, offset 0: time is not"},
      {with(1, R"("commitevents":"3")", R"("commitevents":"2")"),
       "Line 3, offset 1: the commit ends here, but commithash is missing"},
      {with(1, R"("commitevents":"3")", R"("commitevents":"7")"),
       "Line 2, offset 0: the commit has 7 events"},
      {with(1, R"(,"commitevents":"3")", ""), "Line 2, offset 0: a commit has to begin here"},
      {with(0, R"("to":6)", R"("to":5)"), "Line 1: byte 36 of the line is not as"},
      {with(1, R"("tenant":"acme")", R"("tenant":"acne")"), "Line 4, offset 2: "},
      {with(5, R"("signature":")", R"("signature":"00)"),
       "Line 6, offset 4: the checkpoint's signature"},
      {with(9, R"("checkpoints":2)", R"("checkpoints":1)"), "Line 10, offset 6: the last line"}};
  for (const auto& [text, reason] : reasons) {
    EXPECT_THAT(expect_refused(text, reason), StartsWith(reason));
  }
}

TEST_F(ImportDamage, OfACheckpointIsNamed) {
  const std::string& line = lines_[5];
  ASSERT_THAT(line, HasSubstr("checkpoint-3"));
  const auto digit_of = [&](const std::string& member) {
    return line.substr(line.find(member), member.size() + 3);
  };
  const auto changed = [](std::string digits) {
    digits.back() = digits.back() == '0' ? '1' : '0';
    return digits;
  };
  const std::string hash = digit_of(R"("hash":")");
  EXPECT_THAT(expect_refused(with(5, hash, changed(hash)), "hash"), HasSubstr("another hash"));
  const std::string signature = digit_of(R"("signature":")");
  EXPECT_THAT(expect_refused(with(5, signature, changed(signature)), "signature"),
              HasSubstr("signature is wrong"));
}

// All lines speak of another source: it is not that of the first commit.
TEST_F(ImportDamage, OfTheSourceIsRefused) {
  auto lines = lines_;
  const std::string path = "/runledger/logs/";
  for (std::string& line : lines) {
    char& digit = line[line.find(path) + path.size()];
    digit = digit == '0' ? '1' : '0';
  }
  EXPECT_THAT(expect_refused(joined(lines), "source"), HasSubstr("the source is not that"));
}

TEST_F(ImportDamage, ThatHidesAMemberInDataIsRefused) {
  EXPECT_THAT(expect_refused(with(3, R"("data":{})", R"("data":{},"tenant":"other")"), "member"),
              HasSubstr("not one value of JSON"));
}

TEST_F(ImportDamage, ByDeepNestingIsRefused) {
  const std::string deep(1'000'000, '[');
  expect_refused(with(3, R"("data":{})", R"("data":)" + deep), "event");
  expect_refused(with(5, R"("data":{)", R"("data":)" + deep), "checkpoint");
  expect_refused(with(0, R"("data":{)", R"("data":)" + deep), "start");
  expect_refused(with(9, R"("data":{)", R"("data":)" + deep), "end");
  const std::string short_enough(2000, '[');
  expect_refused(with(5, R"({"format":1,)", R"({"format":)" + short_enough), "checkpoint");
}

// Never ends.
class EndlessSource final : public ByteSource {
 public:
  explicit EndlessSource(std::string beginning) : beginning_(std::move(beginning)) {}
  std::size_t read(std::span<char> into) override {
    const std::size_t got = std::min(into.size(), beginning_.size());
    beginning_.copy(into.data(), got);
    beginning_.erase(0, got);
    std::fill(into.begin() + static_cast<std::ptrdiff_t>(got), into.end(), '[');
    given_ += into.size();
    return into.size();
  }
  std::size_t given() const { return given_; }

 private:
  std::string beginning_;
  std::size_t given_ = 0;
};

TEST_F(ImportDamage, ByALineWithoutEndIsRefusedBeforeItFillsTheMemory) {
  for (const std::string& beginning : {std::string(), lines_[0] + "\n" + lines_[1] + "\n"}) {
    EndlessSource endless(beginning);
    EXPECT_THROW(import_log(endless, copy()), ImportRefused);
    EXPECT_LT(endless.given(), 4 * kLineBytesMax);
    EXPECT_TRUE(fs::is_empty(directory_.path()));
  }
}

TEST_F(ImportDamage, ByADecompressionBombIsRefused) {
  std::string bomb;
  ZstdWriter writer([&](std::string_view bytes) { bomb += bytes; });
  writer.write(lines_[0] + "\n");
  const std::string piece(1024 * 1024, '[');
  for (int i = 0; i < 500; ++i) writer.write(piece);
  writer.finish();
  EXPECT_LT(bomb.size(), 1024u * 1024);
  EXPECT_THAT(expect_refused(bomb, "bomb"), HasSubstr("longer than"));
}

TEST_F(ImportDamage, ByACompressionThatAsksForMuchMemoryIsRefused) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> stream(ZSTD_createCCtx(),
                                                                    ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(stream.get(), ZSTD_c_windowLog, kZstdWindowLogMax + 1);
  std::string out(ZSTD_compressBound(text_.size()), '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{text_.data(), text_.size(), 0};
  // Ended in a second call, so that the size, which would lessen the window, is not known before.
  ZSTD_compressStream2(stream.get(), &to, &from, ZSTD_e_flush);
  ASSERT_EQ(ZSTD_compressStream2(stream.get(), &to, &from, ZSTD_e_end), 0u);
  EXPECT_THAT(expect_refused(out.substr(0, to.pos), "window"), HasSubstr("too much memory"));
}

TEST_F(ImportDamage, IsNotSeenWhereFramesFollowEachOther) {
  std::string frames;
  for (std::size_t at = 0; at < text_.size(); at += 500) {
    ZstdWriter writer([&](std::string_view bytes) { frames += bytes; });
    writer.write(std::string_view(text_).substr(at, 500));
    writer.finish();
  }
  EXPECT_EQ(import_text(frames, copy()), "");
  EXPECT_EQ(export_text(copy()), text_);
}

}  // namespace
}  // namespace runledger::eventlog::test
