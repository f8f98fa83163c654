// From what the core says to HTTP: the one place where its refusals get a status.
#pragma once

#include <string>

#include "api/http/message.h"
#include "api/http/problem.h"
#include "core/engine/engine.h"

namespace runledger::api {

Answer json_answer(int status, std::string body);
Problem problem_of(const core::Rejection& rejection);
Problem not_found(const std::string& what, const std::string& id);
Problem bad_request(std::string code, std::string detail);
Problem bad_request(std::string code, std::vector<FieldError> errors);  // at least one
Problem engine_busy();
Problem no_room();  // 507: new work is refused, reads go on

// Gives the command to the engine; `render` makes the answer of what it replied.
Reply submit(core::Engine& engine, core::Command command, const std::string& request_id,
             std::function<Answer(const core::CommandReply&)> render);

}  // namespace runledger::api
