// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_POLICIES_HPP
#define GAUS_TESTS_SUPPORT_POLICIES_HPP

#include <support/problems.hpp>
#include <support/reference.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cmath>
#include <vector>

// What every objective must do, whatever it computes; each test of an objective asks all of it.
namespace gaus_test {

/// Problems of all shapes: plain, with held outputs, pipelined with short and long intervals.
inline std::vector<TestProblem> many_problems() {
  std::vector<TestProblem> all;
  unsigned seed = 0;
  for (Shape const shape : {Shape::mixed, Shape::tiny, Shape::huge, Shape::extreme})
    for (int const interval : {0, 0, 3, 7}) {
      ++seed;
      all.push_back(random_problem({.operations = 11,
                                    .slack = 3 + static_cast<int>(seed % 4) * 3,
                                    .interval = interval,
                                    .hold_outputs = seed % 2 == 0,
                                    .shape = shape,
                                    .seed = seed}));
    }
  return all;
}

/// Value and gradients against the reference and its central differences, in double and in float.
template <class Space, class Policy, class Reference>
void check_against_reference(Policy const& objective, Reference const& reference,
                             double tolerance = 1e-6) {
  Space const exec;
  auto const problems = many_problems();
  for (std::size_t number = 0; number < problems.size(); ++number) {
    CAPTURE(number);
    auto const& p = problems[number];
    auto const got = evaluate<double>(exec, objective, p);
    Number const value = reference(p);
    CHECK(std::abs(got.cost - value) <= 1e-12L * (1 + std::abs(value)));
    CHECK(relative_error(got, central_differences(p, reference)) < tolerance);
  }
}

/// float against double, where float can tell means from one another.
template <class Space, class Policy>
void check_float(Policy const& objective, double tolerance = 2e-3) {
  Space const exec;
  for (int const interval : {0, 5}) {
    CAPTURE(interval);
    auto const p = random_problem({.operations = 20, .interval = interval, .seed = 3});
    auto const wide = evaluate<double>(exec, objective, p);
    auto const narrow = evaluate<float>(exec, objective, p);
    CHECK(narrow.cost == doctest::Approx(wide.cost).epsilon(tolerance));
    // Entries that cancel lose what their summands have in error: measured against the largest.
    double top = 0;
    double error = 0;
    for (std::size_t i = 0; i < wide.d_mean.size(); ++i) {
      top = std::max({top, std::abs(wide.d_mean[i]), std::abs(wide.d_spread[i])});
      error = std::max({error, std::abs(wide.d_mean[i] - narrow.d_mean[i]),
                        std::abs(wide.d_spread[i] - narrow.d_spread[i])});
    }
    CHECK(error <= tolerance * top);
  }
}

/// Gradients are added with the weight, the cost is overwritten and has no weight; the same bits
/// come out twice.
template <class Space, class Policy>
void check_accumulation(Policy const& objective) {
  Space const exec;
  auto const p = random_problem({.operations = 15, .interval = 4, .seed = 8});
  auto const plain = evaluate<double>(exec, objective, p);
  auto const again = evaluate<double>(exec, objective, p);
  auto const added = evaluate<double>(exec, objective, p, 3.0, 100.0);
  CHECK(plain.cost == again.cost);
  CHECK(plain.cost == added.cost);
  for (std::size_t i = 0; i < plain.d_mean.size(); ++i) {
    CHECK(plain.d_mean[i] == again.d_mean[i]);
    CHECK(plain.d_spread[i] == again.d_spread[i]);
    CHECK(std::abs(added.d_mean[i] - (100 + 3 * plain.d_mean[i])) < 1e-10);
    CHECK(std::abs(added.d_spread[i] - (100 + 3 * plain.d_spread[i])) < 1e-10);
  }
}

/// Graphs with nothing or nearly nothing in them: finite, and right by the reference.
template <class Space, class Policy, class Reference>
void check_small_graphs(Policy const& objective, Reference const& reference) {
  Space const exec;
  TestProblem none;
  none.steps = 5;
  CHECK(evaluate<double>(exec, objective, none).cost == 0);
  none.graph.add_resource("unused");
  CHECK(std::abs(evaluate<double>(exec, objective, none).cost) < 1e-300);

  for (int const classes : {0, 1}) {  // one operation, without and with a demand
    TestProblem one;
    one.steps = 6;
    one.graph.add_operation({.latency = 2, .occupancy = 1, .size = 3});
    if (classes > 0) one.graph.add_demand(0, one.graph.add_resource("A"), 2);
    find_bounds(one);
    one.mean = {1.75};
    one.spread = {0.8};
    auto const got = evaluate<double>(exec, objective, one);
    CHECK(std::abs(got.cost - reference(one)) < 1e-12);
    CHECK(relative_error(got, central_differences(one, reference)) < 1e-6);
  }

  // No mobility: the steps are the critical path of a chain, so every start is certain.
  TestProblem fixed;
  int const unit = fixed.graph.add_resource("A");
  for (int i = 0; i < 4; ++i) {
    fixed.graph.add_operation({.latency = 2, .occupancy = 1, .size = 1});
    fixed.graph.add_demand(i, unit);
    if (i > 0) fixed.graph.add_dependence(i - 1, i);
    fixed.mean.push_back(2 * i + 0.4);
    fixed.spread.push_back(1);
  }
  fixed.steps = 8;
  find_bounds(fixed);
  auto const got = evaluate<double>(exec, objective, fixed);
  CHECK(std::abs(got.cost - reference(fixed)) < 1e-12);
  for (int i = 0; i < 4; ++i) {
    CHECK(got.d_mean[at(i)] == 0);
    CHECK(got.d_spread[at(i)] == 0);
  }
}

/// The same gradient bits on one thread and on all, on a graph large enough for several threads.
/// The cost, where it is a floating-point sum, may differ in its last bits.
template <class Policy>
void check_threads(Policy const& objective) {
  using Space = Kokkos::DefaultHostExecutionSpace;
  TestProblem p;
  int const n = 10000;
  Random random(5);
  int const classes[] = {p.graph.add_resource("A"), p.graph.add_resource("B")};
  for (int i = 0; i < n; ++i) {
    p.graph.add_operation({.latency = 1 + random.below(2), .occupancy = 1, .size = 1.5});
    p.graph.add_demand(i, classes[random.below(2)]);
    int const layer = i / 1000;
    if (layer > 0) p.graph.add_dependence((layer - 1) * 1000 + random.below(1000), i);
  }
  p.steps = 25;
  find_bounds(p);
  place(p, Shape::mixed, random);
  Space const all;
  auto const many = evaluate<double>(all, objective, p);
  std::vector<Result> others{evaluate<double>(all, objective, p)};
#if defined(KOKKOS_ENABLE_SERIAL)
  others.push_back(evaluate<double>(Kokkos::Serial(), objective, p));
#endif
#if defined(KOKKOS_ENABLE_OPENMP)
  others.push_back(evaluate<double>(Kokkos::OpenMP(1), objective, p));
#endif
  for (auto const& other : others) {
    CHECK(many.cost == doctest::Approx(other.cost).epsilon(1e-13));
    CHECK(many.d_mean == other.d_mean);
    CHECK(many.d_spread == other.d_spread);
  }
}

/// The discrete cost of an objective against the reference, on random schedules within the bounds.
template <class Policy, class Reference>
void check_exact(Policy const& objective, Reference const& reference) {
  Random random(21);
  std::vector<int> s;
  for (auto const& p : many_problems()) {
    auto const problem = make_problem<Kokkos::HostSpace>(p);
    for (int round = 0; round < 10; ++round) {
      s.clear();
      for (int i = 0; i < p.operations(); ++i)
        s.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
      CHECK(objective.exact(problem, s) ==
            doctest::Approx(static_cast<double>(reference(p, s))).epsilon(1e-12));
    }
  }
}

}  // namespace gaus_test

#endif
