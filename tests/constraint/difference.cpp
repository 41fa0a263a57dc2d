// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/difference.hpp>

#include <gaus/objective.hpp>
#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;
using gaus::Residual;

Number residual(TestProblem const& p, Residual form, int from, int to, int delta) {
  Number const m = p.mean[at(from)] + delta - p.mean[at(to)];
  if (from == to && form != Residual::mean)  // one Gaussian: the difference is certain
    return form == Residual::expected ? std::max(0, delta) : delta > 0 ? 1 : 0;
  Number const s = std::hypot(p.spread[at(from)], p.spread[at(to)]);
  if (form == Residual::expected) return m * Phi(m / s) + s * phi(m / s);
  if (form == Residual::probability) return Phi(m / s);
  return m;
}
int delta_of(TestProblem const& p, gaus::GraphDescription::Link const& d) {
  return p.graph.operations[at(d.from)].latency + d.delay - d.distance * p.interval;
}
/// A weight that both numberings of dependences agree on.
Number weight_of(int from, int to, int distance) {
  return 1.0L + 0.5L * from - 0.25L * to + 2.0L * distance;
}

TEST_CASE_TEMPLATE("precedence: residuals and pull-back", Space, GAUS_TEST_SPACES) {
  Space const exec;
  for (auto const form : {Residual::mean, Residual::expected, Residual::probability})
    for (auto const shape : {Shape::mixed, Shape::tiny, Shape::huge}) {
      auto const p = random_problem({.interval = 5, .shape = shape, .seed = 7});
      auto const graph = gaus::build_graph(p.graph);
      std::vector<Number> weight(p.graph.dependences.size());
      std::vector<double> wanted(weight.size());
      for (int i = 0; i < p.operations(); ++i)
        for (int k = 0; k < graph.outgoing(i).size(); ++k) {
          auto const d = graph.outgoing(i)[k];
          weight[at(d.index)] = weight_of(i, d.operation, d.distance);
          wanted[at(d.index)] = static_cast<double>(
              residual(p, form, i, d.operation,
                       delta_of(p, {i, d.operation, d.distance, d.weight, d.delay})));
        }
      auto const got = evaluate_constraint(exec, gaus::Precedence{form}, p, weight);
      CHECK(relative_error(got.residual, wanted) < 1e-9);
      auto const weighted = [form](TestProblem const& q) {
        Number sum = 0;
        for (auto const& d : q.graph.dependences)
          sum +=
              weight_of(d.from, d.to, d.distance) * residual(q, form, d.from, d.to, delta_of(q, d));
        return sum;
      };
      // One operation whose means coincide with another's spoils nothing: forms are smooth.
      CHECK(relative_error(got.gradient, central_differences(p, weighted)) < 1e-6);
      auto const narrow = evaluate_constraint<float>(exec, gaus::Precedence{form}, p, weight);
      if (shape == Shape::mixed)
        for (std::size_t i = 0; i < got.gradient.d_mean.size(); ++i) {
          CHECK(std::abs(narrow.gradient.d_mean[i] - got.gradient.d_mean[i]) < 1e-3);
          CHECK(std::abs(narrow.gradient.d_spread[i] - got.gradient.d_spread[i]) < 1e-3);
        }
    }
}

TEST_CASE_TEMPLATE("precedence: by hand", Space, GAUS_TEST_SPACES) {
  Space const exec;
  TestProblem p;
  p.steps = 20;
  p.graph.add_operation({.latency = 3});
  p.graph.add_operation({.latency = 2});
  p.graph.add_dependence({.from = 0, .to = 1, .delay = 1});
  p.graph.add_dependence({.from = 1, .to = 0, .distance = 2});
  p.interval = 4;
  find_bounds(p);
  p.mean = {5, 7.5};
  p.spread = {3, 4};
  // 5 + 3 + 1 - 7.5 and 7.5 + 2 - 5 - 8; the spread of a difference is 5.
  auto const mean = evaluate_constraint(exec, gaus::Precedence{}, p, {1, 10});
  CHECK(mean.residual == std::vector<double>{1.5, -3.5});
  CHECK(mean.gradient.d_mean == std::vector<double>{1 - 10, 10 - 1});
  CHECK(mean.gradient.d_spread == std::vector<double>{0, 0});
  auto const chance = evaluate_constraint(exec, gaus::Precedence{Residual::probability}, p, {1, 0});
  CHECK(chance.residual[0] == doctest::Approx(0.617911422));  // Phi(0.3)
  CHECK(chance.residual[1] == doctest::Approx(0.241963652));  // Phi(-0.7)
  double const density = 0.381387815 / 5;                     // phi(0.3) / 5
  CHECK(chance.gradient.d_mean[0] == doctest::Approx(density));
  CHECK(chance.gradient.d_mean[1] == doctest::Approx(-density));
  CHECK(chance.gradient.d_spread[0] == doctest::Approx(-0.3 * density * 3 / 5));
  CHECK(chance.gradient.d_spread[1] == doctest::Approx(-0.3 * density * 4 / 5));
  auto const expected = evaluate_constraint(exec, gaus::Precedence{Residual::expected}, p, {1, 0});
  CHECK(expected.residual[0] == doctest::Approx(1.5 * 0.617911422 + 5 * 0.381387815));
  CHECK(expected.gradient.d_spread[1] == doctest::Approx(0.381387815 * 4 / 5));

  // The pull-back adds, and has no other weight than those given.
  auto const added = evaluate_constraint(exec, gaus::Precedence{}, p, {1, 10}, 100);
  CHECK(added.gradient.d_mean == std::vector<double>{91, 109});

  // A plain schedule: the loop-carried dependence is far from binding, whatever the means are.
  p.interval = 0;
  for (auto const form : {Residual::mean, Residual::expected, Residual::probability}) {
    auto const plain = evaluate_constraint(exec, gaus::Precedence{form}, p, {0, 0});
    CHECK(plain.residual[1] <= 0);
  }
}

TEST_CASE("precedence: violations of a schedule") {
  TestProblem p;
  p.steps = 20;
  p.graph.add_operation({.latency = 3});
  p.graph.add_operation({.latency = 2});
  p.graph.add_dependence({.from = 0, .to = 1, .delay = 1});
  p.graph.add_dependence({.from = 1, .to = 0, .distance = 2});
  find_bounds(p);
  auto violations =
      gaus::Precedence{}.violations(make_problem<Kokkos::HostSpace>(p), std::vector<int>{5, 7});
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].constraint == "dependence");
  CHECK(violations[0].text == "dependence 0 -> 1: start 5 + latency 3 + delay 1 = 9 > start 7");
  CHECK(violations[0].excess == 2);
  p.interval = 4;
  violations =
      gaus::Precedence{}.violations(make_problem<Kokkos::HostSpace>(p), std::vector<int>{0, 7});
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].text ==
        "dependence 1 -> 0: start 7 + latency 2 = 9 > start 0 + distance 2 * interval 4 = 8");
  CHECK(violations[0].excess == 1);
}

/// The issue of sufficiency: means that satisfy a constraint round to steps that do.
TEST_CASE("precedence: means that satisfy it round to steps that do") {
  Random random(3);
  for (int k = 0; k < 10000; ++k) {
    double const a = random.between(0, 50);
    int const delta = random.below(9) - 4;
    double const b = a + delta + (k % 3 == 0 ? 0 : random.unit());
    if (a + delta <= b) CHECK(std::floor(b + 0.5) - std::floor(a + 0.5) >= delta);
  }
}

TEST_CASE_TEMPLATE("difference: residuals and pull-back of a list", Space, GAUS_TEST_SPACES) {
  Space const exec;
  using MemorySpace = typename Space::memory_space;
  auto const p = random_problem({.operations = 9, .seed = 9});
  std::vector<gaus::DifferenceBound> const list{{3, 1, -4}, {0, 8, 2}, {3, 7, 0},
                                                {8, 0, -6}, {3, 1, 2}, {1, 3, 5}};
  std::vector<Number> const weight{1, -2, 3, 0.5, 4, 0.25};
  for (auto const form : {Residual::mean, Residual::expected, Residual::probability}) {
    gaus::Difference<MemorySpace> rule(9, list);
    rule.form = form;
    auto const got = evaluate_constraint(exec, rule, p, weight);
    std::vector<Number> wanted;
    for (auto const& b : list) wanted.push_back(residual(p, form, b.from, b.to, b.delta));
    CHECK(relative_error(got.residual, wanted) < 1e-9);
    auto const weighted = [&](TestProblem const& q) {
      Number sum = 0;
      for (std::size_t k = 0; k < list.size(); ++k)
        sum += weight[k] * residual(q, form, list[k].from, list[k].to, list[k].delta);
      return sum;
    };
    CHECK(relative_error(got.gradient, central_differences(p, weighted)) < 1e-6);
  }
}

TEST_CASE("difference: violations, declared bounds, bad lists") {
  auto const p = random_problem({.operations = 4, .seed = 1});
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  gaus::Difference<> const rule(4, {{0, 3, 5}, {3, 0, -7}});
  CHECK(rule.size(problem) == 2);
  CHECK(rule.violations(problem, std::vector<int>{1, 0, 0, 6}).empty());
  CHECK(rule.violations(problem, std::vector<int>{1, 0, 0, 8}).empty());
  auto const near = rule.violations(problem, std::vector<int>{1, 0, 0, 4});
  REQUIRE(near.size() == 1);
  CHECK(near[0].text == "operations 0 -> 3: start 4 - start 1 = 3 < 5");
  CHECK(near[0].excess == 2);
  auto const far = rule.violations(problem, std::vector<int>{1, 0, 0, 9});
  REQUIRE(far.size() == 1);
  CHECK(far[0].text == "operations 3 -> 0: start 1 - start 9 = -8 < -7");
  CHECK(far[0].excess == 1);
  CHECK(rule.differences(problem).size() == 2);
  CHECK(rule.differences(problem)[1].delta == -7);
  CHECK(gaus::detail::declared_differences(problem, gaus::Constraints{rule, rule}).size() == 4);
  CHECK_THROWS_WITH_AS(gaus::Difference<>(4, {{0, 3, 5}, {4, 0, 1}}),
                       "difference constraint 1, 4 -> 0: the graph has operations 0..3",
                       gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::Difference<>(4, {{0, -1, 5}}), gaus::InvalidInput);
  CHECK(gaus::Difference<>(0, {}).size(problem) == 0);
}

// Where nobody reads the gradients of the spreads, those of the means come by other kernels.
TEST_CASE_TEMPLATE("precedence: the gradient of the means alone", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  for (auto const form : {Residual::mean, Residual::expected, Residual::probability})
    for (int const interval : {0, 5}) {
      auto const p = random_problem({.operations = 30, .interval = interval, .seed = 4});
      auto const problem = make_problem<MemorySpace>(p);
      auto const starts = make_starts<double, MemorySpace>(p);
      std::vector<Number> weight;
      for (std::size_t e = 0; e < p.graph.dependences.size(); ++e) weight.push_back(1 + e % 3);
      auto const on_device = to_device<double, MemorySpace>(weight);
      auto const pulled = [&](bool spreads) {
        gaus::Workspace<MemorySpace> workspace;
        auto result = gaus::make_evaluation<double, MemorySpace>(p.operations(), workspace);
        result.spreads = spreads;
        gaus::Precedence{form}.pull_back(
            exec, problem, starts, Kokkos::View<double const*, MemorySpace>(on_device), result);
        exec.fence("gaus_test: pulled back");
        return to_host_result(result);
      };
      auto const both = pulled(true);
      auto const means = pulled(false);
      double largest = 0;
      for (std::size_t i = 0; i < both.d_mean.size(); ++i) {
        CHECK(std::abs(both.d_mean[i] - means.d_mean[i]) < 1e-12);
        CHECK(means.d_spread[i] == 0);
        largest = std::max(largest, std::abs(both.d_mean[i]));
      }
      CHECK(largest > 0);
    }
}

}  // namespace
