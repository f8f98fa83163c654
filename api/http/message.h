// Requests and replies as the application sees them: no bytes, no sockets. Plain values.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/access/principal.h"

namespace runledger::api {

struct Request {
  std::string method;                        // "GET"
  std::string path;                          // percent-decoded, "/v1/runs/run_…"
  std::vector<std::string> path_parameters;  // what stood for {…} in the route, in order
  std::map<std::string, std::string, std::less<>>
      query;  // percent-decoded; a repeated key is refused
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case
  std::string body;
  core::Principal principal;  // meaningless on a public route
  std::string request_id;

  std::string_view header(std::string_view name) const;  // empty when absent
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// An answer that is not there yet: given later, once, by any thread. The edge waits for it.
class LaterAnswer {
 public:
  virtual ~LaterAnswer() = default;
  virtual void give(Answer answer) = 0;
};
// The application starts something and calls give() when it is done (possibly before returning).
struct Later {
  std::function<void(std::shared_ptr<LaterAnswer>)> start;
};

// A stored file as the answer; the edge does Range, ETag and streaming.
struct FileReply {
  std::string path;
  std::string media_type;
  std::string etag;       // without quotes
  std::string file_name;  // for Content-Disposition, UTF-8
};

// There is nothing to say yet: the edge asks again when the stream has news or the time is over,
// and then sends whatever the application answers (`empty` when that is a hold again).
struct Hold {
  std::string stream;
  int seconds = 0;
  Answer empty;
};

using Reply = std::variant<Answer, Later, FileReply, Hold>;

using Handler = std::function<Reply(const Request&)>;

}  // namespace runledger::api
