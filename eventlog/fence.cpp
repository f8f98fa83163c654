#include "eventlog/fence.h"

#include <xxhash.h>

#include <charconv>

#include "eventlog/bytes.h"
#include "eventlog/durable_file.h"
#include "eventlog/event_log.h"
#include "eventlog/failure_latch.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

// Persisted: never change.
constexpr std::string_view kFenceLine = "runledger-fence 1\n";
constexpr std::string_view kHeadWord = "head ";
constexpr std::string_view kHashWord = "\nhash ";
constexpr std::string_view kSumWord = "\nsum ";
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kFenceBytesMax = 256;

std::string with_sum(std::string text) {
  std::string sum;
  put_be<std::uint64_t>(sum, XXH3_64bits(text.data(), text.size()));
  return text + std::string(kSumWord) + to_hex(sum) + "\n";
}

}  // namespace

fs::path beside_log(const fs::path& log_directory, std::string_view extension) {
  fs::path path = log_directory.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  path += extension;
  return path;
}

std::string encode_fence(const ChainHead& chain) {
  return with_sum(std::string(kFenceLine) + std::string(kHeadWord) + std::to_string(chain.head) +
                  std::string(kHashWord) + to_hex(bytes_of(chain.hash)));
}

std::optional<ChainHead> decode_fence(std::string_view text) {
  const std::string start = std::string(kFenceLine) + std::string(kHeadWord);
  if (!text.starts_with(start)) return std::nullopt;
  ChainHead chain;
  const char* end = text.data() + text.size();
  const auto number = std::from_chars(text.data() + start.size(), end, chain.head);
  const std::string_view rest(number.ptr, static_cast<std::size_t>(end - number.ptr));
  if (number.ec != std::errc{} || rest.size() < kHashWord.size() + kHashDigits) return std::nullopt;
  const auto hash = from_hex(rest.substr(kHashWord.size(), kHashDigits));
  if (!hash) return std::nullopt;
  chain.hash = *digest_from(*hash);
  if (encode_fence(chain) != text) return std::nullopt;
  return chain;
}

std::optional<ChainHead> read_fence(const fs::path& file) {
  std::optional<std::string> text;
  try {
    text = read_small_file(file, kFenceBytesMax);
  } catch (const std::system_error& failed) {
    throw LogError(std::string("The fence file cannot be read: ") + failed.what());
  }
  if (!text) return std::nullopt;
  const auto chain = decode_fence(*text);
  if (!chain) throw LogError("The fence file " + file.string() + " is damaged");
  return chain;
}

std::string fence_failure(const std::system_error& failed) {
  const bool full = failed.code() == std::errc::no_space_on_device;
  return std::string("The fence file could not be written: ") + failed.what() +
         way_out_of_failure(full);
}

void write_fence(const fs::path& file, const ChainHead& chain) {
  write_durably(file, encode_fence(chain));
}

}  // namespace runledger::eventlog
