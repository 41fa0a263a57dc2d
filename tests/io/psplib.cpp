// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/psplib.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/io/file.hpp>
#include <support/known.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::error_of;
using Vector = std::vector<int>;

auto const reader = [](std::istream& stream) { return gaus::read_psplib(stream); };

gaus::GraphDescription read_text(std::string const& text) {
  std::istringstream stream(text);
  return gaus::read_psplib(stream);
}

/// Two jobs between the dummy ones, as the generator writes such files.
std::string const project =
    R"(************************************************************************
file with basedata            : hand.bas
************************************************************************
projects                      :  1
jobs (incl. supersource/sink ):  4
horizon                       :  7
RESOURCES
  - renewable                 :  2   R
  - nonrenewable              :  0   N
  - doubly constrained        :  0   D
************************************************************************
PROJECT INFORMATION:
pronr.  #jobs rel.date duedate tardcost  MPM-Time
    1      2      0        7        1        7
************************************************************************
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1  R 2
------------------------------------------------------------------------
  1      1     0       0    0
  2      1     3       2    0
  3      1     4       1    5
  4      1     0       0    0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1  R 2
    2    5
************************************************************************
)";

/// 1 (3 steps), 2 (2 steps): 2 starts at least 1 and at most 4 after 1.
std::string const lags =
    "2\t2\t0\t0\r\n"
    "0\t1\t2\t1\t2\t[0]\t[3]\r\n"
    "1\t1\t2\t2\t3\t[1]\t[3]\r\n"
    "2\t1\t2\t3\t1\t[2]\t[-4]\r\n"
    "3\t1\t0\r\n"
    "0\t1\t0\t0\t0\r\n"
    "1\t1\t3\t1\t0\r\n"
    "2\t1\t2\t4\t2\r\n"
    "3\t1\t0\t0\t0\r\n"
    "4\t2\r\n";

std::string with(std::string text, std::string const& from, std::string const& to) {
  auto const place = text.find(from);
  REQUIRE(place != std::string::npos);
  return text.replace(place, from.size(), to);
}

}  // namespace

TEST_CASE("PSPLIB: two jobs between dummies") {
  auto const g = read_text(project);
  REQUIRE(g.operations.size() == 4);
  CHECK(g.names == std::vector<std::string>{"job 1", "job 2", "job 3", "job 4"});
  Vector const duration{0, 3, 4, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(g.operations[i].latency == duration[i]);
    CHECK(g.operations[i].occupancy == duration[i]);
    CHECK(g.operations[i].size == 1);
  }
  REQUIRE(g.resources.size() == 2);
  CHECK(g.resources[0].name == "R1");
  CHECK(g.resources[1].name == "R2");
  CHECK(g.limits() == std::vector<std::optional<double>>{2.0, 5.0});
  REQUIRE(g.demands.size() == 3);
  CHECK(g.demands[1].operation == 2);
  CHECK(g.demands[1].resource == 0);
  CHECK(g.demands[1].units == 1);
  CHECK(g.demands[2].units == 5);
  REQUIRE(g.dependences.size() == 4);
  CHECK(g.dependences[2].from == 1);
  CHECK(g.dependences[2].to == 3);
  CHECK(g.dependences[2].delay == 0);
  auto const system = gaus::make_difference_system(gaus::build_graph(g));
  CHECK(gaus::earliest_steps(system) == Vector{0, 0, 0, 4});
  CHECK(gaus::initiation_interval(g).resources.text ==
        "ResMII 5: an iteration takes resource R1 for 10 units x steps, it has 2 a step");
}

TEST_CASE("ProGen/max: minimum and maximum time lags") {
  auto const g = read_text(lags);
  REQUIRE(g.operations.size() == 4);
  CHECK(g.names.empty());
  CHECK(g.operations[1].latency == 3);
  CHECK(g.operations[1].occupancy == 3);
  CHECK(g.limits() == std::vector<std::optional<double>>{4.0, 2.0});
  CHECK(g.demands.size() == 3);
  REQUIRE(g.dependences.size() == 6);
  // Lag 1 behind a duration of 3, lag -4 behind one of 2.
  CHECK(g.dependences[2].delay == -2);
  CHECK(g.dependences[5].delay == -6);
  auto const system = gaus::make_difference_system(gaus::build_graph(g));
  CHECK(gaus::earliest_steps(system) == Vector{0, 0, 3, 5});
  auto const bounds = gaus::step_bounds(system, 6);
  CHECK(bounds.latest == Vector{1, 3, 4, 6});
  // At most 0 after: contradicts the lag of 1, which is no defect of the file.
  auto const tight = read_text(with(lags, "[-4]", "[0]"));
  CHECK_THROWS_AS(gaus::earliest_steps(gaus::make_difference_system(gaus::build_graph(tight))),
                  gaus::Infeasible);
}

TEST_CASE("ProGen/max: activities that start together") {
  auto const g = read_text(with(with(lags, "[1]\t[3]", "[0]\t[3]"), "[-4]", "[0]"));
  auto const system = gaus::make_difference_system(gaus::build_graph(g));
  CHECK(gaus::earliest_steps(system) == Vector{0, 3, 3, 6});
}

TEST_CASE("PSPLIB: no activity, one activity") {
  CHECK(read_text("0 0\n0 1 1 1 [0]\n1 1 0\n0 1 0\n1 1 0\n\n").operations.size() == 2);
  auto const one =
      read_text("1 1\n0 1 1 1 [0]\n1 1 1 2 [7]\n2 1 0\n0 1 0 0\n1 1 7 1\n2 1 0 0\n1\n");
  CHECK(one.operations[1].latency == 7);
  CHECK(one.dependences[1].delay == 0);
}

TEST_CASE("PSPLIB: files that are none") {
  CHECK(contains(error_of(reader, ""), "the input is empty"));
  CHECK(contains(error_of(reader, " \n\t\r\n"), "the input holds no text"));
  CHECK(contains(error_of(reader, "hello"), "no section \"PRECEDENCE RELATIONS\""));
  CHECK(contains(error_of(reader, with(project, "REQUESTS", "REQUEST")),
                 "no section \"REQUESTS/DURATIONS\""));
  CHECK(contains(error_of(reader, with(project, "RESOURCEAV", "RESOURCE AV")),
                 "no section \"RESOURCEAVAILABILITIES\""));
  CHECK(contains(error_of(reader, project + "REQUESTS/DURATIONS:\n"),
                 "line 35: a second section \"REQUESTS/DURATIONS\""));
}

TEST_CASE("PSPLIB: what the head states") {
  CHECK(contains(error_of(reader, with(project, "nonrenewable              :  0",
                                       "nonrenewable              :  2")),
                 "line 9: renewable resources alone are read"));
  CHECK(contains(error_of(reader, with(project, "constrained        :  0", "constrained :  1")),
                 "line 10: renewable resources alone are read"));
  CHECK(contains(error_of(reader, with(project, "renewable                 :  2",
                                       "renewable                 :  3")),
                 "line 33: 2 capacities, the file states 3 renewable resources"));
  CHECK(contains(error_of(reader, with(project, "sink ):  4", "sink ):  5")),
                 "the section \"PRECEDENCE RELATIONS\" has 4 rows, the file states 5 jobs"));
  CHECK(contains(error_of(reader, with(project, "sink ):  4", "sink )")),
                 "line 5: no number follows \"jobs\""));
  CHECK(contains(error_of(reader, with(project, "sink ):  4", "sink ): four")),
                 "line 5: \"four\" is not an integer"));
}

TEST_CASE("PSPLIB: rows that are wrong") {
  auto const wrong = [](std::string const& from, std::string const& to) {
    return error_of(reader, with(project, from, to));
  };
  CHECK(contains(
      wrong("   2        1          1           4", "   5        1          1           4"),
      "line 19: job 2 is expected, not 5"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        2          1           4"),
      "line 19: job 2 has the mode or number of modes 2: single-mode projects alone"));
  CHECK(contains(wrong("   2        1          1           4", "   2        1"),
                 "line 19: job 2 has no number of successors"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          2           4"),
      "line 19: job 2 states 2 successors and names 1"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1         -1           4"),
      "line 19: job 2 states -1 successors and names 1"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          1           5"),
      "line 19: job 2 names the successor 5, jobs are 1..4"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          1           2"),
      "line 19: job 2 names itself as a successor"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          2         4 4"),
      "line 19: job 2 names a successor twice"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          1           x"),
      "line 19: \"x\" is not an integer of at most 536870911"));
  CHECK(contains(
      wrong("   2        1          1           4", "   2        1          1           1"),
      "the forward dependences form a cycle of 2 operations"));
  CHECK(contains(wrong("  2      1     3       2    0", "  2      1     3       2"),
                 "line 27: job 2 has units of 1 resources, there are 2"));
  CHECK(contains(wrong("  2      1     3       2    0", "  2      1     -3       2    0"),
                 "line 27: job 2: duration -3 < 0"));
  CHECK(contains(wrong("  2      1     3       2    0", "  2      1     3       2    -7"),
                 "line 27: job 2: units of R2 -7 < 0"));
  CHECK(contains(wrong("  2      1     3       2    0", "  2      1     0       2    0"),
                 "line 27: job 2 takes units of R1 for no step"));
  CHECK(contains(wrong("  2      1     3       2    0", "  2      1     600000000       2    0"),
                 "\"600000000\" is not an integer of at most 536870911"));
  CHECK(
      contains(wrong("  2      1     3       2    0\n", ""), "has 3 rows, the file states 4 jobs"));
  CHECK(contains(wrong("    2    5", "    2    -5"), "line 33: capacity of R2 -5 < 0"));
  CHECK(contains(wrong("    2    5", "    2    5\n  2 5"), "has 2 rows, not one"));
  auto const headless = with(project, "jobs (incl. supersource/sink ):  4", "");
  CHECK(error_of(reader, headless).empty());
  CHECK(contains(error_of(reader, with(headless, "   4        1          0\n", "")),
                 "precedences of 3 jobs, durations of 4"));
}

TEST_CASE("ProGen/max: rows that are wrong") {
  auto const wrong = [](std::string const& from, std::string const& to) {
    return error_of(reader, with(lags, from, to));
  };
  CHECK(contains(wrong("2\t2\t0\t0", "2"), "line 1: the numbers of activities and of resources"));
  CHECK(contains(wrong("2\t2\t0\t0", "-2\t2"), "line 1: number of activities -2 < 0"));
  CHECK(contains(wrong("2\t2\t0\t0", "2\t-2"), "line 1: number of resources -2 < 0"));
  CHECK(contains(wrong("2\t2\t0\t0", "2\t2\t1\t0"), "line 1: renewable resources alone are read"));
  CHECK(
      contains(wrong("2\t2\t0\t0", "500000000\t2\t0\t0"), "line 6: activity 4 is expected, not 0"));
  CHECK(contains(wrong("1\t1\t2\t2\t3", "7\t1\t2\t2\t3"), "line 3: activity 1 is expected, not 7"));
  CHECK(contains(wrong("1\t1\t2\t2\t3", "1\t2\t2\t2\t3"),
                 "line 3: activity 1 has the mode or number of modes 2"));
  CHECK(
      contains(wrong("1\t1\t2\t2\t3", "1\t1\t-2\t2\t3"), "line 3: activity 1: successors -2 < 0"));
  CHECK(contains(wrong("1\t1\t2\t2\t3", "1\t1\t3\t2\t3"),
                 "line 3: activity 1 states 3 successors: as many numbers and as many lags are "
                 "expected, not 4 fields"));
  CHECK(contains(wrong("1\t1\t2\t2\t3", "1\t1\t2\t2\t4"),
                 "line 3: activity 1 names the successor 4, activities are 0..3"));
  CHECK(
      contains(wrong("1\t1\t2\t2\t3", "1\t1\t2\t2\t1"), "activity 1 names itself as a successor"));
  CHECK(contains(wrong("[1]\t[3]", "[1]\t3"),
                 "line 3: a time lag in brackets is expected, not \"3\""));
  CHECK(contains(wrong("[1]\t[3]", "[1]\t[]"), "a time lag in brackets is expected, not \"[]\""));
  CHECK(contains(wrong("[1]\t[3]", "[1]\t[x]"), "line 3: \"x\" is not an integer"));
  CHECK(contains(wrong("\t2\t3\t[1]\t[3]", "\t2\t2\t[1]\t[1]"),
                 "line 3: activity 1 names a successor twice"));
  CHECK(error_of(reader, with(lags, "\t2\t3\t[1]\t[3]", "\t2\t2\t[1]\t[2]")).empty());
  CHECK(contains(wrong("3\t1\t0\r\n0", "3\t1\r\n0"),
                 "line 5: activity 3 has no number of successors"));
  CHECK(contains(wrong("2\t1\t2\t4\t2", "2\t1\t2\t4"),
                 "line 8: activity 2 has units of 1 resources, there are 2"));
  CHECK(contains(wrong("2\t1\t2\t4\t2", "2\t1"), "line 8: activity 2 has no duration"));
  CHECK(contains(wrong("2\t1\t2\t4\t2", "2\t1\t0\t4\t2"),
                 "activity 2 takes units of R1 for no step"));
  CHECK(contains(wrong("\n4\t2\r\n", "\n4\r\n"),
                 "line 10: 1 capacities, the file states 2 resources"));
  CHECK(contains(wrong("\n4\t2\r\n", "\n4\t-2\r\n"), "line 10: capacity of R2 -2 < 0"));
  CHECK(contains(wrong("\n4\t2\r\n", "\n"), "the file ends before the capacities"));
  CHECK(contains(error_of(reader, lags + "1 2\r\n"), "line 11: the capacities are the last line"));
  CHECK(contains(error_of(reader, "2 2\n"), "the file ends before the time lags of activity 0"));
  CHECK(
      contains(error_of(reader, "0 0\n0 1 0\n1 1 0\n"), "ends before the duration of activity 0"));
  // Lags that no step count holds.
  CHECK(contains(wrong("[-4]", "[-536870911]"), "add up to"));
}

TEST_CASE("PSPLIB: every prefix") {
  auto const cut = gaus_test::accepted_prefixes(reader, project);
  // From the last capacity on.
  REQUIRE_FALSE(cut.empty());
  CHECK(cut.front() == project.find("    2    5") + 10);
  auto const cut_lags = gaus_test::accepted_prefixes(reader, lags);
  CHECK(cut_lags == std::vector<std::size_t>{lags.size() - 2, lags.size() - 1});
}

TEST_CASE("PSPLIB: no change of a few bytes does harm") {
  CHECK(gaus_test::accepted_mutations(reader, project, 5000, 3) > 0);
  CHECK(gaus_test::accepted_mutations(reader, lags, 5000, 4) > 0);
}

TEST_CASE("PSPLIB: real projects") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  int files = 0;
  for (auto const& known : gaus_test::known_files(*folder, {"psplib/", "rcpsp-max/"})) {
    CAPTURE(known.path.string());
    ++files;
    auto stream = gaus::open_input(known.path);
    auto const g = gaus::read_psplib(stream, {.source = known.path.string()});
    CHECK(g.operations.size() == known.operations);
    CHECK(g.dependences.size() == known.dependences);
    auto const graph = gaus::build_graph(g);
    auto const system = gaus::make_difference_system(graph);
    auto const earliest = gaus::earliest_steps(system);
    auto const bounds = gaus::step_bounds(system, gaus::critical_path(system, earliest));
    CHECK(bounds.earliest == earliest);
    for (std::size_t i = 0; i < earliest.size(); ++i) CHECK(bounds.latest[i] >= earliest[i]);
  }
  MESSAGE(files << " projects read");
  if (std::filesystem::exists(*folder / "files.csv")) CHECK(files > 0);
}
