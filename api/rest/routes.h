// The REST application: every route with its access, its limits and its handler. Handlers translate
// between HTTP and the core and do nothing else; they never block.
#pragma once

#include <vector>

#include "api/http/route.h"
#include "core/engine/engine.h"

namespace runledger::api {

// What the edge serves itself is in the table too. The engine must outlive the routes.
std::vector<Route> make_routes(core::Engine& engine);

// Parts of the table.
void add_run_routes(std::vector<Route>& routes, core::Engine& engine);
void add_decision_routes(std::vector<Route>& routes, core::Engine& engine);
void add_definition_routes(std::vector<Route>& routes, core::Engine& engine);
void add_event_routes(std::vector<Route>& routes, core::Engine& engine);
void add_resource_routes(std::vector<Route>& routes, core::Engine& engine);
void add_token_routes(std::vector<Route>& routes, core::Engine& engine);
void add_system_routes(std::vector<Route>& routes, core::Engine& engine);

}  // namespace runledger::api
