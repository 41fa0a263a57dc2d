// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/write_dot.hpp>

#include <gaus/io/dot.hpp>
#include <support/reading.hpp>
#include <support/round_trip.hpp>
#include <doctest/doctest.h>
#include <cstdint>
#include <sstream>
#include <string>

namespace {

auto const reader = [](std::istream& stream) { return gaus::read_dot(stream, {.latency = 9}); };
auto const writer = [](std::ostream& out, gaus::GraphDescription const& g) {
  gaus::write_dot(out, g);
};

}  // namespace

TEST_CASE("DOT: a loop as it is written") {
  gaus::GraphDescription graph;
  graph.add_resource("MUL", 2);
  graph.add_resource("a, b");
  graph.add_operation({.latency = 2, .size = 32}, "load \"x\"");
  graph.add_operation({.latency = 0, .occupancy = 3, .size = 1e-300}, "mac");
  graph.add_demand(1, 0, 2);
  graph.add_demand(1, 1);
  graph.add_dependence({0, 1, 0, 32, 0});
  graph.add_dependence({1, 1, 1, 1, -2});
  graph.add_dependence({0, 1, 2, 1, 0});
  std::ostringstream out;
  gaus::write_dot(out, graph);
  CHECK(out.str() == R"(digraph gaus {
  resources = "MUL:2, a\, b";
  "load \"x\"" [latency=2, size=32];
  "mac" [latency=0, occupancy=3, size="1e-300", demands="MUL:2, a\, b"];
  "load \"x\"" -> "mac" [weight=32];
  "mac" -> "mac" [distance=1, delay=-2];
  "load \"x\"" -> "mac" [distance=2];
}
)");
}

TEST_CASE("DOT: written and read again") {
  for (std::uint32_t seed = 0; seed < 300; ++seed)
    for (int const names : {0, 1, 2}) {
      CAPTURE(seed);
      CAPTURE(names);
      auto const graph = gaus_test::random_description(seed, {.names = names});
      CHECK(gaus_test::same_graph(graph, gaus_test::round_trip(writer, reader, graph)));
    }
}

TEST_CASE("DOT: a description that is wrong is not written") {
  gaus::GraphDescription graph;
  graph.add_operation({.latency = -1});
  std::ostringstream out;
  CHECK_THROWS_AS(gaus::write_dot(out, graph), gaus::InvalidInput);
  CHECK(out.str().empty());
}
