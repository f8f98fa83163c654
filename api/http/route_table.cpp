#include "api/http/route_table.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace runledger::api {
namespace {

// "/a/b" -> {"a", "b"}, "/" -> {""}.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  for (;;) {
    std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::string to_segment(std::string_view text, std::string_view pattern) {
  bool opens = text.starts_with('{');
  bool closes = text.ends_with('}');
  if (opens && closes && text.size() > 2) return "";
  if (opens || closes || text.empty()) {
    throw std::invalid_argument("malformed route pattern: " + std::string(pattern));
  }
  return std::string(text);
}

// The root has one segment that no parameter may stand for.
const std::string kRoot = "/";

std::vector<std::string> compile(std::string_view pattern) {
  if (pattern == "/") return {kRoot};
  if (!pattern.starts_with('/')) {
    throw std::invalid_argument("malformed route pattern: " + std::string(pattern));
  }
  std::vector<std::string> segments;
  for (std::string_view text : split(pattern)) segments.push_back(to_segment(text, pattern));
  return segments;
}

void add_unique(std::vector<std::string_view>& methods, std::string_view method) {
  if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
}

std::string join(std::vector<std::string_view> methods) {
  std::ranges::sort(methods);
  std::string text;
  for (std::string_view method : methods) {
    if (!text.empty()) text += ", ";
    text += method;
  }
  return text;
}

}  // namespace

RouteTable::RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    entries_.push_back({i, compile(routes_[i].pattern)});
  }
  // Descending: a literal sorts before "", which stands for a parameter.
  std::ranges::stable_sort(entries_, std::greater<>(), &Entry::segments);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    for (std::size_t j = i + 1; j < entries_.size(); ++j) {
      if (entries_[i].segments != entries_[j].segments) break;
      if (routes_[entries_[i].route].method == routes_[entries_[j].route].method) {
        throw std::invalid_argument("two routes for " + routes_[entries_[j].route].method + " " +
                                    routes_[entries_[j].route].pattern);
      }
    }
  }
}

bool RouteTable::fits(const Entry& entry, const std::vector<std::string_view>& segments) {
  if (entry.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& wanted = entry.segments[i];
    if (wanted.empty() ? segments[i].empty() : wanted != segments[i]) return false;
  }
  return true;
}

RouteResult RouteTable::match(std::string_view method, std::string_view path) const {
  if (!path.starts_with('/')) return NoSuchPath{};
  std::vector<std::string_view> segments;
  if (path == "/") {
    segments.push_back(kRoot);
  } else {
    segments = split(path);
  }
  std::string_view wanted = method == "HEAD" ? "GET" : method;
  std::vector<std::string_view> allowed;
  for (const Entry& entry : entries_) {
    if (!fits(entry, segments)) continue;
    const Route& route = routes_[entry.route];
    if (route.method == wanted) {
      RouteMatch match{&route, {}};
      for (std::size_t i = 0; i < segments.size(); ++i) {
        if (entry.segments[i].empty()) match.path_parameters.emplace_back(segments[i]);
      }
      return match;
    }
    add_unique(allowed, route.method);
    if (route.method == "GET") add_unique(allowed, "HEAD");
  }
  if (allowed.empty()) return NoSuchPath{};
  return MethodNotAllowed{join(std::move(allowed))};
}

}  // namespace runledger::api
