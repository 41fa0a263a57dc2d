// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <gaus/schedule/round.hpp>
#include <support/schedules.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cmath>
#include <span>
#include <vector>

using namespace gaus_test;

namespace {

auto objective() {
  return 100.0 * gaus::PeakUsage{} + gaus::Communication{} + 2.0 * gaus::MemoryFootprint{};
}

std::vector<double> middle(Case const& c) {
  std::vector<double> means;
  for (std::size_t i = 0; i < c.bounds.earliest.size(); ++i)
    means.push_back(0.5 * (c.bounds.earliest[i] + c.bounds.latest[i]));
  return means;
}

template <class MemorySpace>
auto problem_on(Case const& c) {
  return gaus::make_problem(gaus::build_graph<MemorySpace>(c.graph), c.host, c.steps, c.bounds, 0,
                            c.hold_outputs);
}

/// The means after a whole descent on an instance.
template <class Real, class Space, class Objective>
std::vector<Real> descended(Space const& exec, Case const& c, Objective const& cost,
                            int iterations) {
  using MemorySpace = typename Space::memory_space;
  gaus::RelaxationRun<Space, gaus::DependenceGraph<MemorySpace>, Real, Objective> run(
      exec, problem_on<MemorySpace>(c), cost, gaus::Constraints<>{});
  gaus::Recipe recipe;
  recipe.iterations = iterations;
  run.begin(recipe, middle(c));
  while (!run.done()) run.step();
  CHECK(run.iteration() == iterations);
  CHECK(run.gradient_scale() > 0);
  auto const means = run.means();
  return {means.begin(), means.end()};
}

}  // namespace

TEST_CASE_TEMPLATE("descent: means stay inside the windows and are numbers", Space,
                   GAUS_TEST_SPACES) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto const c = random_case(40, 10, seed);
    auto const means = descended<float>(Space(), c, objective(), 60);
    for (std::size_t i = 0; i < means.size(); ++i) {
      CHECK(means[i] >= static_cast<float>(c.bounds.earliest[i]));
      CHECK(means[i] <= static_cast<float>(c.bounds.latest[i]));
    }
  }
}

TEST_CASE_TEMPLATE("descent: double and float go the same way at first", Space, GAUS_TEST_SPACES) {
  auto const c = random_case(40, 10, 3);
  auto const narrow = descended<float>(Space(), c, objective(), 5);
  auto const wide = descended<double>(Space(), c, objective(), 5);
  for (std::size_t i = 0; i < narrow.size(); ++i)
    CHECK(std::abs(static_cast<double>(narrow[i]) - wide[i]) < 0.05 * c.steps);
}

TEST_CASE_TEMPLATE("descent: operations without freedom do not move", Space, GAUS_TEST_SPACES) {
  auto const c = make_case(gaus::chain(30), 0);
  auto const means = descended<float>(Space(), c, objective(), 20);
  for (std::size_t i = 0; i < means.size(); ++i)
    CHECK(means[i] == static_cast<float>(c.bounds.earliest[i]));
}

TEST_CASE_TEMPLATE("descent: begins anew, can be shortened, and allocates in the first round only",
                   Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  using Objective = decltype(objective());
  auto const c = random_case(40, 10, 2);
  gaus::RelaxationRun<Space, gaus::DependenceGraph<MemorySpace>, float, Objective, gaus::Deadline>
      run(Space(), problem_on<MemorySpace>(c), objective(),
          gaus::Constraints(gaus::Deadline{.step = c.steps - 1, .operation = 3}));
  gaus::Recipe recipe;
  recipe.iterations = 40;
  std::vector<std::vector<float>> ends;
  std::size_t bytes = 0;
  for (int round = 0; round < 2; ++round) {
    run.begin(recipe, middle(c));
    CHECK(run.iteration() == 0);
    run.step();
    if (round == 0) bytes = run.workspace().bytes();
    while (!run.done()) run.step();
    auto const means = run.means();
    ends.emplace_back(means.begin(), means.end());
  }
  CHECK(ends[0] == ends[1]);
  CHECK(bytes > 0);
  CHECK(run.workspace().bytes() == bytes);
  run.begin(recipe, middle(c));
  run.shorten(3);
  for (int k = 0; k < 3; ++k) {
    CHECK_FALSE(run.done());
    run.step();
  }
  CHECK(run.done());
  run.shorten(10);  // only ever shorter
  CHECK(run.done());
}

#if defined(KOKKOS_ENABLE_OPENMP)
// Large enough for every kernel to use both threads.
TEST_CASE("descent: the same bits on one thread and on two") {
  gaus::LayeredWorkload settings;
  settings.operations = 9000;
  settings.layers = 40;
  auto const c = make_case(gaus::layered_workload(settings), 15);
  auto const one = descended<float>(Kokkos::OpenMP(1), c, objective(), 6);
  auto const two = descended<float>(Kokkos::OpenMP(2), c, objective(), 6);
  CHECK(one == two);
#if defined(KOKKOS_ENABLE_SERIAL)
  CHECK(one == descended<float>(Kokkos::Serial(), c, objective(), 6));
#endif
}
#endif
