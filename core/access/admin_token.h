// The admin token's file, DATA/admin-token (mode 0600): made at the first start. A file that an
// operator has deleted is made anew with another secret.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/domain/events.h"

namespace runledger::core {

// The token to record as an event, when the log does not know the file's secret yet: the file is
// there before the event, so a crash between them is mended by the next start. Throws
// std::runtime_error when the file cannot be read or written, or others may read it.
std::optional<TokenCreated> ensure_admin_token(
    const std::filesystem::path& file,
    const std::map<std::string, TokenCreated, std::less<>>& known_tokens, IdSource& ids,
    RandomSource& random);

}  // namespace runledger::core
