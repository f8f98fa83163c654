#include "api/edge/request_id.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace runledger::api {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

bool is_request_id(std::string_view text) {
  auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kRequestIdBytesMax && std::ranges::all_of(text, allowed);
}

std::string random_request_id() {
  static thread_local std::mt19937_64 random{std::random_device()()};
  std::string id = "req_";
  for (int word = 0; word < 2; ++word) {
    std::uint64_t bits = random();
    for (int i = 0; i < 12; ++i, bits >>= 5) id += kDigits[bits & 31];
  }
  return id;
}

}  // namespace runledger::api
