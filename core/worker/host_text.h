// Checks of the text that plugins hand over, and why a call was not done. The reason is kept per
// thread, since a plugin may call from several.
#pragma once

#include <runledger/plugin.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "core/protocol/json_text.h"

namespace runledger::core::worker {

std::string string_of(runledger_text text);
// At most that many bytes, cut between characters.
std::string clipped(std::string text, std::size_t bytes_max);

runledger_status refuse(runledger_status status, std::string reason) noexcept;
runledger_status refuse_size(std::string_view what, std::size_t bytes, std::size_t bytes_max);
const std::string& last_refusal() noexcept;
void clear_refusal() noexcept;

// RUNLEDGER_OK, or a refusal. A text is UTF-8 of at most kTextBytesMax bytes; a name is not empty,
// has at most kNameBytesMax bytes and no control characters.
runledger_status check_text(std::string_view what, runledger_text text);
runledger_status check_name(std::string_view what, runledger_text text);
runledger_status check_json(std::string_view what, runledger_text text, std::size_t bytes_max,
                            protocol::JsonKind kind);

}  // namespace runledger::core::worker
