#include "core/egress/address_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace runledger::core::egress {
namespace {

struct Address {
  sockaddr_storage storage{};
  const sockaddr& get() const { return reinterpret_cast<const sockaddr&>(storage); }
};

Address address(const char* text, std::uint16_t port = 443) {
  Address result;
  auto& four = reinterpret_cast<sockaddr_in&>(result.storage);
  auto& six = reinterpret_cast<sockaddr_in6&>(result.storage);
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
  } else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
  } else {
    ADD_FAILURE() << text << " is no address";
  }
  return result;
}

TEST(AddressRules, LetPublicAddressesThrough) {
  for (const char* text : {"1.1.1.1",
                           "8.8.8.8",
                           "9.255.255.255",
                           "11.0.0.1",
                           "100.63.255.255",
                           "100.128.0.1",
                           "126.255.255.255",
                           "128.0.0.1",
                           "169.253.0.1",
                           "172.15.255.255",
                           "172.32.0.1",
                           "192.167.0.1",
                           "192.169.0.1",
                           "198.17.0.1",
                           "198.20.0.1",
                           "223.255.255.255",
                           "2606:4700:4700::1111",
                           "2001:200::1",
                           "2400::1",
                           "fe00::1"}) {
    EXPECT_TRUE(is_public(address(text).get())) << text;
  }
}

TEST(AddressRules, RefuseWhatOnlyThisMachineAndItsNetworkReach) {
  for (const char* text :
       {"0.0.0.0",         "0.1.2.3",        "10.0.0.1",        "10.255.255.255",  "100.64.0.1",
        "100.127.255.255", "127.0.0.1",      "127.255.255.254", "169.254.169.254", "172.16.0.1",
        "172.31.255.255",  "192.0.0.8",      "192.0.2.1",       "192.168.1.1",     "198.18.0.1",
        "198.19.255.255",  "198.51.100.1",   "203.0.113.9",     "224.0.0.1",       "239.1.1.1",
        "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_FALSE(is_public(address(text).get())) << text;
  }
}

TEST(AddressRules, RefuseSixThatIsLocalOrCarriesFour) {
  for (const char* text :
       {"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd12::1",
        "fe80::1", "fec0::1", "ff02::1"}) {
    EXPECT_FALSE(is_public(address(text).get())) << text;
  }
}

TEST(AddressRules, RefuseOtherFamilies) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_FALSE(is_public(other));
  EXPECT_FALSE(may_connect(other, {}));
}

TEST(AddressRules, AllowOneEndpointAndNoOtherPortOfIt) {
  const auto endpoint = parse_endpoint("127.0.0.1:9000");
  ASSERT_TRUE(endpoint);
  const AllowedEndpoints allowed{*endpoint};
  EXPECT_TRUE(may_connect(address("127.0.0.1", 9000).get(), allowed));
  EXPECT_FALSE(may_connect(address("127.0.0.1", 9001).get(), allowed));
  EXPECT_FALSE(may_connect(address("127.0.0.2", 9000).get(), allowed));
}

TEST(AddressRules, ReadEndpointsOfBothFamilies) {
  EXPECT_EQ(parse_endpoint("[0:0::1]:80"), Endpoint("::1", 80));
  EXPECT_EQ(parse_endpoint("10.0.0.7:65535"), Endpoint("10.0.0.7", 65535));
  for (const char* text :
       {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "localhost:80",
        "::1:80", "[::1]", "[::1]80", "127.0.0.1:80x", "127.1:80"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(AddressRules, WriteAddressesForPeople) {
  EXPECT_EQ(to_text(address("127.0.0.1", 80).get()), "127.0.0.1:80");
  EXPECT_EQ(to_text(address("::1", 80).get()), "[::1]:80");
}

}  // namespace
}  // namespace runledger::core::egress
