#include "eventlog/checkpoint.h"

#include <nlohmann/json.hpp>

#include "eventlog/time_text.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kKeyIdDigits = 16;

// What the signature is over: never change.
std::string message_of(const Checkpoint& checkpoint) {
  return "runledger-checkpoint-1\noffset " + std::to_string(checkpoint.offset) + "\nhash " +
         to_hex(bytes_of(checkpoint.hash)) + "\ntime " + checkpoint.time + "\nkey " +
         to_hex(checkpoint.public_key) + "\n";
}

}  // namespace

Checkpoint sign_checkpoint(const ChainHead& chain, std::int64_t now_us, const SealKey& key) {
  Checkpoint checkpoint;
  checkpoint.offset = chain.head - 1;
  checkpoint.hash = chain.hash;
  checkpoint.time = utc_text(now_us);
  checkpoint.public_key = key.public_key();
  checkpoint.signature = key.sign(message_of(checkpoint));
  return checkpoint;
}

bool has_good_signature(const Checkpoint& checkpoint) {
  return is_signed_by(checkpoint.public_key, message_of(checkpoint), checkpoint.signature);
}

std::string key_id(std::string_view public_key) {
  Sha256 hash;
  hash.begin();
  hash.update(public_key);
  const Digest digest = hash.finish();
  return to_hex(bytes_of(digest)).substr(0, kKeyIdDigits);
}

std::string to_json(const Checkpoint& checkpoint) {
  const nlohmann::ordered_json json = {{"format", 1},
                                       {"offset", checkpoint.offset},
                                       {"hash", to_hex(bytes_of(checkpoint.hash))},
                                       {"time", checkpoint.time},
                                       {"key_id", key_id(checkpoint.public_key)},
                                       {"public_key", to_hex(checkpoint.public_key)},
                                       {"signature", to_hex(checkpoint.signature)}};
  return json.dump();
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("format", nlohmann::json()) != 1) return std::nullopt;
  const auto bytes = [&](const char* name) -> std::optional<std::string> {
    const auto found = json.find(name);
    if (found == json.end() || !found->is_string()) return std::nullopt;
    return from_hex(found->get_ref<const std::string&>());
  };
  const auto offset = json.find("offset");
  const auto time = json.find("time");
  const auto hash = bytes("hash");
  const auto public_key = bytes("public_key");
  const auto signature = bytes("signature");
  if (offset == json.end() || !offset->is_number_unsigned()) return std::nullopt;
  if (time == json.end() || !time->is_string()) return std::nullopt;
  if (!hash || !digest_from(*hash) || !public_key || !signature) return std::nullopt;
  return Checkpoint{offset->get<Offset>(), *digest_from(*hash), time->get<std::string>(),
                    *public_key, *signature};
}

}  // namespace runledger::eventlog
