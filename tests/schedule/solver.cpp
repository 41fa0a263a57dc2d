// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/solver.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

using namespace gaus_test;

namespace {

using Space = Kokkos::DefaultHostExecutionSpace;

struct Outcome {
  gaus::StopReason stop;
  std::vector<int> best;
  double value;
  std::int64_t iterations;
  gaus::PhaseTimes times;
  double seconds;
};

template <class Objective>
Outcome solved(Case const& c, Objective const& objective, gaus::SolverOptions const& options,
               std::vector<int> const& start = {}) {
  gaus::StopCondition const clock(options.time_limit, options.stop);
  gaus::Constraints<> const none;
  gaus::detail::Solver<Space, float, gaus::HostGraph, gaus::HostGraph, Objective> solver(
      Space(), c.problem, c.problem, c.system, c.bounds, objective, none, options, clock);
  auto const stop = solver.solve(start);
  return {stop,
          solver.incumbent().best(),
          solver.incumbent().value(),
          solver.iterations(),
          solver.times(),
          clock.seconds()};
}

auto cost_a() { return 100.0 * gaus::PeakUsage{} + gaus::Communication{}; }
double value_a(Case const& c, std::vector<int> const& s) {
  auto const plain = plain_costs(c, s);
  return 100 * plain.usage + plain.communication;
}

}  // namespace

TEST_CASE("solver: stops after exactly the iterations it was given, with the best of all it saw") {
  auto const c = random_case(30, 8, 2);
  for (int const iterations : {1, 25, 140}) {
    CAPTURE(iterations);
    gaus::SolverOptions options;
    options.iterations = iterations;
    auto const outcome = solved(c, cost_a(), options);
    CHECK(outcome.stop == gaus::StopReason::iterations);
    CHECK(outcome.iterations == iterations);
    CHECK(legal(c, outcome.best));
    CHECK(outcome.value == doctest::Approx(value_a(c, outcome.best)));
    for (auto const& s : {c.bounds.earliest, c.bounds.latest,
                          gaus::list_schedule(c.host, c.system, c.bounds, c.steps)})
      CHECK(outcome.value <= value_a(c, s) + 1e-9);
    auto const& t = outcome.times;
    CHECK(t.starts + t.iterations + t.snapshots + t.refinement <= outcome.seconds + 1e-3);
    CHECK(t.iterations > 0);
  }
}

TEST_CASE("solver: an expert's recipe is the one that is played") {
  auto const c = random_case(20, 6, 3);
  gaus::SolverOptions options;
  gaus::Recipe recipe;
  recipe.iterations = 30;
  options.recipe = recipe;
  options.iterations = 70;  // two whole descents and a part
  auto const outcome = solved(c, gaus::MemoryFootprint{}, options);
  CHECK(outcome.iterations == 70);
  CHECK(legal(c, outcome.best));
}

TEST_CASE("solver: gives up when descents bring nothing any more") {
  auto const c = random_case(6, 3, 4);
  gaus::SolverOptions options;
  options.stall = 2;
  gaus::Recipe recipe;
  recipe.iterations = 20;
  options.recipe = recipe;
  auto const outcome = solved(c, cost_a(), options);
  CHECK(outcome.stop == gaus::StopReason::stalled);
  CHECK(outcome.iterations >= 40);
  CHECK(legal(c, outcome.best));
}

TEST_CASE("solver: no freedom, no work") {
  auto const c = make_case(gaus_test::random_graph(1, 1), 0);
  auto const outcome = solved(c, cost_a(), {});
  CHECK(outcome.stop == gaus::StopReason::optimal);
  CHECK(outcome.iterations == 0);
}

TEST_CASE("solver: a request ends it at once, with a legal schedule") {
  auto const c = random_case(40, 10, 5);
  std::atomic<bool> stop{true};
  gaus::SolverOptions options;
  options.stop = &stop;
  Random random(1);
  auto const start = random_schedule(c, random);
  auto const outcome = solved(c, cost_a(), options, start);
  CHECK(outcome.stop == gaus::StopReason::request);
  CHECK(outcome.iterations == 0);
  CHECK(legal(c, outcome.best));
  CHECK(outcome.value <= value_a(c, start) + 1e-9);
}

TEST_CASE("solver: several descents at once") {
  auto const c = random_case(30, 8, 2);
  gaus::SolverOptions options;
  options.iterations = 400;
  std::vector<double> values;
  for (int const batch : {0, 1, 4}) {
    options.batch = batch;
    auto const got = solved(c, cost_a(), options);
    CHECK(got.stop == gaus::StopReason::iterations);
    CHECK(got.iterations == 400);
    CHECK(legal(c, got.best));
    CHECK(got.value == doctest::Approx(value_a(c, got.best)));
    CHECK(solved(c, cost_a(), options).best == got.best);
    values.push_back(got.value);
  }
  CHECK(values[0] == values[1]);  // none is chosen when the iterations are given
  // A start is where the first of them begins, and nothing gets worse.
  options.batch = 4;
  options.iterations = 8;
  auto const start = c.bounds.earliest;
  CHECK(solved(c, cost_a(), options, start).value <= value_a(c, start));
}
