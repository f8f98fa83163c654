#include "core/domain/report_id.h"

#include <charconv>

namespace runledger::core {
namespace {

constexpr std::string_view kLeasePrefix = "lease_";

}  // namespace

std::string report_command_id(std::string_view lease_id, std::uint64_t number) {
  return std::string(lease_id).append(1, '/').append(std::to_string(number));
}

std::optional<ReportId> report_of(std::string_view command_id) {
  if (!command_id.starts_with(kLeasePrefix)) return std::nullopt;
  const std::size_t slash = command_id.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  ReportId id{command_id.substr(0, slash), 0};
  const char* end = command_id.data() + command_id.size();
  const auto [rest, error] = std::from_chars(command_id.data() + slash + 1, end, id.number);
  if (error != std::errc() || rest != end || id.number == 0) return std::nullopt;
  return id;
}

}  // namespace runledger::core
