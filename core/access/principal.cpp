#include "core/access/principal.h"

#include <array>
#include <utility>

namespace runledger::core {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 6> kNames{{{Role::kViewer, "viewer"},
                                                                   {Role::kSubmitter, "submitter"},
                                                                   {Role::kReviewer, "reviewer"},
                                                                   {Role::kWorker, "worker"},
                                                                   {Role::kOperator, "operator"},
                                                                   {Role::kAdmin, "admin"}}};

}  // namespace

std::string_view to_text(Role role) {
  for (const auto& [value, name] : kNames) {
    if (value == role) return name;
  }
  return "";
}

std::optional<Role> role_from_text(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace runledger::core
