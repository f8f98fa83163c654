// What is outside of a task in a fake host: other people's servers, which answer as the test says,
// credentials by name, resources of earlier steps. Any thread.
#pragma once

#include <runledger/testing/http_reply.hpp>
#include <runledger/testing/http_rules.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace runledger::testing::detail {

class Outside {
 public:
  using Answers = std::function<HttpReply(const HttpRequest&)>;
  struct Resource {
    std::string media_type;
    std::string content;
  };

  void answer(const std::string& url_prefix, HttpReply reply) {
    const std::scoped_lock lock(mutex_);
    scripted_[url_prefix].push_back(std::move(reply));
  }
  void answer_others(Answers answers) {
    const std::scoped_lock lock(mutex_);
    answers_ = std::move(answers);
  }
  void give_credential(const std::string& name, const std::string& url) {
    const std::scoped_lock lock(mutex_);
    credentials_[name] = origin_of(url).value_or(url);
  }
  void add_resource(const std::string& resource_id, Resource resource) {
    const std::scoped_lock lock(mutex_);
    resources_[resource_id] = std::move(resource);
  }
  std::optional<Resource> resource(const std::string& resource_id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = resources_.find(resource_id);
    if (found == resources_.end()) return std::nullopt;
    return found->second;
  }
  std::vector<HttpRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

  // Remembers a request that is sent, and gives what becomes of it.
  HttpReply call(const HttpRequest& request) {
    if (auto problem = credential_problem(request)) return *std::move(problem);
    HttpReply reply = reply_to(request);
    auto* answer = std::get_if<HttpAnswer>(&reply);
    if (answer == nullptr) return reply;
    if (answer->body.size() > request.answer_bytes_max) {
      return HttpProblem{
          "answer_too_large",
          "The answer has more than " + std::to_string(request.answer_bytes_max) + " bytes", false,
          true};
    }
    for (auto& [name, value] : answer->headers) name = lower_case(name);
    answer->retry_after = wait_asked_by(*answer);
    return reply;
  }

 private:
  std::optional<HttpProblem> credential_problem(const HttpRequest& request) const {
    if (request.credential.empty()) return std::nullopt;
    const std::scoped_lock lock(mutex_);
    const auto known = credentials_.find(request.credential);
    if (known == credentials_.end()) {
      return HttpProblem{"credential_unknown", "This worker has no credential '" +
                                                   request.credential +
                                                   "': --credential gives one (in a test "
                                                   "host.give_credential(name, url))"};
    }
    if (origin_of(request.url) == known->second) return std::nullopt;
    return HttpProblem{"credential_not_for_origin", "The credential '" + request.credential +
                                                        "' is for " + known->second + ", not for " +
                                                        without_secrets(request.url)};
  }

  HttpReply reply_to(const HttpRequest& request) {
    Answers answers;
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
      if (auto* scripted = script_of(request.url)) {
        HttpReply reply = scripted->front();
        if (scripted->size() > 1) scripted->pop_front();
        return reply;
      }
      answers = answers_;
    }
    if (answers) return answers(request);  // it may use the host
    return HttpProblem{"not_scripted", "The test does not say what " + request.method + " " +
                                           without_secrets(request.url) +
                                           " answers: host.answer_http(url, answer) or "
                                           "host.on_http(function) does"};
  }

  // Of the longest prefix that fits.
  std::deque<HttpReply>* script_of(const std::string& url) {
    std::deque<HttpReply>* best = nullptr;
    std::size_t length = 0;
    for (auto& [prefix, replies] : scripted_) {
      if (!url.starts_with(prefix) || prefix.size() < length) continue;
      best = &replies;
      length = prefix.size();
    }
    return best;
  }

  // A date in Retry-After is not read here.
  static std::chrono::milliseconds wait_asked_by(const HttpAnswer& answer) {
    constexpr std::uint64_t kWaitMaxS = 24 * 3600;
    if (answer.status != 429 && answer.status != 503) return {};
    if (answer.retry_after.count() > 0) return answer.retry_after;
    const std::string_view said = answer.header("retry-after").value_or("");
    std::uint64_t seconds = 0;
    for (const char digit : said) {
      if (digit < '0' || digit > '9') return {};
      seconds = std::min(seconds * 10 + static_cast<std::uint64_t>(digit - '0'), kWaitMaxS);
    }
    return std::chrono::seconds(seconds);
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::deque<HttpReply>> scripted_;  // by prefix of the URL
  Answers answers_;
  std::map<std::string, std::string> credentials_;  // the origin of each
  std::map<std::string, Resource> resources_;
  std::vector<HttpRequest> requests_;
};

}  // namespace runledger::testing::detail
