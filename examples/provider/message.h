// A request as the provider sees it, and what is sent for it. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace runledger::provider {

struct Request {
  std::string method;
  std::string path;  // percent-decoded, without the query
  std::map<std::string, std::string> query;
  std::string authorization;
  std::string idempotency_key;
  std::string body;
};

// How the bytes of an answer go out.
enum class Way {
  kWhole,
  kSilence,  // nothing is sent; the connection is held
  kDrop,     // nothing is sent; the connection is closed
  kTrickle,  // the head at once, then one byte of the body every `byte_every`
  kCut,      // half of the body, then the connection is closed
  kEndless,  // chunks until the client leaves
};

struct Delivery {
  Way way = Way::kWhole;
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds byte_every{1000};
  std::int64_t length_surplus = 0;  // what Content-Length says beyond the body's bytes
};

struct Answer {
  int status = 200;
  std::string body;
  std::string media_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};  // beside type and length
  Delivery delivery = {};
};

}  // namespace runledger::provider
