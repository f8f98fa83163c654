// What both decoders share. Inside core/protocol.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/protocol/fields.h"
#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"
#include "core/protocol/parse.h"

namespace runledger::core::protocol {

// Levels that a frame puts around an embedded value: {"reports": [{"data": ...}]}.
inline constexpr std::size_t kEnvelopeNesting = 3;

ReportBody decode_body(const Fields& report);

// Parses the frame and hands its fields and type to `read`, which throws BadField. (A template for
// the two message variants only.)
template <typename Message, typename Read>
std::variant<Message, ProtocolError> decode_frame(std::string_view frame, Read read) {
  if (frame.size() > kMessageBytesMax) {
    return ProtocolError{"Expected a frame of at most " + std::to_string(kMessageBytesMax) +
                         " bytes, but it has " + std::to_string(frame.size())};
  }
  const auto parsed = parse_json(frame, kJsonNestingMax + kEnvelopeNesting);
  if (const auto* problem = std::get_if<std::string>(&parsed)) {
    return ProtocolError{"Expected a frame of JSON, but: " + *problem};
  }
  try {
    const Fields fields(std::get<nlohmann::json>(parsed), "");
    return Message(read(fields, fields.text("type")));
  } catch (const BadField& error) {
    return ProtocolError{error.what()};
  }
}

}  // namespace runledger::core::protocol
