#include "tests/plugins/http_stub.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace runledger::core::worker::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

struct HttpStub::Impl {
  explicit Impl(std::vector<unsigned> chosen)
      : answers(std::move(chosen)), thread([this] { run(); }) {}
  ~Impl() {
    ::shutdown(acceptor.native_handle(), SHUT_RDWR);  // wakes accept
    thread.join();
  }

  void run() {
    for (const unsigned status : answers) {
      boost::system::error_code error;
      tcp::socket socket = acceptor.accept(error);
      if (error) return;
      serve(socket, status);
    }
  }

  void serve(tcp::socket& socket, unsigned status) {
    boost::system::error_code ignored;
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request, ignored);
    remember(request);
    if (status == kSilence) {
      char byte = 0;
      socket.read_some(asio::buffer(&byte, 1), ignored);
      return;
    }
    http::response<http::string_body> response(static_cast<http::status>(status), 11);
    response.keep_alive(false);
    response.body() = "answer " + std::to_string(status);
    if (status / 100 == 3) response.set(http::field::location, "http://127.0.0.1:1/elsewhere");
    response.prepare_payload();
    http::write(socket, response, ignored);
    socket.shutdown(tcp::socket::shutdown_both, ignored);
  }

  void remember(const http::request<http::string_body>& request) {
    const std::scoped_lock lock(mutex);
    requests.push_back({std::string(request.method_string()), std::string(request.target()),
                        std::string(request[http::field::authorization]),
                        std::string(request[http::field::content_type]),
                        std::string(request[http::field::expect]), request.body()});
    changed.notify_all();
  }

  const std::vector<unsigned> answers;
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::make_address_v4("127.0.0.1"), 0}};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<StubRequest> requests;
  std::thread thread;  // last: it uses the rest
};

HttpStub::HttpStub(std::vector<unsigned> answers)
    : impl_(std::make_unique<Impl>(std::move(answers))) {}
HttpStub::~HttpStub() = default;

std::string HttpStub::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->acceptor.local_endpoint().port());
}

void HttpStub::wait_for_requests(std::size_t count) const {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->requests.size() >= count; });
}

std::vector<StubRequest> HttpStub::requests() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace runledger::core::worker::testing
