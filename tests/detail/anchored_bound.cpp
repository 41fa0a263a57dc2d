// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/anchored_bound.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/schedule/bounds.hpp>
#include <support/small_loops.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <limits>
#include <span>
#include <vector>

using namespace gaus_test;

namespace {

double value_of(gaus::CostModel const& model, gaus::Problem<gaus::HostGraph> const& problem,
                std::vector<int> const& s) {
  auto const costs = gaus::exact_costs(problem, std::span<int const>(s));
  double value = model.usage * costs.usage + model.memory * costs.memory +
                 model.lifetime * costs.lifetime + model.communication * costs.communication;
  for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
  return value;
}

}  // namespace

TEST_CASE("anchored bound: below the least cost of small loops, and above the plain price bound") {
  std::vector<gaus::CostModel> models(3);
  models[0].memory = 1;
  models[1].usage_of = {{2, 3.0}};
  models[1].communication = 1;
  models[2].usage = 2;
  models[2].memory = 1.5;
  models[2].lifetime = 0.25;
  int better = 0;
  for (unsigned seed = 1; seed <= 10; ++seed)
    for (auto const& model : models) {
      CAPTURE(seed);
      auto const loop = small_loop(seed);
      auto const graph = gaus::build_graph(loop.graph);
      auto const system = gaus::make_difference_system(graph, loop.interval);
      auto const bounds = gaus::step_bounds(system, loop.steps);
      auto const problem = gaus::make_problem(graph, graph, loop.steps, bounds, loop.interval);
      double least = std::numeric_limits<double>::infinity();
      std::vector<int> best;
      for_each_loop_schedule(loop, [&](std::vector<int> const& s) {
        double const value = value_of(model, problem, s);
        if (value >= least) return;
        least = value;
        best = s;
      });
      REQUIRE(!best.empty());
      REQUIRE(gaus::detail::AnchoredBound<gaus::HostGraph>::applies(problem, model));
      auto const limits = loop.graph.limits();
      gaus::detail::AnchoredBound<gaus::HostGraph> anchored(problem, system, bounds, model, limits,
                                                            best);
      gaus::detail::PriceBound<gaus::HostGraph> plain(problem, system, bounds, model);
      plain.set_prices(best);
      for (int k = 0; k < 200; ++k) {
        bool const more = anchored.step(least, [] { return true; });
        for (std::size_t i = 0; i < best.size(); ++i) {
          CHECK(anchored.minimiser()[i] >= bounds.earliest[i]);
          CHECK(anchored.minimiser()[i] <= bounds.latest[i]);
        }
        if (!more) break;
      }
      for (int k = 0; k < 100 && plain.step(least, [] { return true; });) ++k;
      CHECK(anchored.bound() <= least + 1e-6);
      CHECK(anchored.bound() >= plain.bound() - 0.02 * least);
      better += anchored.bound() > plain.bound() + 0.05 * least ? 1 : 0;
    }
  CHECK(better >= 5);  // of thirty
}

TEST_CASE("anchored bound: only where a shift changes nothing") {
  auto const loop = small_loop(1);
  auto const graph = gaus::build_graph(loop.graph);
  gaus::CostModel memory;
  memory.memory = 1;
  gaus::CostModel makespan;
  makespan.makespan = 1;
  using Bound = gaus::detail::AnchoredBound<gaus::HostGraph>;
  CHECK(Bound::applies(gaus::make_problem(graph, loop.steps, loop.interval), memory));
  CHECK_FALSE(Bound::applies(gaus::make_problem(graph, loop.steps, loop.interval, true), memory));
  CHECK_FALSE(Bound::applies(gaus::make_problem(graph, loop.steps, loop.interval), makespan));
  CHECK_FALSE(Bound::applies(gaus::make_problem(graph, loop.steps), memory));
}
