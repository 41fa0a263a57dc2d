// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/limited_schedule.hpp>

#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace gaus_test;

namespace {

Kokkos::DefaultHostExecutionSpace host() { return {}; }

/// Six operations, two of them on both units, in two chains.
gaus::GraphDescription two_chains() {
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 2);
  for (int i = 0; i < 6; ++i) {
    g.add_operation({.latency = 1 + i % 2, .occupancy = 1 + i % 2});
    g.add_demand(i, unit, i % 3 == 0 ? 2 : 1);
  }
  for (auto const& [from, to] : {std::pair{0, 1}, {1, 2}, {3, 4}, {4, 5}})
    g.add_dependence(from, to);
  return g;
}

/// The least of an objective over all schedules within limits and steps.
template <class Objective>
double least(gaus::GraphDescription const& g, int steps, Objective const& objective) {
  auto const graph = gaus::build_graph(g);
  auto const problem = gaus::make_problem(graph, steps);
  double best = std::numeric_limits<double>::infinity();
  std::vector<int> s(g.operations.size(), 0);
  auto const place = [&](auto const& self, std::size_t i) -> void {
    if (i == s.size()) {
      std::span<int const> const view(s);
      if (gaus::resource_violations(problem, view, g.limits()).empty())
        best = std::min(best, objective.exact(problem, view));
      return;
    }
    for (s[i] = problem.earliest(int(i)); s[i] <= problem.latest(int(i)); ++s[i]) {
      bool fits = true;
      for (auto const& d : g.dependences)
        if (at(d.to) == i) fits = fits && s[at(d.from)] + g.operations[at(d.from)].latency <= s[i];
      if (fits) self(self, i + 1);
    }
  };
  place(place, 0);
  return best;
}

/// The first operation does not start before step 3: a rule that only the optimiser sees.
struct Late {
  static constexpr char const* name = "late";
  int size(auto const&) const { return 1; }
  template <class Exec, class G, class Real>
  void violation(Exec const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    residual(0) = Real(3) - starts.mean(0);
  }
  template <class Exec, class G, class Real>
  void pull_back(Exec const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    result.d_mean(0) -= weight(0);
  }
  std::vector<gaus::Violation> violations(auto const&, std::span<int const> start) const {
    if (start[0] >= 3) return {};
    return {{name, "operation 0 starts too early", 3.0 - start[0]}};
  }
};

}  // namespace

TEST_CASE("limited schedule: the makespan alone, proven") {
  auto const g = two_chains();
  auto const graph = gaus::build_graph(g);
  gaus::Constraints const limits{gaus::ResourceLimit<>(g.limits())};
  double const shortest = least(g, 9, gaus::Makespan{});
  auto const r =
      gaus::schedule(host(), graph, 1.5 * gaus::Makespan{} + 0.5 * gaus::Makespan{}, limits);
  CHECK(r.value == 2 * shortest);
  CHECK(r.lower_bound == 2 * shortest);
  CHECK(r.stopped_by == gaus::StopReason::optimal);
  CHECK(r.feasible);
  CHECK(r.schedule.steps >= shortest);
  CHECK(r.iterations > 0);  // the relaxation gave an order
  std::string text;
  try {
    gaus::schedule(host(), graph, gaus::Makespan{}, limits,
                   {.steps = static_cast<int>(shortest) - 1});
  } catch (gaus::Infeasible const& error) {
    text = error.what();
    CHECK(error.reason().required > error.reason().available);
  }
  CHECK(text.find("no schedule of ") == 0);
}

TEST_CASE("limited schedule: other objectives, their least value within limits") {
  auto const g = two_chains();
  auto const graph = gaus::build_graph(g);
  gaus::Constraints const limits{gaus::ResourceLimit<>(g.limits())};
  auto const objective = 3.0 * gaus::MemoryFootprint{} + gaus::Makespan{};
  for (int const steps : {9, 11}) {
    auto const r =
        gaus::schedule(host(), graph, objective, limits, {.steps = steps, .time_limit = 0.3});
    CHECK(r.feasible);
    double const best = least(g, steps, objective);
    CHECK(r.value == best);
    CHECK(r.lower_bound <= best + 1e-9);
  }
  // Without steps: as many as a short schedule takes.
  auto const free = gaus::schedule(host(), graph, objective, limits, {.time_limit = 0.3});
  CHECK(free.feasible);
  CHECK(free.schedule.steps == static_cast<int>(least(g, 9, gaus::Makespan{})));
  // Iterations instead of time repeat.
  gaus::Options const iterations{.steps = 10, .iterations = 100};
  CHECK(gaus::schedule(host(), graph, objective, limits, iterations).schedule.start_steps ==
        gaus::schedule(host(), graph, objective, limits, iterations).schedule.start_steps);
}

TEST_CASE("limited schedule: what can never be") {
  auto g = two_chains();
  auto const graph = gaus::build_graph(g);
  using Limits = std::vector<std::optional<double>>;
  gaus::Constraints const one{gaus::ResourceLimit<>(Limits{1.0})};
  CHECK_THROWS_AS(gaus::schedule(host(), graph, gaus::Makespan{}, one), gaus::Infeasible);
  CHECK_THROWS_AS(gaus::schedule(host(), graph, gaus::MemoryFootprint{}, one), gaus::Infeasible);
  gaus::Constraints const wrong{gaus::ResourceLimit<>(Limits{1.0, 2.0})};
  CHECK_THROWS_AS(gaus::schedule(host(), graph, gaus::Makespan{}, wrong), gaus::InvalidInput);
  // Unlimited classes are no limits.
  gaus::Constraints const none{gaus::ResourceLimit<>(Limits{{}})};
  CHECK(gaus::schedule(host(), graph, gaus::Makespan{}, none).value == 5);
  CHECK(gaus::schedule(host(), graph, gaus::Makespan{}, none).schedule.steps == 5);
}

TEST_CASE("limited schedule: distances that rule each other out under limits") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 2; ++i) g.add_demand(g.add_operation({}), unit);
  auto const graph = gaus::build_graph(g);
  // Both at once, on one unit.
  gaus::Difference<> const together(2, {{0, 1, 0}, {1, 0, 0}});
  CHECK_THROWS_AS(gaus::schedule(host(), graph, gaus::Makespan{},
                                 gaus::Constraints{gaus::ResourceLimit<>(g.limits()), together}),
                  gaus::Infeasible);
}

TEST_CASE("limited schedule: constraints that nobody keeps by construction are judged") {
  auto const g = two_chains();
  auto const graph = gaus::build_graph(g);
  auto const r = gaus::schedule(host(), graph, gaus::Makespan{},
                                gaus::Constraints{gaus::ResourceLimit<>(g.limits()), Late{}},
                                {.steps = 14, .time_limit = 1});
  CHECK(r.feasible);
  CHECK(r.schedule.start_step(0) >= 3);
}

TEST_CASE("limited schedule: never worse than a legal start, and the first schedule is kept") {
  auto const g = two_chains();
  auto const graph = gaus::build_graph(g);
  gaus::Constraints const limits{gaus::ResourceLimit<>(g.limits())};
  auto const best = gaus::schedule(host(), graph, gaus::Makespan{}, limits);
  gaus::Options options{.start = best.schedule.start_steps, .iterations = 1};
  CHECK(gaus::schedule(host(), graph, gaus::Makespan{}, limits, options).value <= best.value);
  options = {
      .steps = static_cast<int>(best.value), .start = std::vector<int>(6, 0), .iterations = 1};
  CHECK(gaus::schedule(host(), graph, gaus::MemoryFootprint{}, limits, options).feasible);
}

TEST_CASE("limited schedule: maximum distances and a number of iterations") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("unit", 1);
  for (int i = 0; i < 2; ++i) g.add_demand(g.add_operation({.latency = 2, .occupancy = 2}), unit);
  g.add_dependence(0, 1);
  auto const graph = gaus::build_graph(g);
  gaus::Constraints const rules{gaus::ResourceLimit<>(g.limits()),
                                gaus::Difference<>(2, {{1, 0, -5}})};
  auto const r = gaus::schedule(host(), graph, gaus::Makespan{}, rules, {.iterations = 100});
  CHECK(r.value == 4);
  CHECK(r.iterations <= 100);
}
