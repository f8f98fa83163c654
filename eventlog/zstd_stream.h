// Zstandard frames, written and read piece by piece with bounded memory. One thread each; the
// writer uses another one inside. Libzstd's own failures throw std::runtime_error.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "eventlog/byte_source.h"

namespace runledger::eventlog {

// What a reader has to keep of what it has read: at most 2^23 bytes, which RFC 8878 recommends
// every reader to support. A frame that asks for more is refused.
inline constexpr int kZstdWindowLogMax = 23;

using WriteBytes = std::function<void(std::string_view)>;

class ZstdWriter {
 public:
  explicit ZstdWriter(WriteBytes write);
  ~ZstdWriter();

  void write(std::string_view bytes);
  void finish();  // ends the frame; nothing is written afterwards

 private:
  struct Context;

  void compress(std::string_view bytes, bool last);

  WriteBytes write_;
  std::unique_ptr<Context> context_;
  std::string buffer_;
};

// Whether a file that begins with these bytes, four or more, is compressed.
bool is_zstd(std::string_view beginning);

// What a source has, decompressed. A frame that is damaged or does not end throws LogError.
class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(ByteSource& compressed);  // outlives it
  ~ZstdSource() override;
  std::size_t read(std::span<char> into) override;

 private:
  struct Context;

  ByteSource& compressed_;
  std::unique_ptr<Context> context_;
};

}  // namespace runledger::eventlog
