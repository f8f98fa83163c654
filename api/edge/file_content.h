// Sends a stored file: conditional, in part, in chunks.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "api/edge/client.h"
#include "api/edge/lane.h"
#include "api/edge/wire.h"

namespace runledger::api {

// `conditions` has the request's fields. True: the connection may go on.
boost::asio::awaitable<bool> send_file(Client& client, Lane& lane, const FileReply& file,
                                       const Request& conditions, const Delivery& delivery);

}  // namespace runledger::api
