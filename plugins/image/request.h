// The task's input as plain values.
#pragma once

#include <cstdint>
#include <runledger/plugin.hpp>
#include <string>

namespace runledger::plugins::image {

// The task's input with its defaults filled in.
struct Request {
  std::string prompt;  // UTF-8, control characters other than the line feed replaced by spaces
  int width = 1024;    // pixels
  int height = 1024;
  std::string palette = "auto";
  std::uint32_t seed = 0;
};

// Throws Failure `invalid_input`. The server has validated the input against the schema; this
// guards against being run by anyone else.
Request read_request(const json& input);

}  // namespace runledger::plugins::image
