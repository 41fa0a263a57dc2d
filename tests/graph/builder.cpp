// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

/// Three operations, two classes, two dependences.
gaus::GraphDescription good() {
  gaus::GraphDescription g;
  g.add_resource("ALU", 2);
  g.add_resource("MUL");
  g.add_operation({.latency = 1, .occupancy = 1, .size = 1}, "load");
  g.add_operation({.latency = 3, .occupancy = 2, .size = 4});
  g.add_operation({.latency = 0, .occupancy = 0, .size = 0}, "store");
  g.add_demand(0, 0);
  g.add_demand(1, 1, 2);
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 2, .distance = 0, .weight = 5, .delay = -1});
  return g;
}

/// The message with which a description is refused after a change.
std::string error_after(std::function<void(gaus::GraphDescription&)> const& change) {
  auto g = good();
  change(g);
  std::string direct;
  try {
    gaus::check(g);
  } catch (gaus::InvalidInput const& e) {
    direct = e.what();
  }
  CHECK_THROWS_WITH_AS(gaus::build_graph(g), direct.c_str(), gaus::InvalidInput);
  return direct;
}

TEST_CASE("builder: rows, attributes, demands") {
  auto g = good();
  g.add_dependence({.from = 2, .to = 0, .distance = 3, .weight = 0.5, .delay = 7});
  g.add_dependence(0, 2);
  g.add_demand(1, 0, 0.5);
  g.add_demand(1, 1, 0.25);  // adds to the 2 units of class 1
  g.add_demand(0, 1, 0);     // no demand
  auto const graph = gaus::build_graph(g);
  CHECK(graph.num_operations() == 3);
  CHECK(graph.num_dependences() == 4);
  CHECK(graph.num_resources() == 2);
  CHECK(graph.latency(0) == 1);
  CHECK(graph.latency(1) == 3);
  CHECK(graph.latency(2) == 0);
  CHECK(graph.occupancy(1) == 2);
  CHECK(graph.size(1) == 4);
  CHECK(graph.size(2) == 0);

  CHECK(graph.demands(0).size() == 1);
  CHECK(graph.demands(0)[0].resource == 0);
  CHECK(graph.demands(0)[0].units == 1);
  REQUIRE(graph.demands(1).size() == 2);
  CHECK(graph.demands(1)[0].resource == 0);
  CHECK(graph.demands(1)[0].units == 0.5);
  CHECK(graph.demands(1)[1].resource == 1);
  CHECK(graph.demands(1)[1].units == 2.25);
  CHECK(graph.demands(2).size() == 0);

  // By producer, then consumer: 0 -> 1, 0 -> 2, 1 -> 2, 2 -> 0.
  REQUIRE(graph.outgoing(0).size() == 2);
  CHECK(graph.outgoing(0)[0].index == 0);
  CHECK(graph.outgoing(0)[0].operation == 1);
  CHECK(graph.outgoing(0)[1].index == 1);
  CHECK(graph.outgoing(0)[1].operation == 2);
  REQUIRE(graph.incoming(2).size() == 2);
  CHECK(graph.incoming(2)[0].operation == 0);
  CHECK(graph.incoming(2)[0].index == 1);
  CHECK(graph.incoming(2)[1].operation == 1);
  CHECK(graph.incoming(2)[1].index == 2);
  CHECK(graph.incoming(2)[1].weight == 5);
  CHECK(graph.incoming(2)[1].delay == -1);
  REQUIRE(graph.incoming(0).size() == 1);
  auto const back = graph.incoming(0)[0];
  CHECK(back.index == 3);
  CHECK(back.operation == 2);
  CHECK(back.distance == 3);
  CHECK(back.weight == 0.5);
  CHECK(back.delay == 7);
}

TEST_CASE("builder: what is constant costs no memory") {
  gaus::GraphDescription g;
  g.add_resource("ALU");
  for (int i = 0; i < 4; ++i) {
    g.add_operation({.latency = 2, .occupancy = 3, .size = 1.5});
    g.add_demand(3 - i, 0);
  }
  g.add_dependence({.from = 0, .to = 1, .weight = 4});
  g.add_dependence({.from = 1, .to = 3, .weight = 4});
  auto const graph = gaus::build_graph(g);
  auto const& data = graph.data();
  CHECK(data.latency.values.data() == nullptr);
  CHECK(data.occupancy.values.data() == nullptr);
  CHECK(data.size.values.data() == nullptr);
  CHECK(data.weight.values.data() == nullptr);
  CHECK(data.demand_offset.data() == nullptr);
  for (int i = 0; i < 4; ++i) {
    CHECK(graph.latency(i) == 2);
    CHECK(graph.occupancy(i) == 3);
    CHECK(graph.size(i) == 1.5);
    REQUIRE(graph.demands(i).size() == 1);
    CHECK(graph.demands(i)[0].resource == 0);
    CHECK(graph.demands(i)[0].units == 1);
  }
  CHECK(graph.outgoing(1)[0].weight == 4);
}

TEST_CASE("builder: small graphs") {
  auto const none = gaus::build_graph({});
  CHECK(none.num_operations() == 0);
  CHECK(none.num_dependences() == 0);
  gaus::GraphDescription one;
  one.add_operation({});
  auto const graph = gaus::build_graph(one);
  CHECK(graph.outgoing(0).size() == 0);
  CHECK(graph.incoming(0).size() == 0);
  CHECK(graph.demands(0).size() == 0);
  one.add_resource("ALU");  // a class that nobody takes
  CHECK(gaus::build_graph(one).demands(0).size() == 0);
}

TEST_CASE("builder: parallel dependences may differ in distance or delay") {
  auto g = good();
  g.add_dependence({.from = 0, .to = 1, .distance = 1});
  g.add_dependence({.from = 0, .to = 1, .distance = 1, .delay = 2});
  g.add_dependence({.from = 1, .to = 1, .distance = 1});
  CHECK(gaus::build_graph(g).num_dependences() == 5);
}

TEST_CASE("builder: names in messages") {
  auto const g = good();
  CHECK(g.call(0) == "0 (load)");
  CHECK(g.call(1) == "1");
  CHECK(g.call(2) == "2 (store)");
}

TEST_CASE("builder: every bad input, once") {
  double const nan = std::nan("");
  double const infinity = std::numeric_limits<double>::infinity();
  using Link = gaus::GraphDescription::Link;
  using Description = gaus::GraphDescription;
  struct Bad {
    char const* text;
    std::function<void(Description&)> change;
  };
  Bad const all[] = {
      {"the graph has 4 names for 3 operations", [](auto& g) { g.names.resize(4); }},
      {"operation 1: latency -2 < 0", [](auto& g) { g.operations[1].latency = -2; }},
      {"operation 0 (load): occupancy -1 < 0", [](auto& g) { g.operations[0].occupancy = -1; }},
      {"operation 2 (store): size -3 is not a finite number >= 0",
       [](auto& g) { g.operations[2].size = -3; }},
      {"operation 1: size nan is not a finite number >= 0",
       [&](auto& g) { g.operations[1].size = nan; }},
      {"operation 1: size inf is not a finite number >= 0",
       [&](auto& g) { g.operations[1].size = infinity; }},
      {"latencies, occupancies and delays add up to 536870914 steps, at most 536870911 are "
       "possible",
       [](auto& g) { g.operations[1].latency = 536870912; }},
      {"latencies, occupancies and delays add up to 2147483652 steps, at most 536870911 are "
       "possible",
       [](auto& g) { g.dependences[1].delay = std::numeric_limits<int>::min(); }},
      {"sizes add up to 1e+300, at most 9007199254740992 are possible",
       [](auto& g) { g.operations[1].size = 1e300; }},
      {"units times occupancies add up to 2e+16, at most 9007199254740992 are possible",
       [](auto& g) {
         g.operations[1].occupancy = 2;
         g.demands[1].units = 1e16;
       }},
      {"weights add up to inf, at most 9007199254740992 are possible",
       [](auto& g) { g.dependences[0].weight = g.dependences[1].weight = 1.5e308; }},
      {"resource ALU: limit -1 is not a finite number >= 0",
       [](auto& g) { g.resources[0].limit = -1; }},
      {"resource MUL: limit nan is not a finite number >= 0",
       [&](auto& g) { g.resources[1].limit = nan; }},
      {"resource 1 repeats the name \"ALU\" of resource 0",
       [](auto& g) { g.resources[1].name = "ALU"; }},
      {"demand 1: operation 3, the graph has 3 operations",
       [](auto& g) { g.demands[1].operation = 3; }},
      {"demand 0: operation -1, the graph has 3 operations",
       [](auto& g) { g.demands[0].operation = -1; }},
      {"operation 1: demand of resource 2, the graph has 2 resources",
       [](auto& g) { g.demands[1].resource = 2; }},
      {"operation 0 (load): demand of resource -1, the graph has 2 resources",
       [](auto& g) { g.demands[0].resource = -1; }},
      {"operation 1: demand of resource MUL: -2 units is not a finite number >= 0",
       [](auto& g) { g.demands[1].units = -2; }},
      {"operation 1: demand of resource MUL: nan units is not a finite number >= 0",
       [&](auto& g) { g.demands[1].units = nan; }},
      {"operation 2 (store): demand of resource ALU: 1 units, but its occupancy is 0",
       [](auto& g) { g.add_demand(2, 0); }},
      {"dependence 2, 0 -> 3: the graph has operations 0..2",
       [](auto& g) { g.add_dependence(0, 3); }},
      {"dependence 2, -1 -> 1: the graph has operations 0..2",
       [](auto& g) { g.add_dependence(-1, 1); }},
      {"operation 1: size -1e-09 is not a finite number >= 0",
       [](auto& g) { g.operations[1].size = -1e-9; }},
      {"dependence 0, 0 -> 1: distance -1 < 0", [](auto& g) { g.dependences[0].distance = -1; }},
      {"dependence 1, 1 -> 2: weight -0.500000 is not a finite number >= 0",
       [](auto& g) { g.dependences[1].weight = -0.5; }},
      {"dependence 1, 1 -> 2: weight inf is not a finite number >= 0",
       [&](auto& g) { g.dependences[1].weight = infinity; }},
      {"dependence 2, 1 -> 1: an operation cannot wait for itself in the same iteration",
       [](auto& g) { g.add_dependence(1, 1); }},
      {"dependence 2 repeats dependence 1: 1 -> 2 (store), distance 0",
       [](auto& g) { g.add_dependence(Link{.from = 1, .to = 2, .weight = 9, .delay = -1}); }},
  };
  for (auto const& bad : all) CHECK(error_after(bad.change) == bad.text);
}

TEST_CASE("builder: cycles of forward dependences are named") {
  auto const text = error_after([](auto& g) { g.add_dependence(2, 0); });
  // From any operation on, but in order and closed.
  bool const named = text.find("0 (load) -> 1 -> 2 (store) -> 0 (load)") != std::string::npos ||
                     text.find("1 -> 2 (store) -> 0 (load) -> 1") != std::string::npos ||
                     text.find("2 (store) -> 0 (load) -> 1 -> 2 (store)") != std::string::npos;
  CHECK(named);
  CHECK(text.find("a cycle of 3 operations") != std::string::npos);

  gaus::GraphDescription ring;
  for (int i = 0; i < 20; ++i) ring.add_operation({});
  for (int i = 0; i < 20; ++i) ring.add_dependence(i, (i + 1) % 20);
  CHECK_THROWS_WITH_AS(gaus::build_graph(ring), doctest::Contains("a cycle of 20 operations"),
                       gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(gaus::build_graph(ring), doctest::Contains("..."), gaus::InvalidInput);
  ring.dependences[7].distance = 1;  // carried to the next iteration: no cycle
  CHECK(gaus::build_graph(ring).num_dependences() == 20);
}

TEST_CASE("builder: time lags may lead back") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 3});
  g.add_operation({.latency = 2});
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .delay = -7});  // 1 starts at most 5 after 0
  CHECK(gaus::build_graph(g).num_dependences() == 2);
  g.dependences[1].delay = -2;  // no later than 0: a contradiction, which the step bounds find
  CHECK(gaus::build_graph(g).num_dependences() == 2);
  g.dependences[1].delay = -1;  // the value is used: an order, and a cycle
  CHECK_THROWS_WITH_AS(gaus::build_graph(g), doctest::Contains("a cycle of 2 operations"),
                       gaus::InvalidInput);
  g.operations[1].latency = 0;  // so is a chain without latency that closes
  g.dependences[1].delay = 0;
  CHECK_THROWS_WITH_AS(gaus::build_graph(g), doctest::Contains("a cycle of 2 operations"),
                       gaus::InvalidInput);
}

TEST_CASE("builder: find_cycle finds one among operations that only lead to it") {
  using Edges = std::vector<std::pair<int, int>>;
  CHECK(gaus::detail::find_cycle(3, Edges{{0, 1}, {1, 2}, {0, 2}}).empty());
  // 0 leads in, 4 leads out, both wait or are done; only 1, 2, 3 form it.
  auto const cycle =
      gaus::detail::find_cycle(6, Edges{{0, 1}, {1, 2}, {2, 3}, {3, 1}, {3, 4}, {4, 5}});
  REQUIRE(cycle.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(cycle[k] >= 1);
    CHECK(cycle[k] <= 3);
    CHECK(cycle[(k + 1) % 3] == cycle[k] % 3 + 1);
  }
}

}  // namespace
