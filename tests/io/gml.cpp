// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/gml.hpp>

#include <gaus/io/file.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_gml(stream); };

gaus::GraphDescription read_text(std::string const& text, gaus::ReadOptions const& options = {}) {
  std::istringstream stream(text);
  return gaus::read_gml(stream, options);
}

/// Ids out of order, one negative; all that the format allows besides: comments, other keys,
/// nested lists, brackets without spaces.
std::string const diamond = R"(# a comment "with [ brackets
Creator "nobody [ in particular ]"
Version 1
graph [
  directed 1
  label "node [ id 99 ]"
  node [ id 10 label "x" parameter 2.5 graphics [ x 1 y 2 Line [ point [ x 1 ] ] ] ]
  node[id 3 parameter 0]
  # another comment
  node [ id +7 name "no parameter" ]
  node [
    id -1
    parameter "40"
  ]
  edge [ source -1 target 10 parameter 50000 ]
  edge [ source 10 target 3 parameter 0 ]
  edge [ target 7 source 10 ]
  edge [ source 3 target 7 parameter 1e-3 ]
]
)";

std::string graph(std::string const& body) { return "graph [ " + body + " ]"; }

std::string const nodes = "node [ id 1 ] node [ id 2 ] ";

}  // namespace

TEST_CASE("GML: a diamond with every kind of field") {
  auto const graph = read_text(diamond, {.latency = 0});
  REQUIRE(graph.operations.size() == 4);
  CHECK(graph.names == std::vector<std::string>{"-1", "3", "7", "10"});
  std::vector<double> const size{40, 0, 1, 2.5};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(graph.operations[i].size == size[i]);
    CHECK(graph.operations[i].latency == 0);
    CHECK(graph.operations[i].occupancy == 1);
  }
  REQUIRE(graph.resources.size() == 1);
  CHECK(graph.resources[0].name == "all");
  REQUIRE(graph.demands.size() == 3);  // the node with parameter 0 takes nothing
  CHECK((graph.demands[0].operation == 0 && graph.demands[0].units == 40));
  CHECK((graph.demands[1].operation == 2 && graph.demands[1].units == 1));
  CHECK((graph.demands[2].operation == 3 && graph.demands[2].units == 2.5));
  struct Expected {
    int from;
    int to;
    double weight;
  };
  std::vector<Expected> const expected{{0, 3, 1}, {3, 1, 0}, {3, 2, 1}, {1, 2, 1}};
  REQUIRE(graph.dependences.size() == expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    auto const& d = graph.dependences[k];
    CHECK(d.from == expected[k].from);
    CHECK(d.to == expected[k].to);
    CHECK(d.weight == expected[k].weight);
    CHECK((d.distance == 0 && d.delay == 0));
  }
}

TEST_CASE("GML: small and odd files that are right") {
  CHECK(read_text("graph[]").operations.empty());
  CHECK(read_text("\xef\xbb\xbf# byte order mark\r\ngraph [ ]\r\n").operations.empty());
  CHECK(contains(error_of(reader, "graph [ ] # no comment here"), "a key is expected, not \"#\""));
}

TEST_CASE("GML: structure that is wrong") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "  \n # only a comment"), "no list \"graph [ ... ]\""));
  CHECK(contains(error_of(reader, "Creator \"x\""), "no list \"graph [ ... ]\""));
  CHECK(contains(error_of(reader, "graph 1"), "no list \"graph [ ... ]\""));
  CHECK(contains(error_of(reader, "graph [ ] graph [ ]"), "this is another one"));
  CHECK(contains(error_of(reader, "graph [ graph [ ] ]"), "this is another one"));
  CHECK(contains(error_of(reader, "graph [\n\n"), "line 3: the file ends within 1 lists"));
  CHECK(contains(error_of(reader, "graph [ ] ]"), "\"]\" without \"[\""));
  CHECK(contains(error_of(reader, "graph"), "the file ends after \"graph\""));
  CHECK(contains(error_of(reader, "graph [ directed ]"), "\"directed\" has no value"));
  CHECK(contains(error_of(reader, "graph [ [ ] ]"), "a key is expected, not \"[\""));
  CHECK(contains(error_of(reader, "graph [ 1 2 ]"), "a key is expected, not \"1\""));
  CHECK(contains(error_of(reader, "graph [ \"x\" 2 ]"), "a key is expected"));
  CHECK(contains(error_of(reader,
                          "graph [ no\x01"
                          "de 2 ]"),
                 "a key is expected, not \"no de\""));
  CHECK(contains(error_of(reader, "graph [ \xff 2 ]"), "a key is expected, not \"?\""));
  CHECK(
      contains(error_of(reader, "graph [ ]\nx \"abc"), "line 2: a text without its closing quote"));
  CHECK(contains(error_of(reader, "graph [ ] trailing garbage x"), "the file ends after \"x\""));
  CHECK(contains(error_of(reader, graph("directed 0")), "the graph is undirected"));
  CHECK(contains(error_of(reader, "node [ id 1 ]"), "does not lie directly in \"graph\""));
  CHECK(contains(error_of(reader, graph("node [ node [ id 1 ] ]")), "does not lie directly"));
  CHECK(contains(error_of(reader, "<?xml version=\"1.0\"?>"), "a key is expected"));
}

TEST_CASE("GML: nodes that are wrong") {
  CHECK(contains(error_of(reader, "graph [\nnode [ label \"a\" ] ]"), "line 2: a node without id"));
  CHECK(contains(error_of(reader, graph("node [ id 1 id 1 ]")), "\"id\" occurs twice in one list"));
  CHECK(contains(error_of(reader, "graph [ node [ id 1 ]\nnode [ id 2 ]\nnode [ id 1 ] ]"),
                 "line 3: node id 1 occurs twice, first in line 1"));
  for (auto const* const id : {"x", "1.0", "1e3", "0x1", "2147483648", "-2147483649", "--1", "+-1",
                               "99999999999999999999", "nan", "\"\""})
    CHECK(contains(error_of(reader, graph("node [ id " + std::string(id) + " ]")),
                   "is not an integer of at most 2147483647"));
  for (auto const* const parameter :
       {"x", "-1", "-0.5", "nan", "inf", "Infinity", "1e999", "1_0", "+-1", "1.5x", "\"\""})
    CHECK(
        contains(error_of(reader, graph("node [ id 1 parameter " + std::string(parameter) + " ]")),
                 "is not a finite number >= 0"));
}

TEST_CASE("GML: edges that are wrong") {
  CHECK(contains(error_of(reader, graph(nodes + "edge [ source 1 ]")), "an edge without target"));
  CHECK(contains(error_of(reader, graph(nodes + "edge [ target 1 ]")), "an edge without source"));
  CHECK(contains(error_of(reader, graph(nodes + "\nedge [ source 1 target 3 ]")),
                 "line 2: edge 1 -> 3 names the unknown node 3"));
  CHECK(contains(error_of(reader, graph(nodes + "edge [ source 1 source 1 target 2 ]")), "twice"));
  CHECK(contains(error_of(reader, graph(nodes + "edge [ source 1 target 2 parameter -1 ]")),
                 "is not a finite number >= 0"));
  CHECK(contains(error_of(reader, graph(nodes + "edge [ source 1 target 1 ]")),
                 "an operation cannot wait for itself"));
  CHECK(contains(
      error_of(reader, graph(nodes + "edge [ source 1 target 2 ] edge [ source 1 target 2 ]")),
      "dependence 1 repeats dependence 0: 0 (1) -> 1 (2)"));
  CHECK(contains(
      error_of(reader, graph(nodes + "edge [ source 1 target 2 ] edge [ source 2 target 1 ]")),
      "a cycle of 2 operations"));
}

TEST_CASE("GML: deep nesting neither overflows nor hangs") {
  std::string deep = "graph [ ";
  constexpr int levels = 200000;
  for (int k = 0; k < levels; ++k) deep += "a[";
  CHECK(contains(error_of(reader, deep), "within 200001 lists"));
  CHECK(error_of(reader, deep + std::string(levels, ']') + "]").empty());
}

TEST_CASE("GML: every prefix") {
  // Only the newline after the last bracket may go.
  CHECK(gaus_test::accepted_prefixes(reader, diamond) ==
        std::vector<std::size_t>{diamond.size() - 1});
}

TEST_CASE("GML: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, diamond, 5000, 3) > 0);
}

TEST_CASE("GML: real graphs") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* name;
    std::size_t operations;
    std::size_t dependences;
    double size;
    std::size_t without_weight;
  };
  for (Known const& known : {Known{"1000_1", 949, 2730, 1134096, 1638},
                             {"1000_2", 941, 2790, 1102143, 1674},
                             {"sparse_1000_1", 810, 946, 947733, 568},
                             {"sparse_1000_2", 819, 988, 954525, 593},
                             {"sparse_5000_1", 4087, 5083, 4865379, 3050},
                             {"sparse_5000_2", 4063, 4973, 4824676, 2984},
                             {"5000_1", 4713, 13913, 5693635, 8348},
                             {"10000_2", 9447, 27786, 11286635, 16672}}) {
    auto const path = *folder / "rw" / ("rand_graph_" + std::string(known.name) + ".gml");
    CAPTURE(path.string());
    if (!std::filesystem::exists(path)) continue;  // some are kept compressed
    auto stream = gaus::open_input(path);
    auto const graph = gaus::read_gml(stream, {.source = path.string()});
    CHECK(graph.operations.size() == known.operations);
    CHECK(graph.dependences.size() == known.dependences);
    double size = 0;
    for (auto const& o : graph.operations) size += o.size;
    CHECK(size == known.size);
    std::size_t without_weight = 0;
    for (auto const& d : graph.dependences) without_weight += d.weight == 0 ? 1U : 0U;
    CHECK(without_weight == known.without_weight);
  }
}
