#include "api/rest/query.h"

#include <charconv>

namespace runledger::api {

std::string Query::text(const std::string& name) {
  read_.insert(name);
  const auto found = request_.query.find(name);
  return found == request_.query.end() ? "" : found->second;
}

std::uint64_t Query::natural(const std::string& name, std::uint64_t fallback, std::uint64_t least,
                             std::uint64_t most) {
  const bool given = request_.query.contains(name);
  const std::string value = text(name);
  if (!given) return fallback;
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || stopped != end || number < least || number > most) {
    complain(name,
             "Expected an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return fallback;
  }
  return number;
}

std::vector<std::string> Query::list(const std::string& name) {
  const std::string given = text(name);
  if (given.empty()) return {};
  std::vector<std::string> items(1);
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == '\\' && i + 1 < given.size()) {
      items.back() += given[++i];
    } else if (given[i] == ',') {
      items.emplace_back();
    } else {
      items.back() += given[i];
    }
  }
  if (items.back().empty()) items.pop_back();
  return items;
}

bool Query::flag(const std::string& name) {
  const std::string value = text(name);
  if (!value.empty() && value != "true" && value != "false") {
    complain(name, "Expected true or false");
  }
  return value == "true";
}

void Query::complain(const std::string& name, const std::string& message) {
  errors_.push_back({name, message});
}

std::optional<Problem> Query::problem() {
  for (const auto& [name, value] : request_.query) {
    if (!read_.contains(name)) complain(name, "There is no such parameter here");
  }
  if (errors_.empty()) return std::nullopt;
  Problem problem;
  problem.status = 400;
  problem.code = "invalid_parameter";
  problem.detail = "Query parameter '" + errors_.front().pointer + "': " + errors_.front().message;
  problem.errors = errors_;
  return problem;
}

}  // namespace runledger::api
