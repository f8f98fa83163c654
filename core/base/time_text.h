// Times as text: RFC 3339, UTC, microseconds: "2026-03-01T12:00:00.000000Z".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::core {

std::string rfc3339(std::int64_t time_us);
// Any zone offset, up to nine digits of a second; nullopt for what is no such time.
std::optional<std::int64_t> time_from_rfc3339(std::string_view text);

}  // namespace runledger::core
