// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/time_lag_search.hpp>

#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/io/file.hpp>
#include <gaus/io/psplib.hpp>
#include <gaus/schedule/makespan_search.hpp>
#include <support/projects.hpp>
#include <support/reading.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using gaus_test::contains;
using gaus_test::legal;
using gaus_test::make_project;
using gaus_test::Project;
using gaus_test::random_project;

gaus::MakespanResult solve(Project const& p, gaus::MakespanOptions const& options = {}) {
  return gaus::minimize_makespan(p.graph, p.system, p.limits, options);
}

}  // namespace

TEST_CASE("time lags: least makespan or proof on every small project") {
#if defined(__SANITIZE_ADDRESS__)  // all schedules are tried, which takes its time there
  unsigned const projects = 100;
#else
  unsigned const projects = 300;
#endif
  unsigned infeasible = 0;
  unsigned cycles = 0;
  for (unsigned seed = 1; seed <= projects; ++seed) {
    CAPTURE(seed);
    auto const p = random_project({.operations = 3 + static_cast<int>(seed % 4),
                                   .lags = seed % 2 == 0,
                                   .maximum = true,
                                   .fractions = seed % 3 == 0},
                                  seed);
    auto const least = gaus_test::least_makespan(p, 26);
    std::vector<int> start(p.description.operations.size(), 0);
    if (!gaus::raise(p.system, start)) {
      ++cycles;
      CHECK_FALSE(least);
      CHECK_THROWS_AS(solve(p), gaus::Infeasible);
      continue;
    }
    auto const result = solve(p);
    CHECK(result.found == least.has_value());
    CHECK(result.infeasible == !least.has_value());
    if (!result.found) {
      ++infeasible;
      CHECK(contains(result.text, "no schedule exists"));
      continue;
    }
    CHECK(result.makespan == *least);
    CHECK(result.optimal);
    CHECK(legal(p, result.start_steps, result.makespan));
  }
  CHECK(cycles > projects / 30);
  CHECK(infeasible > projects / 75 - 1);
}

// 1 within 2 steps of 0, on a unit that 0 keeps for 3.
TEST_CASE("time lags: two operations that prove it") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 1);
  for (int i = 0; i < 2; ++i) {
    g.add_operation({.latency = 3, .occupancy = 3});
    g.add_demand(i, unit);
  }
  auto const result = solve(make_project(g, {{0, 1, 1}, {1, 0, -2}}));
  CHECK_FALSE(result.found);
  CHECK(result.infeasible);
  CHECK(result.clash == std::pair{1, 0});
  CHECK(contains(result.text, "operations 1 and 0"));
}

// Three operations of two steps, one unit each of two, all to start within one step: no pair of
// them is too much, and no order helps.
TEST_CASE("time lags: a proof by exhaustion") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A", 2);
  for (int i = 0; i < 3; ++i) {
    g.add_operation({.latency = 2, .occupancy = 2});
    g.add_demand(i, unit);
  }
  std::vector<gaus::DifferenceBound> within;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      if (i != j) within.push_back({i, j, -1});
  auto const result = solve(make_project(g, within));
  CHECK(result.infeasible);
  CHECK_FALSE(result.clash);
  CHECK(contains(result.text, "exhaustive search"));
  for (auto& w : within) w.delta = -2;  // one of them two steps later
  auto const p = make_project(g, within);
  auto const possible = solve(p);
  CHECK(possible.makespan == 4);
  CHECK(possible.optimal);
  CHECK(legal(p, possible.start_steps, 4));
}

TEST_CASE("time lags: stops when asked, and keeps a start") {
  auto const p = random_project({.operations = 6, .lags = true, .maximum = true}, 12);
  auto const best = solve(p);
  REQUIRE(best.found);
  auto const stopped =
      gaus::minimize_makespan(p.graph, p.system, p.limits, {}, [] { return false; });
  CHECK((stopped.found || contains(stopped.text, "no schedule was found in time")));
  auto const kept = gaus::minimize_makespan(p.graph, p.system, p.limits,
                                            {.start = best.start_steps}, [] { return false; });
  REQUIRE(kept.found);
  CHECK(kept.makespan <= best.makespan);
}

TEST_CASE("time lags: published instances with ten and twenty activities") {
  auto const folder = gaus_test::benchmark_data();
  if (!folder) return;
  struct Known {
    char const* file;
    int makespan;  ///< 0: no schedule exists
  };
  for (Known const& k :
       {Known{"rcpsp-max/sm_j10/PSP1.SCH", 26}, Known{"rcpsp-max/sm_j10/PSP33.SCH", 70},
        Known{"rcpsp-max/sm_j10/PSP31.SCH", 0}, Known{"rcpsp-max/sm_j20/PSP15.SCH", 93},
        Known{"rcpsp-max/sm_j20/PSP1.SCH", 0}, Known{"rcpsp-max/testset_ubo20/psp3.sch", 0},
        Known{"rcpsp-max/testset_ubo20/psp13.sch", 92}}) {
    CAPTURE(k.file);
    auto const path = *folder / k.file;
    if (!std::filesystem::exists(path)) continue;
    auto stream = gaus::open_input(path);
    auto const p = make_project(gaus::read_psplib(stream));
    auto const result = solve(p);
    CHECK(result.infeasible == (k.makespan == 0));
    if (k.makespan == 0) continue;
    CHECK(result.makespan == k.makespan);
    CHECK(result.optimal);
    CHECK(legal(p, result.start_steps, result.makespan));
  }
}
