// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/dot.hpp>

#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/file.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <cstddef>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_dot(stream); };

gaus::GraphDescription read_text(std::string const& text, gaus::ReadOptions const& options = {}) {
  std::istringstream stream(text);
  return gaus::read_dot(stream, options);
}

std::string graph(std::string const& body) { return "digraph g { " + body + " }"; }

using Pairs = std::vector<std::pair<int, int>>;

Pairs pairs(gaus::GraphDescription const& graph) {
  Pairs all;
  for (auto const& d : graph.dependences) {
    CHECK((d.weight == 1 && d.distance == 0 && d.delay == 0));
    all.emplace_back(d.from, d.to);
  }
  return all;
}

std::vector<int> classes(gaus::GraphDescription const& graph) {
  std::vector<int> all(graph.operations.size(), -1);
  for (auto const& d : graph.demands) {
    CHECK(d.units == 1);
    all[static_cast<std::size_t>(d.operation)] = d.resource;
  }
  return all;
}

/// All that is read: comments, keywords in any case, quoted ids, ports, chains, attributes of all.
std::string const sample = R"(/* two
lines */ strict DiGraph "the \"name\"" {
  # a comment, { [ "
  Node [fontcolor=white, label="\N"; style=filled] [shape=box]
  graph [ ];
  edge [color="1 2 3"]
  rankdir = LR; "size" = "4,4"
  last -> 1:out:n -> "a b" [label = "mul"];  // node last is the first
  1 [label = " MUL "]
  "a b" [color = red, label = div] ; -2.5 [label=add];
  "say \"so\\" [label="ad\
d"]
  1 -> "a b"
  "1"->-2.5; "node" -> last
}
)";

}  // namespace

TEST_CASE("DOT: every kind of statement") {
  auto const graph = read_text(sample, {.latency = 7});
  CHECK(graph.names ==
        std::vector<std::string>{"last", "1", "a b", "-2.5", "say \"so\\\\", "node"});
  REQUIRE(graph.resources.size() == 2);
  CHECK((graph.resources[0].name == "MUL" && !graph.resources[0].limit));
  CHECK((graph.resources[1].name == "ALU" && !graph.resources[1].limit));
  CHECK(classes(graph) == std::vector<int>{1, 0, 0, 1, 1, 1});
  std::vector<int> const steps{1, 2, 2, 1, 1, 1};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    CHECK(graph.operations[i].latency == steps[i]);
    CHECK(graph.operations[i].occupancy == steps[i]);
    CHECK(graph.operations[i].size == 1);
  }
  // The chain, without its repetition, then the two of the last line.
  CHECK(pairs(graph) == Pairs{{0, 1}, {1, 2}, {1, 3}, {5, 0}});
}

TEST_CASE("DOT: small and odd files that are right") {
  auto const none = read_text("digraph{}");
  CHECK(none.operations.empty());
  CHECK(none.resources.size() == 2);
  CHECK(read_text("\xef\xbb\xbf#\r\ndigraph G {;;a;;b}\r\n// end").operations.size() == 2);
  CHECK(read_text("digraph{a->b->c->d}").dependences.size() == 3);
  CHECK(read_text("digraph{a[label=mul]b[label=Div]c[label=DIVIDE]}").demands[2].resource == 1);
  CHECK(read_text("digraph{a a; a[color=red]b->a[label=x]subgraphs}").names ==
        std::vector<std::string>{"a", "b", "subgraphs"});
}

TEST_CASE("DOT: a table of one's own") {
  gaus::OperationTable const table{
      .resources = {{"FPU", 2.0}, {"port"}},
      .kinds = {{"FMA", {.latency = 4, .resource = 0}},
                {"load", {.latency = 3, .occupancy = 2, .resource = 1}},
                {"", {.latency = 0}}},
      .other = {}};
  auto const read = [&](std::istream& stream) { return gaus::read_dot(stream, {}, table); };
  std::istringstream text("digraph { a [label=fma] b [label=Load] c [label=\"\"] }");
  auto const graph = read(text);
  REQUIRE(graph.resources.size() == 2);
  CHECK((graph.resources[0].name == "FPU" && graph.resources[0].limit == 2.0));
  CHECK(classes(graph) == std::vector<int>{0, 1, -1});
  CHECK((graph.operations[0].latency == 4 && graph.operations[0].occupancy == 1));
  CHECK((graph.operations[1].latency == 3 && graph.operations[1].occupancy == 2));
  CHECK(graph.operations[2].latency == 0);

  CHECK(
      contains(error_of(read, "digraph {\n a [label=fma]\n b\n [label=mul] }"),
               "line 4: node \"b\" has the unknown label \"mul\" (known: \"\" \"FMA\" \"load\")"));
  CHECK(contains(error_of(read, "digraph {\n a [label=fma]\n\n a -> b }"),
                 "line 4: node \"b\" has no label"));

  auto const twice = [](std::istream& stream) {
    return gaus::read_dot(stream, {}, {.resources = {}, .kinds = {{"a", {}}, {"A", {}}}});
  };
  std::istringstream any("digraph {}");
  CHECK_THROWS_WITH_AS(twice(any), "the table of operations has the label \"a\" twice",
                       gaus::InvalidInput);
  auto const no_class = [](std::istream& stream) {
    return gaus::read_dot(stream, {},
                          {.resources = {{"X"}}, .kinds = {{"a", {.resource = 1}}}, .other = {}});
  };
  CHECK(contains(error_of(no_class, "digraph { n [label=a] }"),
                 "demand of resource 1, the graph has 1 resources"));
}

TEST_CASE("DOT: structure that is wrong") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, "\n # nothing"), "line 2: the file ends where \"digraph\""));
  CHECK(contains(error_of(reader, "aig 3 2 0 1 1"), "\"digraph\" is expected, not \"aig\""));
  CHECK(contains(error_of(reader, "graph { a -- b }"), "the graph is undirected"));
  CHECK(contains(error_of(reader, "strict graph {}"), "the graph is undirected"));
  CHECK(contains(error_of(reader, "\"digraph\" {}"), "\"digraph\" is expected"));
  CHECK(contains(error_of(reader, "digraph\ng [a]"), "line 2: the \"{\" of the graph is expected"));
  CHECK(contains(error_of(reader, "digraph {\na\n"), "line 3: the file ends within the graph"));
  CHECK(contains(error_of(reader, "digraph {} }"), "\"}\" follows the graph"));
  CHECK(contains(error_of(reader, "digraph {}\ndigraph {}"), "line 2: \"digraph\" follows"));
  CHECK(contains(error_of(reader, graph("{ a b } -> c")), "subgraphs are not read"));
  CHECK(contains(error_of(reader, graph("a -> { b c }")), "subgraphs are not read"));
  CHECK(contains(error_of(reader, graph("\nSubGraph x { a }")), "line 2: subgraphs are not read"));
  CHECK(contains(error_of(reader, graph("a -> subgraph x { a }")), "subgraphs are not read"));
  CHECK(contains(error_of(reader, graph("\"abc")), "line 1: a text without its closing quote"));
  CHECK(contains(error_of(reader, graph("a;\n\"abc\\\"")), "line 2: a text without its closing"));
  CHECK(contains(error_of(reader, graph("\n/* a")), "line 2: a comment without its \"*/\""));
  CHECK(contains(error_of(reader, graph("a # no comment here")), "the character \"#\""));
  CHECK(contains(error_of(reader, graph("a + b")), "the character \"+\""));
  CHECK(contains(error_of(reader, graph("a - b")), "the character \"-\""));
  CHECK(contains(error_of(reader, graph(std::string(1, '\0'))), "the character \" \""));
  CHECK(contains(error_of(reader, graph("a [label=<<b>x</b>>]")), "HTML texts are not read"));
  CHECK(
      contains(error_of(reader, graph("] a")), "a node, an edge or \"}\" is expected, not \"]\""));
  CHECK(contains(error_of(reader, graph("a, b")), "is expected, not \",\""));
}

TEST_CASE("DOT: nodes, edges and attributes that are wrong") {
  CHECK(contains(error_of(reader, "digraph {\n1 [label=mul]\n\n1 [label=mul] }"),
                 "line 4: node \"1\" has a label twice, first in line 2"));
  CHECK(contains(error_of(reader, graph("a [label=mul, label=add]")), "occurs twice"));
  CHECK(contains(error_of(reader, graph("a [label]")), "the \"=\" of attribute \"label\""));
  CHECK(contains(error_of(reader, graph("a [label=]")), "the value of \"label\" is expected"));
  CHECK(contains(error_of(reader, graph("a [=x]")), "an attribute or \"]\" is expected"));
  CHECK(contains(error_of(reader, "digraph {\na\n[ b=c"),
                 "the file ends within the \"[\" of line 3"));
  CHECK(contains(error_of(reader, graph("node a")), "the \"[\" of default attributes"));
  CHECK(contains(error_of(reader, graph("a = ")), "the value of \"a\" is expected, not \"}\""));
  CHECK(contains(error_of(reader, graph("a:")), "a port is expected"));
  CHECK(contains(error_of(reader, graph("a ->")), "the node after \"->\" is expected, not \"}\""));
  CHECK(contains(error_of(reader, graph("-> a")), "a node, an edge or \"}\" is expected"));
  CHECK(contains(error_of(reader, "digraph { a -> b\n-> c -> c }"),
                 "line 2: node \"c\" depends on itself"));
  CHECK(contains(error_of(reader, "digraph { a -> b [weight=2]\na -> b }"),
                 "line 2: the edge \"a\" -> \"b\" has the weight 1 here and 2 before"));
  CHECK(contains(error_of(reader, "digraph { a -> b [value=false]\na -> b }"),
                 "line 2: the edge \"a\" -> \"b\" has a value here and none before"));
  CHECK(contains(error_of(reader, graph("\na -> b\n--c")), "line 3: \"--\" is an undirected edge"));
  CHECK(contains(error_of(reader, graph("a -> b -> \"c d\" -> a")),
                 "a cycle of 3 operations: 1 (b) -> 2 (c d) -> 0 (a) -> 1 (b)"));
}

TEST_CASE("DOT: what is too large") {
  auto const small = [](std::istream& stream) { return gaus::read_dot(stream, {.max_bytes = 20}); };
  CHECK(error_of(small, "digraph { a -> b }").empty());
  CHECK(contains(error_of(small, "digraph { a -> b -> c }"), "more than 20 bytes"));
  // Long lines and many lists are read in one pass.
  std::string chain = "digraph { ";
  for (int k = 0; k < 50000; ++k) chain += "n" + std::to_string(k) + "->";
  CHECK(read_text(chain + "end" + std::string(100000, ' ') + "}").operations.size() == 50001);
  std::string lists = "digraph { a";
  for (int k = 0; k < 50000; ++k) lists += "[b=c]";
  CHECK(read_text(lists + "}").operations.size() == 1);
}

TEST_CASE("DOT: every prefix") {
  // Only the newline after the last brace may go.
  CHECK(gaus_test::accepted_prefixes(reader, sample) ==
        std::vector<std::size_t>{sample.size() - 1});
}

TEST_CASE("DOT: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, sample, 5000, 5) > 0);
}

TEST_CASE("DOT: real graphs") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* name;
    std::size_t operations;
    std::size_t dependences;
    std::size_t multiplications;
    int critical_path;
  };
  for (Known const& known : {Known{"hal", 11, 8, 6, 6},
                             {"arf", 28, 30, 16, 11},
                             {"ewf", 34, 47, 8, 17},
                             {"fir1", 44, 43, 11, 12},
                             {"cosine1", 66, 76, 16, 10},
                             {"feedback_points_dfg__7", 53, 50, 18, 10},
                             {"jpeg_fdct_islow_dfg__6", 134, 169, 36, 16},
                             {"matmul_dfg__3", 109, 116, 40, 11},
                             {"smooth_color_z_triangle_dfg__31", 197, 196, 69, 15},
                             {"write_bmp_header_dfg__7", 106, 88, 2, 8},
                             {"dag_500", 500, 1330, 89, 33}}) {
    auto const path = *folder / "dfg" / (std::string(known.name) + ".dot");
    CAPTURE(path.string());
    auto stream = gaus::open_input(path);
    auto const graph = gaus::read_dot(stream, {.source = path.string()});
    CHECK(graph.operations.size() == known.operations);
    CHECK(graph.dependences.size() == known.dependences);
    std::size_t multiplications = 0;
    for (int const r : classes(graph)) multiplications += r == 0 ? 1U : 0U;
    CHECK(multiplications == known.multiplications);
    auto const system = gaus::make_difference_system(gaus::build_graph(graph));
    CHECK(gaus::critical_path(system, gaus::earliest_steps(system)) == known.critical_path);
  }
}
