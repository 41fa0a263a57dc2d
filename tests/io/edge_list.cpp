// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/edge_list.hpp>

#include <support/reading.hpp>
#include <support/round_trip.hpp>
#include <doctest/doctest.h>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_edge_list(stream); };
auto const writer = [](std::ostream& out, gaus::GraphDescription const& g) {
  gaus::write_edge_list(out, g);
};

gaus::GraphDescription read_text(std::string const& text, gaus::ReadOptions const& options = {}) {
  std::istringstream stream(text);
  return gaus::read_edge_list(stream, options);
}

/// Dependences in one line: "0>1*2".
std::string edges(gaus::GraphDescription const& g) {
  std::string all;
  for (auto const& d : g.dependences) {
    CHECK((d.distance == 0 && d.delay == 0));
    all += std::to_string(d.from) + ">" + std::to_string(d.to) +
           (d.weight != 1 ? "*" + gaus::detail::shortest_text(d.weight) : "") + " ";
  }
  return all;
}

std::string const sample =
    "\xef\xbb\xbf# from, to\r\n"
    "% comments\n\n"
    "add mul 32 # a value\r\n"
    "  mul\tstore,0.5\n"
    "add,store\n"
    "lonely\n";

}  // namespace

TEST_CASE("edge list: names in the order of their first mention") {
  auto const graph = read_text(sample, {.latency = 3});
  CHECK(graph.names == std::vector<std::string>{"add", "mul", "store", "lonely"});
  CHECK(edges(graph) == "0>1*32 1>2*0.5 0>2 ");
  REQUIRE(graph.resources.size() == 1);
  CHECK(graph.resources[0].name == "all");
  CHECK(graph.demands.size() == 4);
  for (auto const& o : graph.operations) CHECK((o.latency == 3 && o.occupancy == 1 && o.size == 1));
}

TEST_CASE("edge list: numbers in their order") {
  auto const all = read_text("3 1\n0 3 2\n2\n");
  CHECK(all.names.empty());
  CHECK(all.operations.size() == 4);
  CHECK(edges(all) == "3>1 0>3*2 ");
  // Numbers with gaps keep their names, however large they are.
  auto const some = read_text("9000000000 7\n7 100");
  CHECK(some.names == std::vector<std::string>{"7", "100", "9000000000"});
  CHECK(edges(some) == "2>0 0>1 ");
  // One name, or a number that is not plain, makes all of them names.
  CHECK(read_text("3 1\n1 x").names == std::vector<std::string>{"3", "1", "x"});
  CHECK(read_text("1 01\n01 +1").names == std::vector<std::string>{"1", "01", "+1"});
}

TEST_CASE("edge list: what is wrong") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "# nothing\n\n"), "no line holds an edge"));
  CHECK(contains(error_of(reader, "a b 1\na c 1 2"), "line 2: an edge has two ends and a weight"));
  CHECK(contains(error_of(reader, "a b\n\nc c"), "line 3: \"c\" depends on itself"));
  CHECK(contains(error_of(reader, "a b\nb a"), "a cycle of 2 operations"));
  CHECK(contains(error_of(reader, "a b\na b 2"), "dependence 1 repeats dependence 0: 0 (a)"));
  for (std::string const weight : {"nan", "inf", "-inf", "1e999", "-1", "x", "{}"}) {
    CAPTURE(weight);
    CHECK(contains(error_of(reader, "a b " + weight),
                   "line 1: weight \"" + weight + "\" is not a finite number >= 0"));
  }
}

TEST_CASE("edge list: written and read again") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    for (int const names : {0, 1}) {
      auto const graph = gaus_test::random_description(
          seed, {.operations = false, .classes = false, .loops = false, .names = names}, 1);
      CHECK(gaus_test::same_graph(graph, gaus_test::round_trip(writer, reader, graph)));
    }
  }
}

TEST_CASE("edge list: names that it cannot hold become numbers") {
  using Names = std::vector<std::string>;
  for (auto const& names : {Names{"a b", "c"}, Names{"a", "a"}, Names{"a", ""}, Names{"a", "b#"},
                            Names{"9", "7"}, Names{"a", "b\n"}}) {
    gaus::GraphDescription graph;
    for (auto const& name : names) graph.add_operation({}, name);
    graph.add_dependence(0, 1);
    CHECK(gaus_test::round_trip(writer, reader, graph).names.empty());
  }
  gaus::GraphDescription ascending;
  ascending.add_operation({}, "7");
  ascending.add_operation({}, "9");
  CHECK(gaus_test::round_trip(writer, reader, ascending).names == Names{"7", "9"});
}

TEST_CASE("edge list: what it refuses to hold") {
  std::ostringstream out;
  CHECK_THROWS_WITH_AS(gaus::write_edge_list(out, {}), "an edge list cannot hold an empty graph",
                       gaus::InvalidInput);
  gaus::GraphDescription graph;
  graph.add_operation({}, "a");
  graph.add_dependence({0, 0, 2});
  CHECK_THROWS_WITH_AS(gaus::write_edge_list(out, graph),
                       "dependence 0, 0 (a) -> 0 (a): an edge list cannot hold its distance 2",
                       gaus::InvalidInput);
  graph.add_operation({});
  graph.dependences = {{0, 1, 0, 1, -1}};
  CHECK_THROWS_WITH_AS(gaus::write_edge_list(out, graph),
                       "dependence 0, 0 (a) -> 1: an edge list cannot hold its delay -1",
                       gaus::InvalidInput);
  CHECK(out.str().empty());
}

TEST_CASE("edge list: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, sample, 5000, 6) > 0);
}
