#include "api/rest/transport/pistache_application.h"

#include <csignal>
#include <vector>

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/transport.h>

#include "api/rest/transport/exchange_table.h"
#include "api/rest/transport/pair_ends.h"
#include "api/rest/transport/pistache_handler.h"

namespace runledger::api {
namespace {

namespace tcp = Pistache::Tcp;

}  // namespace

class PistacheApplication::Impl {
 public:
  explicit Impl(ApplicationSettings settings);
  ~Impl();

  const ApplicationSettings settings;
  ExchangeTable exchanges;
  PairEnds pairs;

 private:
  void connect_pairs();

  std::shared_ptr<Pistache::Aio::Reactor> reactor_;
  std::vector<std::shared_ptr<tcp::Transport>> transports_;  // one per thread
};

PistacheApplication::Impl::Impl(ApplicationSettings given) : settings(given) {
  // Pistache writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  reactor_ = Pistache::Aio::Reactor::create();
  reactor_->init(Pistache::Aio::AsyncContext(static_cast<std::size_t>(settings.threads), "rest"));
  auto handler = std::make_shared<PistacheHandler>(exchanges, pairs, settings);
  auto key = reactor_->addHandler(std::make_shared<tcp::Transport>(handler));
  for (const auto& aio_handler : reactor_->handlers(key)) {
    transports_.push_back(std::static_pointer_cast<tcp::Transport>(aio_handler));
  }
  connect_pairs();
  reactor_->run();
}

// All pairs are handed over before the reactors run: Pistache can miss a peer that is added while
// its thread is just draining the queue of new peers.
void PistacheApplication::Impl::connect_pairs() {
  for (std::size_t i = 0; i < settings.pairs_max; ++i) {
    int fd = pairs.open();
    Pistache::Address address(Pistache::Ipv4::loopback(), Pistache::Port(0));
    auto peer = tcp::Peer::Create(fd, address);
    transports_[i % transports_.size()]->handleNewPeer(peer);
  }
}

PistacheApplication::Impl::~Impl() {
  reactor_->shutdown();
  pairs.shut_down();
  reactor_.reset();  // joins the threads
}

PistacheApplication::PistacheApplication(ApplicationSettings settings)
    : impl_(std::make_unique<Impl>(settings)) {}

PistacheApplication::~PistacheApplication() = default;

const ApplicationSettings& PistacheApplication::settings() const {
  return impl_->settings;
}

int PistacheApplication::take_pair() {
  return impl_->pairs.take();
}

void PistacheApplication::give_back_pair(int fd) {
  impl_->pairs.give_back(fd);
}

void PistacheApplication::retire_pair(int fd) {
  impl_->pairs.retire(fd);
}

std::uint64_t PistacheApplication::admit(std::shared_ptr<Exchange> exchange) {
  return impl_->exchanges.add(std::move(exchange));
}

void PistacheApplication::dismiss(std::uint64_t id) {
  impl_->exchanges.take(id);
}

}  // namespace runledger::api
