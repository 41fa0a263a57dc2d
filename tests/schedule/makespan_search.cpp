// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/makespan_search.hpp>

#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/psplib.hpp>
#include <support/known.hpp>
#include <support/projects.hpp>
#include <support/reading.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::legal;
using gaus_test::make_project;
using gaus_test::Project;
using gaus_test::random_project;
using Vector = std::vector<int>;

gaus::MakespanResult solve(Project const& p, gaus::MakespanOptions const& options = {}) {
  return gaus::minimize_makespan(p.graph, p.system, p.limits, options);
}

/// Layers of operations that share few units.
Project layered(int operations, std::uint64_t seed) {
  auto g = gaus::layered_workload({.operations = operations, .resources = 3, .seed = seed});
  for (auto& r : g.resources) r.limit = 4;
  return make_project(g);
}

}  // namespace

TEST_CASE("makespan search: proven least on every small project") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 2 + static_cast<int>(seed % 5),
                                   .lags = seed % 2 == 0,
                                   .fractions = seed % 3 == 0},
                                  seed);
    auto const result = solve(p);
    REQUIRE(result.found);
    CHECK(result.optimal);
    CHECK(result.lower_bound == result.makespan);
    CHECK_FALSE(result.infeasible);
    CHECK(legal(p, result.start_steps, result.makespan));
    CHECK(result.makespan == gaus_test::makespan_of(p, result.start_steps));
    CHECK(result.makespan == gaus_test::least_makespan(p, 30));
  }
}

TEST_CASE("makespan search: legal and bounded on larger projects, within its time") {
  for (int const operations : {40, 150, 600}) {
    CAPTURE(operations);
    auto const p = layered(operations, 3);
    auto const begin = std::chrono::steady_clock::now();
    auto const result = solve(p, {.time_limit = 0.4});
    double const seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    REQUIRE(result.found);
    CHECK(legal(p, result.start_steps, result.makespan));
    CHECK(result.lower_bound <= result.makespan);
    CHECK(result.optimal == (result.lower_bound == result.makespan));
    CHECK(contains(result.text, std::to_string(result.makespan) + " steps"));
    CHECK(seconds < 10);  // sanitizers and busy machines are slow; without a limit it were no test
  }
}

TEST_CASE("makespan search: never worse than its start, and follows priorities") {
  auto const p = layered(120, 5);
  auto const first = solve(p, {.time_limit = 0.3});
  auto const again = solve(p, {.time_limit = 0.05, .seed = 9, .start = first.start_steps});
  CHECK(again.makespan <= first.makespan);
  CHECK(legal(p, again.start_steps, again.makespan));
  std::vector<double> means(first.start_steps.begin(), first.start_steps.end());
  auto const told = solve(p, {.time_limit = 0, .priorities = means});
  CHECK(told.makespan <= first.makespan);
  CHECK(legal(p, told.start_steps, told.makespan));
}

TEST_CASE("makespan search: stops when asked, with a legal schedule") {
  auto const p = layered(200, 7);
  auto const result =
      gaus::minimize_makespan(p.graph, p.system, p.limits, {}, [] { return false; });
  REQUIRE(result.found);
  CHECK(legal(p, result.start_steps, result.makespan));
}

TEST_CASE("makespan search: nothing, one operation, nothing limited") {
  gaus::GraphDescription g;
  g.add_resource("A", 1);
  auto const none = solve(make_project(g));
  CHECK(none.found);
  CHECK(none.optimal);
  CHECK(none.makespan == 0);
  g.add_operation({.latency = 3, .occupancy = 5});
  g.add_demand(0, 0);
  auto const one = solve(make_project(g));
  CHECK(one.start_steps == Vector{0});
  CHECK(one.makespan == 5);
  CHECK(one.optimal);
  CHECK(one.text == "makespan 5 steps, proven least");
  auto const free = solve(make_project(gaus::chain(20)));
  CHECK(free.makespan == 20);
  CHECK(free.optimal);
}

// Units that are busy for longer than the result takes: the makespan counts them.
TEST_CASE("makespan search: latency and occupancy are two things") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 1);
  g.add_operation({.latency = 1, .occupancy = 4});
  g.add_operation({.latency = 5, .occupancy = 1});
  g.add_operation({.latency = 1, .occupancy = 1});
  for (int i = 0; i < 3; ++i) g.add_demand(i, unit);
  g.add_dependence(1, 2);
  auto const result = solve(make_project(g));
  // 1 at 0, 0 at 1 .. 4, 2 at 5.
  CHECK(result.makespan == 6);
  CHECK(result.start_steps == Vector{1, 0, 5});
}

TEST_CASE("makespan search: what is refused") {
  auto const p = layered(20, 1);
  auto const message = [&](gaus::MakespanOptions const& options) -> std::string {
    try {
      solve(p, options);
    } catch (gaus::InvalidInput const& error) {
      return error.what();
    }
    return {};
  };
  CHECK(contains(message({.start = {1, 2}}), "2 start steps are given, the graph has 20"));
  CHECK(contains(message({.priorities = {1}}), "1 priorities are given"));
  CHECK(contains(message({.start = Vector(20, 0)}), "the start is not a legal schedule"));
  CHECK(contains(message({.start = Vector(20, -1)}), "starts at step -1"));
  std::vector<double> priorities(20, 0.0);
  priorities[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK(contains(message({.priorities = priorities}), "priority of operation 3 is not a number"));
  CHECK(contains(message({.time_limit = std::numeric_limits<double>::quiet_NaN()}), "time limit"));
  CHECK_THROWS_AS(gaus::minimize_makespan(p.graph, p.system, gaus_test::Limits{1.0}),
                  gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::minimize_makespan(p.graph, p.system, gaus_test::Limits{0.0, 0.0, 0.0}),
                  gaus::Infeasible);
}

// Proven by exhaustive search elsewhere; the last is out of reach of list schedules.
TEST_CASE("makespan search: published least makespans") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* file;
    double mul;  ///< units; 0: a project with limits of its own
    double alu;
    int makespan;
  };
  for (Known const& k :
       {Known{"dfg/hal.dot", 2, 1, 8}, Known{"dfg/ewf.dot", 1, 2, 21},
        Known{"dfg/arf.dot", 3, 1, 16}, Known{"dfg/cosine1.dot", 4, 5, 14},
        Known{"dfg/smooth_color_z_triangle_dfg__31.dot", 5, 5, 30},
        Known{"psplib/j30/j301_1.sm", 0, 0, 43}, Known{"psplib/j30/j309_1.sm", 0, 0, 83}}) {
    CAPTURE(k.file);
    auto const path = *folder / k.file;
    if (!std::filesystem::exists(path)) continue;
    auto stream = gaus::open_input(path);
    auto g = k.mul > 0 ? gaus::read_dot(stream) : gaus::read_psplib(stream);
    if (k.mul > 0) {
      g.resources[0].limit = k.mul;
      g.resources[1].limit = k.alu;
    }
    auto const p = make_project(g);
    auto const result = solve(p);
    CHECK(legal(p, result.start_steps, result.makespan));
    CHECK(result.makespan == k.makespan);
    CHECK(result.optimal);
  }
}
