// Receives an artifact: streamed into the store, kept only if its digest is the one in the path.
#pragma once

#include <string>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "api/edge/client.h"
#include "api/edge/head.h"
#include "api/edge/lane.h"

namespace runledger::api {

// A Problem: the body may be unread in part.
using UploadResult = std::variant<Answer, Problem, ClientGone>;

boost::asio::awaitable<UploadResult> receive_upload(Client& client, Lane& lane,
                                                    std::string_view head_text, const Head& head,
                                                    const Request& request);

}  // namespace runledger::api
