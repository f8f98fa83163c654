#include "core/egress/address_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <cstring>

namespace runledger::core::egress {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

struct Range {
  Bytes bytes;
  unsigned bits;
};

constexpr Range v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, unsigned bits) {
  return {{a, b, c, d}, bits};
}

constexpr Range kNotPublicV4[] = {
    v4(0, 0, 0, 0, 8),      v4(10, 0, 0, 0, 8),     v4(100, 64, 0, 0, 10), v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16), v4(172, 16, 0, 0, 12),  v4(192, 0, 0, 0, 24),  v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24), v4(192, 168, 0, 0, 16), v4(198, 18, 0, 0, 15), v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24), v4(224, 0, 0, 0, 3),
};

constexpr Range kNotPublicV6[] = {
    {{}, 96},  // ::, ::1, and the old "compatible" IPv4 addresses
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},  // ::ffff:0:0/96, IPv4-mapped
    {{0, 0x64, 0xff, 0x9b}, 32},                       // 64:ff9b::/96 and 64:ff9b:1::/48, NAT64
    {{0x01, 0x00}, 64},                                // 100::/64, discard
    {{0x20, 0x01, 0x00}, 23},                          // 2001::/23, Teredo among others
    {{0x20, 0x01, 0x0d, 0xb8}, 32},                    // 2001:db8::/32, documentation
    {{0x20, 0x02}, 16},                                // 2002::/16, 6to4
    {{0xfc}, 7},                                       // fc00::/7, unique local
    {{0xfe, 0x80}, 9},                                 // fe80::/10 link-local, fec0::/10 site-local
    {{0xff}, 8},                                       // ff00::/8, multicast
};

bool is_in(const Bytes& address, const Range& range) {
  const unsigned whole = range.bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, range.bytes.begin())) return false;
  const unsigned rest = range.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (address[whole] & mask) == (range.bytes[whole] & mask);
}

template <std::size_t N>
bool is_in_any(const Bytes& address, const Range (&ranges)[N]) {
  for (const Range& range : ranges) {
    if (is_in(address, range)) return true;
  }
  return false;
}

std::optional<Endpoint> endpoint_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    return Endpoint{text.data(), ntohs(in.sin_port)};
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    return Endpoint{text.data(), ntohs(in.sin6_port)};
  }
  return std::nullopt;
}

// The form that inet_ntop gives, so that "0:0::1" and "::1" are the same; none: not an address.
std::optional<std::string> normal_form(const std::string& text) {
  std::array<char, INET6_ADDRSTRLEN> normal{};
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) {
    return inet_ntop(AF_INET, &four, normal.data(), normal.size());
  }
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) {
    return inet_ntop(AF_INET6, &six, normal.data(), normal.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;
  const auto address = normal_form(std::string(host));
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool good = error == std::errc() && end == digits.data() + digits.size() && port != 0;
  if (!address || !good) return std::nullopt;
  return Endpoint{*address, port};
}

bool is_public(const sockaddr& address) {
  Bytes bytes{};
  if (address.sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    return !is_in_any(bytes, kNotPublicV4);
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::memcpy(bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
    return !is_in_any(bytes, kNotPublicV6);
  }
  return false;
}

bool may_connect(const sockaddr& address, const AllowedEndpoints& allowed) {
  if (is_public(address)) return true;
  const auto endpoint = endpoint_of(address);
  return endpoint && allowed.contains(*endpoint);
}

std::string to_text(const sockaddr& address) {
  const auto endpoint = endpoint_of(address);
  if (!endpoint) return "an address that is no internet address";
  const auto& [host, port] = *endpoint;
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace runledger::core::egress
