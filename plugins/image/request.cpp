#include "plugins/image/request.h"

#include <array>

namespace runledger::plugins::image {
namespace {

constexpr int kSideMin = 16;
constexpr int kSideMax = 4096;
constexpr std::size_t kPromptBytesMax = 8000;  // 2,000 characters of four bytes

[[noreturn]] void refuse(const std::string& message) {
  throw Failure("invalid_input", message, false);
}

std::int64_t whole_number(const json& input, const char* member, std::int64_t min, std::int64_t max,
                          std::int64_t otherwise) {
  const auto found = input.find(member);
  if (found == input.end()) return otherwise;
  const bool good = found->is_number_integer() && *found >= min && *found <= max;
  if (!good) {
    refuse("Expected " + std::string(member) + " to be a whole number from " + std::to_string(min) +
           " to " + std::to_string(max) + ", but it is " + found->dump());
  }
  return found->get<std::int64_t>();
}

std::string choice(const json& input, const char* member, std::span<const char* const> choices) {
  const auto found = input.find(member);
  if (found == input.end()) return choices.front();
  for (const char* one : choices) {
    if (*found == one) return one;
  }
  refuse("Expected " + std::string(member) + " to be one of those in the schema, but it is " +
         found->dump());
}

std::string prompt_of(const json& input) {
  const auto found = input.find("prompt");
  if (found == input.end() || !found->is_string()) refuse("Expected a prompt, a string");
  auto prompt = found->get<std::string>();
  if (prompt.empty() || prompt.size() > kPromptBytesMax) {
    refuse("Expected a prompt of 1 to 2,000 characters");
  }
  for (char& c : prompt) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (control && c != '\n') c = ' ';
  }
  return prompt;
}

}  // namespace

Request read_request(const json& input) {
  static constexpr std::array kProviders = {"local"};
  static constexpr std::array kPalettes = {"auto", "dawn", "ocean", "forest", "ember", "mono"};
  Request request;
  request.prompt = prompt_of(input);
  request.width = static_cast<int>(whole_number(input, "width", kSideMin, kSideMax, 1024));
  request.height = static_cast<int>(whole_number(input, "height", kSideMin, kSideMax, 1024));
  choice(input, "provider", kProviders);
  request.palette = choice(input, "palette", kPalettes);
  request.seed = static_cast<std::uint32_t>(whole_number(input, "seed", 0, UINT32_MAX, 0));
  return request;
}

}  // namespace runledger::plugins::image
