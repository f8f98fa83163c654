// RFC 9457 problem documents: the body of every answer from 400 up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http/message.h"

namespace runledger::api {

struct FieldError {
  std::string pointer;  // RFC 6901, into the request body; "" is the whole
  std::string message;
};

struct Problem {
  int status = 500;
  std::string code = {};    // stable, for programs: "unknown_task_type"
  std::string detail = {};  // for people: what was expected, what came, what one can do
  std::vector<FieldError> errors = {};
  bool retryable = false;
  std::optional<int> retry_after_s = {};
  // Further members as a JSON object, e.g. the winner of a conflict; may be "".
  std::string extra_json = {};
};

Answer to_answer(const Problem& problem, std::string_view request_id);

}  // namespace runledger::api
