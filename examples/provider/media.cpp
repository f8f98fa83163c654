#include "examples/provider/media.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <string_view>

namespace runledger::provider {
namespace {

constexpr std::uint32_t kSide = 64;  // pixels

void put_big_endian(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

// PNG 1.2, 3.2: length, type, data, CRC of type and data.
void put_chunk(std::string& out, std::string_view type, const std::string& data) {
  const std::string checked = std::string(type) + data;
  put_big_endian(out, static_cast<std::uint32_t>(data.size()));
  out += checked;
  const auto* bytes = reinterpret_cast<const Bytef*>(checked.data());
  put_big_endian(out,
                 static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(checked.size()))));
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  [[maybe_unused]] const int result =
      compress(reinterpret_cast<Bytef*>(packed.data()), &size,
               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  assert(result == Z_OK);
  packed.resize(size);
  return packed;
}

std::optional<int> run_ffmpeg(int file) {
  const std::string target = "/proc/self/fd/" + std::to_string(file);
  const std::array<const char*, 20> arguments = {
      "ffmpeg",    "-v",        "error",        "-nostdin",
      "-f",        "lavfi",     "-i",           "testsrc2=size=160x120:rate=10:duration=1",
      "-c:v",      "libx264",   "-pix_fmt",     "yuv420p",
      "-bitexact", "-movflags", "+faststart",   "-f",
      "mp4",       "-y",        target.c_str(), nullptr};
  pid_t child = -1;
  if (posix_spawnp(&child, "ffmpeg", nullptr, nullptr, const_cast<char**>(arguments.data()),
                   environ) != 0) {
    return std::nullopt;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return status;
}

std::optional<std::string> content_of(int file) {
  struct stat about {};
  if (fstat(file, &about) != 0 || about.st_size <= 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > kClipBytesMax) return std::nullopt;
  std::string bytes(size, '\0');
  if (pread(file, bytes.data(), size, 0) != about.st_size) return std::nullopt;
  return bytes;
}

}  // namespace

std::string make_picture() {
  std::string rows;
  for (std::uint32_t y = 0; y < kSide; ++y) {
    rows += '\0';  // no filter
    for (std::uint32_t x = 0; x < kSide; ++x) {
      rows += static_cast<char>(x * 4);
      rows += static_cast<char>(y * 4);
      rows += static_cast<char>(0x80);
    }
  }
  std::string header;
  put_big_endian(header, kSide);
  put_big_endian(header, kSide);
  header += std::string("\x08\x02\x00\x00\x00", 5);  // 8 bits of RGB, not interlaced

  std::string png = "\x89PNG\r\n\x1a\n";
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", deflated(rows));
  put_chunk(png, "IEND", "");
  return png;
}

std::optional<std::string> make_clip() {
  const int file = memfd_create("clip", 0);  // ffmpeg inherits it: an MP4 needs a file to seek in
  if (file < 0) return std::nullopt;
  const std::optional<int> status = run_ffmpeg(file);
  const std::optional<std::string> clip = status == 0 ? content_of(file) : std::nullopt;
  close(file);
  return clip;
}

}  // namespace runledger::provider
