// Who is asking: what a checked token stands for. A plain value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::core {

enum class Role : std::uint8_t { kViewer, kSubmitter, kReviewer, kWorker, kOperator, kAdmin };

std::string_view to_text(Role role);
std::optional<Role> role_from_text(std::string_view text);

class RoleSet {
 public:
  RoleSet() = default;
  RoleSet(std::initializer_list<Role> roles) {
    for (Role role : roles) add(role);
  }
  void add(Role role) { bits_ |= bit(role); }
  bool has(Role role) const { return (bits_ & bit(role)) != 0; }
  bool empty() const { return bits_ == 0; }
  bool operator==(const RoleSet&) const = default;

 private:
  static unsigned bit(Role role) { return 1u << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

struct Principal {
  std::string tenant;
  std::string user;
  RoleSet roles;
  std::string token_id;

  bool is_admin() const { return roles.has(Role::kAdmin); }
  // An admin may do everything.
  bool may(Role role) const { return is_admin() || roles.has(role); }
};

}  // namespace runledger::core
