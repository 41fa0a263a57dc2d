// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/json.hpp>

#include <support/reading.hpp>
#include <support/round_trip.hpp>
#include <doctest/doctest.h>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_json(stream); };

gaus::GraphDescription read_text(std::string const& text, gaus::ReadOptions const& options = {}) {
  std::istringstream stream(text);
  return gaus::read_json(stream, options);
}

/// A loop: load -> mul -> store, and the next iteration loads what this one stored.
std::string const loop = R"({
  "dependences": [ { "from": 0, "to": 1, "weight": 32 },
                   { "from": 1, "to": 2, "delay": -1, "weight": 0.5 },
                   { "from": 2, "to": 0, "distance": 1, "delay": null } ],
  "operations": [ { "name": "load", "latency": 2, "demands": [ { "resource": "port" } ] },
                  { "latency": 3.0, "occupancy": 2, "size": 1.5e1, "more": { "a": [ {} ] },
                    "demands": [ { "units": 2, "resource": "MUL" }, { "resource": "MUL" } ] },
                  { "name": "store \u00e4", "latency": null, "demands": null,
                    "occupancy": 1 } ],
  "resources": [ { "name": "ALU" }, { "limit": 1, "name": "port" } ],
  "comment": "unknown keys are passed over"
})";

std::string operations(std::string const& list) { return "{\"operations\":[" + list + "]}"; }
std::string with(std::string const& more) { return "{\"operations\":[{},{}]," + more + "}"; }

}  // namespace

TEST_CASE("JSON: a loop with every field") {
  auto const graph = read_text(loop, {.latency = 7});
  REQUIRE(graph.operations.size() == 3);
  CHECK(graph.names == std::vector<std::string>{"load", "", "store \xc3\xa4"});
  std::vector<int> const latency{2, 3, 7};
  std::vector<int> const occupancy{1, 2, 1};
  std::vector<double> const size{1, 15, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(graph.operations[i].latency == latency[i]);
    CHECK(graph.operations[i].occupancy == occupancy[i]);
    CHECK(graph.operations[i].size == size[i]);
  }
  REQUIRE(graph.resources.size() == 3);  // the listed ones first, MUL is only demanded
  CHECK((graph.resources[0].name == "ALU" && !graph.resources[0].limit));
  CHECK((graph.resources[1].name == "port" && graph.resources[1].limit == 1.0));
  CHECK((graph.resources[2].name == "MUL" && !graph.resources[2].limit));
  REQUIRE(graph.demands.size() == 3);
  CHECK((graph.demands[0].operation == 0 && graph.demands[0].resource == 1));
  CHECK((graph.demands[1].operation == 1 && graph.demands[1].resource == 2));
  CHECK((graph.demands[1].units == 2 && graph.demands[2].units == 1));
  REQUIRE(graph.dependences.size() == 3);
  auto const& d = graph.dependences;
  CHECK((d[0].from == 0 && d[0].to == 1 && d[0].distance == 0 && d[0].weight == 32));
  CHECK((d[1].from == 1 && d[1].to == 2 && d[1].delay == -1 && d[1].weight == 0.5));
  CHECK((d[2].from == 2 && d[2].to == 0 && d[2].distance == 1 && d[2].delay == 0));
}

TEST_CASE("JSON: what is written reads back equal") {
  auto const graph = read_text(loop);
  std::ostringstream out;
  gaus::write_json(out, graph);
  CHECK(gaus_test::same_graph(read_text(out.str(), {.latency = 9}), graph));

  gaus::GraphDescription odd;
  odd.add_resource("a \"quoted\"\nname\\", 0.1);
  odd.add_operation({.latency = 0, .occupancy = 0, .size = 1e-300}, "tab\there");
  odd.add_operation({.latency = 1000000, .size = 5e-324});
  odd.add_demand(1, 0, 1.0 / 3.0);
  odd.add_dependence({.from = 1, .to = 1, .distance = 5, .weight = 1e15, .delay = -7});
  odd.names.resize(1);
  std::ostringstream text;
  gaus::write_json(text, odd);
  CHECK(gaus_test::same_graph(read_text(text.str()), odd));

  std::ostringstream empty;
  gaus::write_json(empty, {});
  CHECK(gaus_test::same_graph(read_text(empty.str()), {}));
}

TEST_CASE("JSON: random graphs written and read again") {
  auto const writer = [](std::ostream& out, gaus::GraphDescription const& g) {
    gaus::write_json(out, g);
  };
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto const graph = gaus_test::random_description(seed, {});
    CHECK(gaus_test::same_graph(graph, gaus_test::round_trip(writer, reader, graph)));
  }
}

TEST_CASE("JSON: a description that is wrong is not written") {
  gaus::GraphDescription wrong;
  wrong.add_dependence(0, 1);
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_json(out, wrong), gaus::InvalidInput);
  CHECK(out.str().empty());
}

TEST_CASE("JSON: what is no JSON") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  for (auto const* const text :
       {" ", "{", "}", "nul", "{\"operations\":[]}x", "{\"operations\":[]} {}",
        "{\"operations\":[],}", "{'operations':[]}", "{\"operations\":[NaN]}",
        "{\"operations\":[{\"size\":Infinity}]}", "{\"operations\":[{\"size\":-Infinity}]}",
        "{\"operations\":[{\"size\":+1}]}", "{\"operations\":[{\"size\":01}]}",
        "{\"operations\":[{\"size\":1.}]}", "{\"operations\":[{\"size\":.5}]}",
        "{\"operations\":[{\"name\":\"\xff\"}]}", "{\"operations\":[{\"name\":\"a\nb\"}]}",
        "{\"operations\":[] // comment\n}"}) {
    CAPTURE(text);
    CHECK(contains(error_of(reader, text), "input: not JSON: "));
  }
  CHECK(contains(error_of(reader, "{\n\n  ]"), "not JSON: line 3, column 3: "));
  CHECK(contains(error_of(reader, operations("{\"size\":1e999}")), "not JSON: number overflow"));
  CHECK(contains(error_of(reader, "[]"), "the top level must be an object, not a list"));
  CHECK(contains(error_of(reader, "\"text\""), "the top level must be an object, not \"text\""));
  CHECK(contains(error_of(reader, "{}"), "no list \"operations\""));
}

TEST_CASE("JSON: repeated keys, at every level") {
  CHECK(contains(error_of(reader, R"({"operations":[],"operations":[]})"),
                 "the key \"operations\" occurs twice"));
  CHECK(contains(error_of(reader, operations(R"({},{"latency":1,"latency":1})")),
                 "operation 1: the key \"latency\" occurs twice"));
  CHECK(contains(error_of(reader, with(R"("dependences":[{"from":0,"to":1,"to":1}])")),
                 "dependence 0: the key \"to\" occurs twice"));
  CHECK(contains(error_of(reader, with(R"("x":[{"y":{"z":1,"a":1,"z":1}}])")),
                 "the key \"z\" occurs twice"));
  // Levels are used again: a key of an earlier neighbour must not count.
  CHECK(error_of(reader, with(R"("x":[{"y":1},{"y":1,"z":{"y":1}}])")).empty());
}

TEST_CASE("JSON: operations that are wrong") {
  CHECK(contains(error_of(reader, R"({"operations":{}})"), "must be a list of objects"));
  CHECK(contains(error_of(reader, R"({"operations":3})"), "must be a list of objects, not 3"));
  CHECK(contains(error_of(reader, operations("{},7")), "an entry must be an object, not 7"));
  CHECK(contains(error_of(reader, operations("[]")), "must be an object, not a list"));
  for (auto const* const value :
       {"-1", "1.5", "\"1\"", "true", "2147483648", "-9223372036854775809", "18446744073709551615",
        "1e30", "[]", "{}"})
    for (auto const* const key : {"latency", "occupancy"}) {
      CAPTURE(value);
      auto const text = operations("{\"name\":\"a\",\"" + std::string(key) + "\":" + value + "}");
      CHECK(contains(error_of(reader, text), "operation 0 (a): " + std::string(key) + " must "));
    }
  CHECK(contains(error_of(reader, operations(R"({"latency":1.5})")),
                 "operation 0: latency must be an integer 0..2147483647, not 1.5"));
  CHECK(contains(error_of(reader, operations(R"({"size":-0.5})")),
                 "size must be a number >= 0, not -0.5"));
  CHECK(contains(error_of(reader, operations(R"({"name":7})")), "name must be a text, not 7"));
  CHECK(
      contains(error_of(reader, operations(R"({"demands":3})")), "demands must be a list, not 3"));
  CHECK(contains(error_of(reader, operations(R"({"demands":{}})")), "must be a list of objects"));
  CHECK(contains(error_of(reader, operations(R"({"demands":["x"]})")),
                 "must be an object, not \"x\""));
  CHECK(contains(error_of(reader, operations(R"({"demands":[{"units":1}]})")),
                 "operation 0: a demand names no resource"));
  CHECK(contains(error_of(reader, operations(R"({"demands":[{"resource":1}]})")),
                 "resource must be a text, not 1"));
  CHECK(contains(error_of(reader, operations(R"({"demands":[{"resource":"a","units":-1}]})")),
                 "units must be a number >= 0, not -1"));
  CHECK(contains(error_of(reader, operations(R"({"occupancy":0,"demands":[{"resource":"a"}]})")),
                 "its occupancy is 0"));
}

TEST_CASE("JSON: resources that are wrong") {
  CHECK(contains(error_of(reader, with(R"("resources":[{}])")), "resource 0: name is missing"));
  CHECK(contains(error_of(reader, with(R"("resources":[{"name":"a"},{"name":"a"}])")),
                 "resource 1: the name \"a\" is listed twice"));
  CHECK(contains(error_of(reader, with(R"("resources":[{"name":"a","limit":-1}])")),
                 "resource 0: limit must be a number >= 0, not -1"));
  CHECK(contains(error_of(reader, with(R"("resources":[{"name":["a"]}])")),
                 "resource 0: name must not be a list"));
}

TEST_CASE("JSON: dependences that are wrong") {
  auto const dependences = [](std::string const& list) {
    return with("\"dependences\":[" + list + "]");
  };
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1},{"from":0})")),
                 "dependence 1: to is missing"));
  CHECK(contains(error_of(reader, dependences(R"({"from":null,"to":1})")), "from is missing"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":2})")),
                 "dependence 0, 0 -> 2: the graph has operations 0..1"));
  CHECK(contains(error_of(reader, dependences(R"({"from":-1,"to":1})")),
                 "dependence 0: from must be an integer 0..2147483647, not -1"));
  CHECK(contains(error_of(reader, dependences(R"({"from":"0","to":1})")), "not \"0\""));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1,"distance":-1})")),
                 "distance must"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1,"delay":0.5})")), "delay must"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1,"weight":-1})")), "weight must"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1},{"from":0,"to":1})")),
                 "dependence 1 repeats dependence 0"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":0})")), "cannot wait for itself"));
  CHECK(contains(error_of(reader, dependences(R"({"from":0,"to":1},{"from":1,"to":0})")),
                 "a cycle of 2 operations"));
  CHECK(error_of(reader, dependences(R"({"from":0,"to":0,"distance":1})")).empty());
}

TEST_CASE("JSON: deep nesting and long keys neither overflow nor hang") {
  for (std::string const bracket : {"[", "{\"a\":"}) {
    std::string deep = "{\"operations\":[],\"x\":";
    for (int k = 0; k < 200000; ++k) deep += bracket;
    CHECK(contains(error_of(reader, deep), "nested deeper than 100 levels"));
  }
  std::string const many_keys = [] {
    std::string text = "{\"operations\":[]";
    for (int k = 0; k < 50000; ++k) text += ",\"k" + std::to_string(k) + "\":1";
    return text + "}";
  }();
  CHECK(error_of(reader, many_keys).empty());
}

TEST_CASE("JSON: a message stays short, whatever is in the file") {
  std::string const digits(100000, '7');
  std::string const letters(100000, 'a');
  for (auto const& text :
       {operations("{\"latency\":0." + digits + "}"), operations("{\"size\":" + digits + "}"),
        operations("{\"latency\":\"" + letters + "\"}"), "{\"" + letters,
        operations("{\"name\":\"" + letters + "\",\"latency\":-1}"),
        operations("{\"name\":\"\\n\\u007f\\u00e4\",\"latency\":-1}"),
        operations("{\"" + letters + "\":1,\"" + letters + "\":1}")})
    CHECK(!error_of(reader, text).empty());  // error_of() looks at the length and for line breaks
}

TEST_CASE("JSON: every prefix") { CHECK(gaus_test::accepted_prefixes(reader, loop).empty()); }

TEST_CASE("JSON: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, loop, 5000, 4) > 0);
}
