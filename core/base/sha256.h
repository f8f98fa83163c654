// SHA-256 (OpenSSL) as 64 lower-case hex digits.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace runledger::core {

std::string sha256_hex(std::string_view bytes);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::string_view bytes);
  std::string finish_hex();  // once

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace runledger::core
