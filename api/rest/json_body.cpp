#include "api/rest/json_body.h"

#include <string>
#include <unordered_set>
#include <vector>

namespace runledger::api {
namespace {

Problem refused(const std::string& detail) {
  Problem problem;
  problem.status = 400;
  problem.code = "invalid_json";
  problem.detail = detail;
  return problem;
}

// Builds the value from the parser's events, and ends it at the first thing that it minds. Members
// are put behind one another: the container's own way of adding one looks at all that are there.
class BodyReader final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == string_t::npos) {
      return complain("the integer " + text.substr(0, 40) +
                      " has more than 64 bits; send it as a string");
    }
    return add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!open_.back().names.insert(name).second) {
      return complain("the member '" + name + "' is there twice");
    }
    open_.back().name = std::move(name);
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kOutOfRange = 406;
    complaint_ = error.id == kOutOfRange
                     ? "The body holds a number that is out of range"
                     : "The body is not valid JSON: the error is at byte " + std::to_string(byte);
    return false;
  }

  Json take_root() { return std::move(root_); }
  const std::string& complaint() const { return complaint_; }

 private:
  struct Open {
    Json* value;
    std::string name;  // of the member whose value comes next
    std::unordered_set<std::string> names;
  };

  bool complain(const std::string& what) {
    complaint_ = "The body is not taken: " + what;
    return false;
  }

  Json* put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Open& in = open_.back();
    if (in.value->is_array())
      return &in.value->get_ref<Json::array_t&>().emplace_back(std::move(value));
    using Members = Json::object_t::Container;
    Members& members = in.value->get_ref<Json::object_t&>();
    return &members.emplace_back(std::move(in.name), std::move(value)).second;
  }
  bool add(Json value) {
    put(std::move(value));
    return true;
  }
  // The innermost open value is the last one of those around it: it stays where it is.
  bool open(Json value) {
    if (open_.size() >= static_cast<std::size_t>(kJsonDepthMax)) {
      return complain("it is nested deeper than " + std::to_string(kJsonDepthMax) + " levels");
    }
    Json* at = put(std::move(value));
    open_.push_back({at, {}, {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Open> open_;
  std::string complaint_;
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
  BodyReader reader;
  if (!Json::sax_parse(body, &reader)) return refused(reader.complaint());
  Json json = reader.take_root();
  if (!json.is_object()) return refused("Expected a JSON object as the body");
  return json;
}

}  // namespace runledger::api
