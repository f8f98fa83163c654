#include "api/rest/json_body.h"

#include <set>

namespace runledger::api {
namespace {

Problem refused(const std::string& detail) {
  Problem problem;
  problem.status = 400;
  problem.code = "invalid_json";
  problem.detail = detail;
  return problem;
}

// Watches the parser's events; the first thing that it minds ends the parsing.
class Watcher {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    if (!complaint_.empty()) return false;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= kJsonDepthMax) {
        complaint_ = "it is nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
      }
      if (event == Event::object_start) names_.emplace_back();
    } else if (event == Event::object_end) {
      names_.pop_back();
    } else if (event == Event::key && !names_.back().insert(value.get<std::string>()).second) {
      complaint_ = "the member '" + value.get<std::string>() + "' is there twice";
    }
    // A rejected event would drop the value only: the depth has to end the parsing.
    if (!complaint_.empty()) throw std::length_error(complaint_);
    return true;
  }

 private:
  std::string complaint_;
  std::vector<std::set<std::string>> names_;
};

}  // namespace

std::string pointer_token(const std::string& name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

std::variant<Json, Problem> parse_object_body(const std::string& body) {
  if (body.empty()) return refused("Expected a JSON object as the body, but the body is empty");
  try {
    Watcher watcher;
    Json json = Json::parse(body, [&](int depth, Json::parse_event_t event, Json& value) {
      return watcher(depth, event, value);
    });
    if (!json.is_object()) return refused("Expected a JSON object as the body");
    return json;
  } catch (const Json::parse_error& wrong) {
    return refused("The body is not valid JSON: the error is at byte " +
                   std::to_string(wrong.byte));
  } catch (const Json::exception&) {
    return refused("The body holds a number that is out of range");
  } catch (const std::length_error& wrong) {
    return refused(std::string("The body is not taken: ") + wrong.what());
  }
}

}  // namespace runledger::api
