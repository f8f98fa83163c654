#include "api/http/route_table.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace runledger::api {
namespace {

Route route(std::string method, std::string pattern) {
  Route made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  return made;
}

class RouteTableTest : public testing::Test {
 protected:
  std::string pattern_of(std::string_view method, std::string_view path) const {
    RouteResult result = table_.match(method, path);
    auto* match = std::get_if<RouteMatch>(&result);
    return match ? match->route->method + " " + match->route->pattern : "";
  }

  RouteTable table_{{route("GET", "/"), route("GET", "/v1/runs"), route("POST", "/v1/runs"),
                     route("POST", "/v1/runs:batch"), route("GET", "/v1/runs/{id}"),
                     route("GET", "/v1/runs/{id}/events"), route("GET", "/v1/runs/recent"),
                     route("DELETE", "/v1/runs/{id}")}};
};

TEST_F(RouteTableTest, FindsTheRouteAndItsParameters) {
  EXPECT_EQ(pattern_of("POST", "/v1/runs"), "POST /v1/runs");
  EXPECT_EQ(pattern_of("POST", "/v1/runs:batch"), "POST /v1/runs:batch");
  EXPECT_EQ(pattern_of("GET", "/"), "GET /");
  RouteResult result = table_.match("GET", "/v1/runs/run_1/events");
  ASSERT_TRUE(std::holds_alternative<RouteMatch>(result));
  EXPECT_EQ(std::get<RouteMatch>(result).path_parameters, std::vector<std::string>{"run_1"});
}

TEST_F(RouteTableTest, LiteralWinsOverParameter) {
  EXPECT_EQ(pattern_of("GET", "/v1/runs/recent"), "GET /v1/runs/recent");
  EXPECT_EQ(pattern_of("DELETE", "/v1/runs/recent"), "DELETE /v1/runs/{id}");
}

TEST_F(RouteTableTest, HeadFindsTheGetRoute) {
  EXPECT_EQ(pattern_of("HEAD", "/v1/runs"), "GET /v1/runs");
}

TEST_F(RouteTableTest, UnknownPathsAreNotFound) {
  for (const char* path : {"/v1", "/v1/runs/", "/v1/runs/a/b", "/v1/runs//events", "", "v1/runs"}) {
    EXPECT_TRUE(std::holds_alternative<NoSuchPath>(table_.match("GET", path))) << path;
  }
}

TEST_F(RouteTableTest, OtherMethodsAreToldWhatIsAllowed) {
  RouteResult result = table_.match("PUT", "/v1/runs");
  ASSERT_TRUE(std::holds_alternative<MethodNotAllowed>(result));
  EXPECT_EQ(std::get<MethodNotAllowed>(result).allow, "GET, HEAD, POST");
  result = table_.match("POST", "/v1/runs/recent");
  EXPECT_EQ(std::get<MethodNotAllowed>(result).allow, "DELETE, GET, HEAD");
}

TEST(RouteTable, RejectsMalformedAndAmbiguousRoutes) {
  for (const char* pattern : {"", "v1", "/v1//x", "/v1/", "/{", "/{}", "/a{b}"}) {
    EXPECT_THROW(RouteTable({route("GET", pattern)}), std::invalid_argument) << pattern;
  }
  EXPECT_THROW(RouteTable({route("GET", "/a/{x}"), route("GET", "/a/{y}")}), std::invalid_argument);
  EXPECT_NO_THROW(RouteTable({route("GET", "/a/{x}"), route("PUT", "/a/{y}")}));
}

}  // namespace
}  // namespace runledger::api
