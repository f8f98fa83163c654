// Runs what may block on the disk threads while the lane goes on with other connections.
#pragma once

#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runledger::api {

template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> as_coroutine(Work work) {
  co_return work();
}

// Back on the caller's executor when it returns; what `work` throws comes out here.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> on_disk(boost::asio::thread_pool& disk,
                                                            Work work) {
  return boost::asio::co_spawn(disk, as_coroutine(std::move(work)), boost::asio::use_awaitable);
}

}  // namespace runledger::api
