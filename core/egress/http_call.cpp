#include "core/egress/http_call.h"

#include "core/egress/transfer.h"

namespace runledger::core::egress {

HttpCaller::HttpCaller(AllowedEndpoints allowed, std::string user_agent)
    : allowed_(std::move(allowed)), user_agent_(std::move(user_agent)) {}

HttpCaller HttpCaller::to_own_server() {
  return HttpCaller("runledger", true);
}

HttpOutcome HttpCaller::call(const HttpRequest& request, const std::stop_token& stop) const {
  return download(request, -1, stop);
}

HttpOutcome HttpCaller::download(const HttpRequest& request, int file,
                                 const std::stop_token& stop) const {
  if (auto problem = request_problem(request); !problem.empty()) {
    return HttpProblem{"invalid_request", "The call cannot be made: " + problem, false, false};
  }
  return Transfer(request, anywhere_ ? nullptr : &allowed_, file).run(user_agent_, stop);
}

}  // namespace runledger::core::egress
