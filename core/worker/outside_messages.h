// The frames in which a plugin's process asks for a call to somebody else's server, and gets its
// answer: a line of JSON, then the body's bytes as they are. Plain functions, any thread; what is
// decoded comes from the other side and is checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/worker/outside_link.h"

namespace runledger::core::worker {

std::string encode_call(const OutsideRequest& request);
std::optional<OutsideRequest> decode_call(std::string_view payload);
std::string encode_call_answer(const OutsideAnswer& answer);
// Nonsense is an answer that never came: the task is to stop.
OutsideAnswer decode_call_answer(std::string_view payload);

struct FetchOrder {
  OutsideRequest request;
  std::string name;        // of the artifact
  std::string media_type;  // empty: as the answer says
};
std::string encode_fetch(const FetchOrder& order);
std::optional<FetchOrder> decode_fetch(std::string_view payload);
std::string encode_fetched(const FetchedArtifact& fetched);
FetchedArtifact decode_fetched(std::string_view payload);

// Of a resource that is read; the file goes along.
std::string encode_opened(const ResourceContent& content);
ResourceContent decode_opened(std::string_view payload, FileDescriptor file);

}  // namespace runledger::core::worker
