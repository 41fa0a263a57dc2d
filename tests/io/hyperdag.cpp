// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/hyperdag.hpp>

#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/file.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;

auto const reader = [](std::istream& stream) { return gaus::read_hyperdag(stream); };

std::string const sample =
    "%%MatrixMarket weighted-matrix coordinate pattern general\n"
    "% HyperDAG file format v1\n"
    "3 5 8 more\n"
    "1 8 64%  communication, memory\n"
    "0 16\n"
    "2 % nothing\n"
    "0 0\n1 2 7\n2 1\n3 % none\n4 3\n"
    "0 0\n0 1\n1 1\n0 2\n1 3\n2 3\n2 4 9\n1 4\n";

/// The sample with one line replaced, counted from 1.
std::string with_line(int number, std::string const& text) {
  std::istringstream lines(sample);
  std::string all;
  std::string line;
  for (int k = 1; std::getline(lines, line); ++k) all += (k == number ? text : line) + "\n";
  return all;
}

}  // namespace

TEST_CASE("hyperDAG: every kind of line") {
  std::istringstream stream(sample);
  auto const graph = gaus::read_hyperdag(stream, {.latency = 5});
  CHECK(graph.names.empty());
  REQUIRE(graph.operations.size() == 5);
  std::vector<int> const latency{0, 2, 1, 5, 3};
  std::vector<int> const occupancy{0, 2, 1, 1, 3};
  std::vector<double> const size{16, 64, 1, 1, 1};  // the memory weight before the communication
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(graph.operations[i].latency == latency[i]);
    CHECK(graph.operations[i].occupancy == occupancy[i]);
    CHECK(graph.operations[i].size == size[i]);
  }
  CHECK(graph.demands.size() == 4);  // work 0 takes no unit
  std::string all;
  for (auto const& d : graph.dependences)
    all += std::to_string(d.from) + ">" + std::to_string(d.to) + "*" +
           std::to_string(static_cast<int>(d.weight)) + " ";
  CHECK(all == "0>1*16 0>2*16 1>3*8 3>4*1 1>4*8 ");
}

TEST_CASE("hyperDAG: told apart from an edge list") {
  CHECK(gaus::detail::is_hyperdag(sample));
  CHECK(gaus::detail::is_hyperdag("0 0 0"));
  CHECK(gaus::detail::is_hyperdag("0 1 0\n0 3"));
  for (auto const* const text : {"0 1\n1 2", "0 1 2\n1 2 3", "a b 3", "1 2 -3", "",
                                 "0 1 2\n1 2 1\n2 3 1\n0 3 1", "1 1 1\n0\n0\n0 1"})
    CHECK_FALSE(gaus::detail::is_hyperdag(text));
}

TEST_CASE("hyperDAG: no, one and separate nodes") {
  std::istringstream none("0 0 0\n");
  CHECK(gaus::read_hyperdag(none).operations.empty());
  std::istringstream two("0 2 0\n1 4\n0 3\n");
  auto const graph = gaus::read_hyperdag(two);
  REQUIRE(graph.operations.size() == 2);
  CHECK((graph.operations[0].latency == 3 && graph.operations[1].latency == 4));
}

TEST_CASE("hyperDAG: what is wrong") {
  CHECK(contains(error_of(reader, "% x\n"), "no line states the numbers"));
  CHECK(
      contains(error_of(reader, with_line(3, "3 5")), "line 3: the numbers of hyperedges, nodes"));
  CHECK(contains(error_of(reader, with_line(3, "3 999 8")), "the number of nodes \"999\" is not"));
  CHECK(contains(error_of(reader, with_line(3, "-1 5 8")), "the number of hyperedges \"-1\""));
  CHECK(contains(error_of(reader, with_line(3, "3 5 9")), "the file ends before pin 9 of 9"));
  CHECK(contains(error_of(reader, with_line(3, "3 5 7")), "line 19: the pins are the last lines"));
  CHECK(contains(error_of(reader, "2 1 0\n0"), "the file ends before hyperedge 2 of 2"));
  CHECK(contains(error_of(reader, "0 2 0\n0"), "the file ends before node 2 of 2"));
  CHECK(
      contains(error_of(reader, with_line(4, "3")), "line 4: hyperedge \"3\" is not an integer 0"));
  CHECK(contains(error_of(reader, with_line(5, "1")), "line 5: hyperedge 1 has a second line"));
  CHECK(contains(error_of(reader, with_line(8, "0")), "line 8: node 0 has a second line"));
  CHECK(contains(error_of(reader, with_line(8, "5")), "line 8: node \"5\" is not an integer 0..4"));
  CHECK(
      contains(error_of(reader, with_line(8, "1 1.5")), "line 8: work \"1.5\" is not an integer"));
  CHECK(contains(error_of(reader, with_line(8, "1 -1")), "work \"-1\""));
  CHECK(contains(error_of(reader, with_line(8, "1 99999999999")), "work \"99999999999\""));
  CHECK(contains(error_of(reader, with_line(8, "1 536870910")), "add up to 536870915 steps"));
  for (std::string const bad : {"nan", "inf", "-2", "x"}) {
    CHECK(contains(error_of(reader, with_line(5, "0 " + bad)),
                   "line 5: communication weight \"" + bad + "\" is not a finite number >= 0"));
    CHECK(contains(error_of(reader, with_line(5, "0 1 " + bad)), "memory weight \"" + bad + "\""));
  }
  CHECK(contains(error_of(reader, with_line(13, "0")), "line 13: a pin is a hyperedge and a node"));
  CHECK(contains(error_of(reader, with_line(13, "0 5")), "line 13: node \"5\""));
  CHECK(contains(error_of(reader, with_line(13, "3 1")), "line 13: hyperedge \"3\""));
  CHECK(contains(error_of(reader, with_line(13, "0 0")), "line 13: node 0 depends on itself"));
  CHECK(contains(error_of(reader, with_line(14, "1 0")), "node 0 is the source of a second"));
  CHECK(contains(error_of(reader, with_line(15, "0 1")), "repeats dependence 0: 0 -> 1"));
  CHECK(contains(error_of(reader, with_line(18, "2 1")), "a cycle of 2 operations"));
}

TEST_CASE("hyperDAG: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, sample, 5000, 7) > 0);
}

TEST_CASE("hyperDAG: real graphs") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* name;
    std::size_t operations;
    std::size_t dependences;
    int depth;
  };
  for (Known const& known : {Known{"synthetic/ER_N10_e18", 10, 16, 5},
                             {"fine-grained/kNN_N4_K2_nzP0d5", 15, 18, 5},
                             {"fine-grained/CG_N4_K2_nzP0d5", 115, 192, 24},
                             {"extracted/simple_pagerank_gyro_m", 382, 691, 159},
                             {"synthetic/ER_N500_e5000", 500, 4901, 39}}) {
    auto const path = *folder / "hyperdag" / (std::string(known.name) + ".txt");
    CAPTURE(path.string());
    CHECK(gaus::detail::is_hyperdag(gaus::read_file(path)));
    auto stream = gaus::open_input(path);
    auto graph = gaus::read_hyperdag(stream, {.source = path.string()});
    CHECK(graph.operations.size() == known.operations);
    CHECK(graph.dependences.size() == known.dependences);
    for (auto& o : graph.operations) o.latency = o.occupancy = 1;
    auto const system = gaus::make_difference_system(gaus::build_graph(graph));
    CHECK(gaus::critical_path(system, gaus::earliest_steps(system)) == known.depth);
  }
}
