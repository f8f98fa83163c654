// Finds the route of a request. Built once, read by any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/http/route.h"

namespace runledger::api {

struct RouteMatch {
  const Route* route;
  std::vector<std::string> path_parameters;
};
struct NoSuchPath {};
struct MethodNotAllowed {
  std::string allow;  // the value of the Allow field, "GET, HEAD"
};
using RouteResult = std::variant<RouteMatch, NoSuchPath, MethodNotAllowed>;

class RouteTable {
 public:
  // Throws std::invalid_argument on a malformed pattern, or on two routes that no request can tell
  // apart.
  explicit RouteTable(std::vector<Route> routes);

  // `path` is percent-decoded. A literal segment wins over a parameter; HEAD finds the GET route.
  RouteResult match(std::string_view method, std::string_view path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Entry {
    std::size_t route;                  // index into routes_
    std::vector<std::string> segments;  // a parameter is ""
  };
  static bool fits(const Entry& entry, const std::vector<std::string_view>& segments);

  std::vector<Route> routes_;
  std::vector<Entry> entries_;  // the most literal first
};

}  // namespace runledger::api
