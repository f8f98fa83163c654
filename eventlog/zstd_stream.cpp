#include "eventlog/zstd_stream.h"

#include <zstd.h>

#include <new>
#include <stdexcept>

#include "eventlog/event_log.h"

namespace runledger::eventlog {
namespace {

constexpr int kLevel = 3;
constexpr std::uint32_t kSkippableMagic = 0x184d2a50;  // the last four bits are free
constexpr std::uint32_t kSkippableMask = 0xfffffff0;
constexpr std::size_t kMagicBytes = 4;

void require(std::size_t result) {
  if (ZSTD_isError(result) == 0) return;
  throw std::runtime_error(std::string("Compressing failed: ") + ZSTD_getErrorName(result));
}

}  // namespace

struct ZstdWriter::Context {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> stream{ZSTD_createCCtx(), ZSTD_freeCCtx};
};

ZstdWriter::ZstdWriter(WriteBytes write)
    : write_(std::move(write)),
      context_(std::make_unique<Context>()),
      buffer_(ZSTD_CStreamOutSize(), '\0') {
  if (!context_->stream) throw std::bad_alloc();
  ZSTD_CCtx* stream = context_->stream.get();
  require(ZSTD_CCtx_setParameter(stream, ZSTD_c_compressionLevel, kLevel));
  require(ZSTD_CCtx_setParameter(stream, ZSTD_c_checksumFlag, 1));
  // A library that was built without threads refuses this, and compresses in ours.
  ZSTD_CCtx_setParameter(stream, ZSTD_c_nbWorkers, 1);
}
ZstdWriter::~ZstdWriter() = default;

void ZstdWriter::write(std::string_view bytes) {
  compress(bytes, false);
}

void ZstdWriter::finish() {
  compress({}, true);
}

void ZstdWriter::compress(std::string_view bytes, bool last) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(context_->stream.get(), &out, &in,
                                                  last ? ZSTD_e_end : ZSTD_e_continue);
    require(left);
    if (out.pos > 0) write_(std::string_view(buffer_).substr(0, out.pos));
    if (last ? left == 0 : in.pos == in.size) return;
  }
}

bool is_zstd(std::string_view beginning) {
  if (beginning.size() < kMagicBytes) return false;
  std::uint32_t magic = 0;
  for (std::size_t i = kMagicBytes; i-- > 0;) {
    magic = magic << 8 | static_cast<unsigned char>(beginning[i]);
  }
  return magic == ZSTD_MAGICNUMBER || (magic & kSkippableMask) == kSkippableMagic;
}

struct ZstdSource::Context {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> stream{ZSTD_createDCtx(), ZSTD_freeDCtx};
  std::string buffer = std::string(ZSTD_DStreamInSize(), '\0');
  ZSTD_inBuffer in{buffer.data(), 0, 0};
  std::size_t wanted = 0;  // 0 between two frames
};

ZstdSource::ZstdSource(ByteSource& compressed)
    : compressed_(compressed), context_(std::make_unique<Context>()) {
  if (!context_->stream) throw std::bad_alloc();
  require(ZSTD_DCtx_setParameter(context_->stream.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax));
}
ZstdSource::~ZstdSource() = default;

std::size_t ZstdSource::read(std::span<char> into) {
  Context& context = *context_;
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  while (out.pos == 0) {
    if (context.in.pos == context.in.size) {
      context.in.pos = 0;
      context.in.size = compressed_.read(context.buffer);
    }
    const bool at_end = context.in.size == 0;
    if (at_end && context.wanted == 0) return 0;
    const std::size_t consumed = context.in.pos;
    const std::size_t result = ZSTD_decompressStream(context.stream.get(), &out, &context.in);
    if (ZSTD_isError(result) != 0) {
      throw LogError(std::string("its compression is damaged, or needs too much memory: ") +
                     ZSTD_getErrorName(result));
    }
    if (at_end && out.pos == 0 && context.in.pos == consumed) {
      throw LogError("its compression does not end: the file was cut");
    }
    context.wanted = result;
  }
  return out.pos;
}

}  // namespace runledger::eventlog
