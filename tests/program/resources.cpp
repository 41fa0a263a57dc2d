// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "../../examples/gaus_schedule/resources.hpp"

#include <gaus/error.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <vector>

namespace {

gaus::ResourceModel parse(std::string const& text) {
  std::string const source = "m.json";
  gaus_schedule::detail::ResourcesFromJson target(source);
  gaus::detail::parse_json(text, source, target);
  return target.finish();
}

std::string error_of(std::string const& text) {
  try {
    parse(text);
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
  return {};
}

gaus::GraphDescription two_classes() {
  gaus::GraphDescription g;
  g.add_resource("MUL", 2);
  g.add_resource("a=b");
  return g;
}

std::string limit_error(std::string const& text) {
  auto g = two_classes();
  try {
    gaus_schedule::override_limit(g, text);
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("resources: a model in JSON") {
  auto const model = parse(R"({ "target": { "name": "board" }, "resources": [
    { "name": "MUL", "limit": 2.5, "latency": 4, "occupancy": 3, "area": [ 1, 2 ] },
    { "name": "ALU" }, { "name": "MEM", "limit": null, "occupancy": 0 } ] })");
  REQUIRE(model.types.size() == 3);
  CHECK(model.types[0].name == "MUL");
  CHECK(model.types[0].limit == 2.5);
  CHECK(model.types[0].latency == 4);
  CHECK(model.types[0].occupancy == 3);
  CHECK(model.types[1].name == "ALU");
  CHECK_FALSE(model.types[1].limit.has_value());
  CHECK(model.types[1].latency == 0);
  CHECK(model.types[1].occupancy == 1);
  CHECK_FALSE(model.types[2].limit.has_value());
  CHECK(model.types[2].occupancy == 1);
  CHECK(parse(R"({ "resources": [] })").types.empty());
}

TEST_CASE("resources: what is no model") {
  CHECK(error_of("[]") == "m.json: the top level must be an object, not a list");
  CHECK(error_of("3") == "m.json: the top level must be an object, not 3");
  CHECK(error_of("{}") == "m.json: no list \"resources\"");
  CHECK(error_of(R"({ "resources": {} })") ==
        "m.json: \"resources\" must be a list of objects, not an object");
  CHECK(error_of(R"({ "resources": 7 })") ==
        "m.json: \"resources\" must be a list of objects, not of 7");
  CHECK(error_of(R"({ "resources": [ "MUL" ] })") ==
        "m.json: \"resources\" must be a list of objects, not of \"MUL\"");
  CHECK(error_of(R"({ "resources": [ [] ] })") ==
        "m.json: an entry of \"resources\" must be an object, not a list");
  CHECK(error_of(R"({ "resources": [ { "limit": 1 } ] })") ==
        "m.json: resource 0: name is missing");
  CHECK(error_of(R"({ "resources": [ { "name": "A" }, { "name": "A" } ] })") ==
        "m.json: resource 1: the name \"A\" is listed twice");
  CHECK(error_of(R"({ "resources": [ { "name": 3 } ] })") ==
        "m.json: resource 0: name must be a text, not 3");
  CHECK(error_of(R"({ "resources": [ { "name": "A", "limit": -1 } ] })") ==
        "m.json: resource 0: limit must be a number >= 0, not -1");
  CHECK(error_of(R"({ "resources": [ { "name": "A", "limit": [] } ] })") ==
        "m.json: resource 0: limit must not be a list");
  CHECK(error_of(R"({ "resources": [ { "name": "A", "latency": 1.5 } ] })")
            .starts_with("m.json: resource 0: latency must be an integer 0.."));
}

TEST_CASE("resources: a model goes before the graph, an option before both") {
  auto g = two_classes();
  auto const unknown = gaus_schedule::override_limits(
      g, parse(R"({ "resources": [ { "name": "MUL" }, { "name": "a=b", "limit": 5 },
                                   { "name": "DSP", "limit": 1 } ] })"));
  CHECK(unknown == std::vector<std::string>{"DSP"});
  CHECK(g.limits() == std::vector<std::optional<double>>{{}, 5.0});
  gaus_schedule::override_limit(g, "MUL=1.5");
  gaus_schedule::override_limit(g, "a=b=0");
  CHECK(g.limits() == std::vector<std::optional<double>>{1.5, 0.0});
}

TEST_CASE("resources: limits that are none") {
  CHECK(limit_error("MUL") == "--limit: \"MUL\" is not CLASS=N");
  CHECK(limit_error("") == "--limit: \"\" is not CLASS=N");
  CHECK(limit_error("=1") == "--limit: \"=1\" is not CLASS=N");
  CHECK(limit_error("MUL=") == "--limit: \"MUL=\": \"\" is not a number >= 0");
  for (std::string const wrong : {"-1", "nan", "inf", "1x", " 1"})
    CHECK(limit_error("MUL=" + wrong) ==
          "--limit: \"MUL=" + wrong + "\": \"" + wrong + "\" is not a number >= 0");
  CHECK(limit_error("a=1") == "--limit: unknown class \"a\" (known: MUL, a=b)");
}
