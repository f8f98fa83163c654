#include "examples/provider/target.h"

#include <algorithm>
#include <cctype>

namespace runledger::provider {
namespace {

std::string decoded(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                        std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (escape) {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

void read_target(const std::string& target, Request& request) {
  const std::size_t mark = target.find('?');
  request.path = decoded(target.substr(0, mark));
  if (mark == std::string::npos) return;
  for (std::size_t begin = mark + 1; begin < target.size();) {
    const std::size_t end = std::min(target.find('&', begin), target.size());
    const std::string pair = target.substr(begin, end - begin);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string value = equals < pair.size() ? pair.substr(equals + 1) : "";
    request.query[decoded(pair.substr(0, equals))] = decoded(value);
    begin = end + 1;
  }
}

}  // namespace runledger::provider
