// Which addresses a call to somebody else's server may connect to. A URL that a tenant has written
// must not reach what only this machine and its network can: loopback, private and link-local
// ranges, the metadata service of a cloud. Plain values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

struct sockaddr;

namespace runledger::core::egress {

// An address in text and a port, as configured: "127.0.0.1:9000", "[::1]:9000".
using Endpoint = std::pair<std::string, std::uint16_t>;

std::optional<Endpoint> parse_endpoint(std::string_view text);

// What may be connected to although it is not public: whole endpoints only, so that an allowed
// provider on this machine opens no other port of it.
using AllowedEndpoints = std::set<Endpoint>;

// Of the address that a connection is really made to, after redirects and name resolution. False
// for anything that is not IPv4 or IPv6. The ranges are those of RFC 6890 and its updates; IPv6
// addresses that carry an IPv4 one (mapped, NAT64, 6to4, Teredo) are refused as a whole.
bool is_public(const sockaddr& address);
bool may_connect(const sockaddr& address, const AllowedEndpoints& allowed);

// "127.0.0.1:9000", for messages.
std::string to_text(const sockaddr& address);

}  // namespace runledger::core::egress
