// What Pistache calls with a request that came over a pair. Cloned once per reactor thread.
#pragma once

#include <pistache/http.h>

#include "api/rest/transport/exchange_table.h"
#include "api/rest/transport/pair_ends.h"

namespace runledger::api {

class PistacheHandler : public Pistache::Http::Handler {
 public:
  HTTP_PROTOTYPE(PistacheHandler)

  PistacheHandler(ExchangeTable& exchanges, PairEnds& pairs, const ApplicationSettings& settings);

  // Pistache has closed its end. Any reactor thread.
  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override;

  void onRequest(const Pistache::Http::Request& request,
                 Pistache::Http::ResponseWriter writer) override;

 private:
  std::shared_ptr<Exchange> exchange_of(const std::string& id) const;
  void send(const Answer& answer, Pistache::Http::ResponseWriter& writer);

  ExchangeTable* exchanges_;
  PairEnds* pairs_;
  std::size_t answer_bytes_max_;
};

}  // namespace runledger::api
