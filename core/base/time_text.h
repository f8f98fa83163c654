// Times as text: RFC 3339, UTC, microseconds: "2026-03-01T12:00:00.000000Z".
#pragma once

#include <cstdint>
#include <string>

namespace runledger::core {

std::string rfc3339(std::int64_t time_us);

}  // namespace runledger::core
