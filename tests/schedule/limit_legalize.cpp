// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/limit_legalize.hpp>

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/schedules.hpp>
#include <support/small_loops.hpp>

#include <doctest/doctest.h>
#include <optional>
#include <span>
#include <vector>

using namespace gaus_test;

namespace {

gaus::StopCondition const no_limit{0};

}  // namespace

TEST_CASE("limit legalizer: without limits as legal_candidates()") {
  auto const c = random_case(20, 5, 3);
  Random random(1);
  std::vector<float> means;
  for (int i = 0; i < c.operations(); ++i)
    means.push_back(static_cast<float>(random.below(c.steps)));
  std::vector<std::vector<int>> expected;
  gaus::legal_candidates(c.system, c.bounds, std::span<float const>(means),
                         [&](auto const& s) { expected.push_back(s); });
  gaus::detail::LimitLegalizer<gaus::HostGraph> legalizer(c.problem, c.system, c.bounds, {},
                                                          no_limit);
  CHECK_FALSE(legalizer.limited());
  std::size_t k = 0;
  legalizer.candidates(std::span<float const>(means), [&](auto const& s) {
    REQUIRE(k < expected.size());
    CHECK(s == expected[k++]);
  });
  CHECK(k == expected.size());
}

TEST_CASE("limit legalizer: pipelined schedules that keep constraints, bounds and mostly limits") {
  int kept = 0;
  int tried = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    auto const loop = small_loop(seed);
    auto const graph = gaus::build_graph(loop.graph);
    auto const system = gaus::make_difference_system(graph, loop.interval);
    auto const bounds = gaus::step_bounds(system, loop.steps);
    auto const problem = gaus::make_problem(graph, graph, loop.steps, bounds, loop.interval);
    auto const limits = loop.graph.limits();
    gaus::detail::LimitLegalizer<gaus::HostGraph> legalizer(problem, system, bounds, limits,
                                                            no_limit);
    CHECK(legalizer.limited());
    Random random(seed);
    for (int k = 0; k < 5; ++k) {
      std::vector<double> means;
      for (std::size_t i = 0; i < 5; ++i) means.push_back(0.5 * random.below(2 * loop.steps));
      legalizer.candidates(std::span<double const>(means), [&](auto const& s) {
        std::span<int const> const view(s);
        CHECK(gaus::verify(problem, view).empty());
        ++tried;
        kept += gaus::resource_violations(problem, view, limits).empty() ? 1 : 0;
      });
    }
  }
  CHECK(tried == 100);
  CHECK(kept >= 80);
}

TEST_CASE("limit legalizer: counts its failures, and keeps the constraints in spite of them") {
  gaus::GraphDescription g;  // three operations of a step on one unit: no room in two steps
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 3; ++i) g.add_demand(g.add_operation({.latency = 1}), unit);
  g.add_dependence(0, 1);
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph, 0);
  std::vector<double> const means(3, 0.4);
  for (int const steps : {2, 3}) {
    CAPTURE(steps);
    auto const bounds = gaus::step_bounds(system, steps);
    auto const problem = gaus::make_problem(graph, graph, steps, bounds);
    gaus::StopCondition const clock{steps == 2 ? 0.0 : 60.0};
    gaus::detail::LimitLegalizer<gaus::HostGraph> legalizer(problem, system, bounds, g.limits(),
                                                            clock);
    CHECK(legalizer.failures() == 0);
    for (int k = 1; k <= 5; ++k) {
      legalizer.candidates(std::span<double const>(means), [&](auto const& s) {
        std::span<int const> const view(s);
        CHECK(gaus::verify(problem, view).empty());
        CHECK(gaus::resource_violations(problem, view, g.limits()).empty() == (steps == 3));
      });
      CHECK(legalizer.failures() == (steps == 3 ? 0 : k));
    }
  }
}
