// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/per_dependence.hpp>

#include <support/policies.hpp>
#include <support/spaces.hpp>
#include <string>

namespace {

using namespace gaus_test;

/// Weight times expected steps by which a use is more than 3 steps away: weight * h(mean - 3, s).
struct FarUse {
  static constexpr char const* name = "far_use";

  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, gaus::Dependence const& d,
                                              Real mean, Real spread) const {
    auto const h = gaus::normal_hinge(mean - Real(3), spread);
    auto const w = static_cast<Real>(d.weight);
    return {w * h.value, w * h.d_mean, w * h.d_spread};
  }
  template <class G>
  double exact(gaus::Problem<G> const&, gaus::Dependence const& d, int difference) const {
    return d.weight * std::max(0, difference - 3);
  }
};

/// By the dependences of the description, in its own order.
Number far_use(TestProblem const& p, gaus::GraphDescription::Link const& d) {
  if (!binds(p, d)) return 0;
  Number const m = p.mean[at(d.to)] + d.distance * p.interval - p.mean[at(d.from)] - 3;
  Number const s = std::hypot(p.spread[at(d.from)], p.spread[at(d.to)]);
  return static_cast<Number>(d.weight) * (m * Phi(m / s) + s * phi(m / s));
}
Number total(TestProblem const& p) {
  Number sum = 0;
  for (auto const& d : p.graph.dependences) sum += far_use(p, d);
  return sum;
}

gaus::PerDependence const objective{FarUse{}};

TEST_CASE_TEMPLATE("per dependence: as an objective", Space, GAUS_TEST_SPACES) {
  Space const exec;
  check_accumulation<Space>(objective);
  check_float<Space>(objective);
  for (int const interval : {0, 4})
    for (auto const shape : {Shape::mixed, Shape::tiny, Shape::huge}) {
      auto const p = random_problem({.interval = interval, .shape = shape, .seed = 5});
      auto const got = evaluate(exec, objective, p);
      CHECK(got.cost == doctest::Approx(static_cast<double>(total(p))).epsilon(1e-12));
      CHECK(relative_error(got, central_differences(p, total)) < 1e-6);
    }
  CHECK(evaluate(exec, objective, TestProblem{}).cost == 0);
}

TEST_CASE_TEMPLATE("per dependence: as a constraint", Space, GAUS_TEST_SPACES) {
  for (int const interval : {0, 4}) {
    auto const p = random_problem({.interval = interval, .seed = 6});
    // The library numbers dependences by producer, then consumer; the description has its own
    // order. Weights follow the pair of operations, so that both agree.
    auto const graph = gaus::build_graph(p.graph);
    std::vector<Number> weight(p.graph.dependences.size());
    std::vector<int> from(weight.size());
    for (int i = 0; i < p.operations(); ++i)
      for (int k = 0; k < graph.outgoing(i).size(); ++k) {
        auto const d = graph.outgoing(i)[k];
        weight[at(d.index)] = 1 + i - 0.5 * d.operation + d.distance;
        from[at(d.index)] = i;
      }
    auto const got = evaluate_constraint(Space(), objective, p, weight);
    auto const weighted = [](TestProblem const& moved) {
      Number sum = 0;
      for (auto const& d : moved.graph.dependences)
        sum += (1 + d.from - 0.5L * d.to + d.distance) * far_use(moved, d);
      return sum;
    };
    CHECK(relative_error(got.gradient, central_differences(p, weighted)) < 1e-6);
    for (auto const& d : p.graph.dependences)
      for (int k = 0; k < graph.outgoing(d.from).size(); ++k) {
        auto const e = graph.outgoing(d.from)[k];
        if (e.operation != d.to || e.distance != d.distance || e.delay != d.delay) continue;
        double const r = got.residual[at(e.index)];
        if (binds(p, d))
          CHECK(r == doctest::Approx(static_cast<double>(far_use(p, d))));
        else
          CHECK(r < 0);
      }
  }
}

TEST_CASE("per dependence: exact cost and violations by hand") {
  TestProblem p;
  p.steps = 20;
  for (int i = 0; i < 3; ++i) p.graph.add_operation({});
  p.graph.add_dependence({.from = 0, .to = 1, .weight = 2});
  p.graph.add_dependence({.from = 0, .to = 2});
  p.graph.add_dependence({.from = 2, .to = 0, .distance = 1, .weight = 10});
  find_bounds(p);
  std::vector<int> const s{1, 8, 3};
  // 2 * (8 - 1 - 3); 3 - 1 is near; 10 * (1 + 7 - 3 - 3) when pipelined with interval 7.
  CHECK(objective.exact(make_problem<Kokkos::HostSpace>(p), s) == 8);
  p.interval = 7;
  auto const problem = make_problem<Kokkos::HostSpace>(p);
  CHECK(objective.exact(problem, s) == 28);
  CHECK(objective.size(problem) == 3);
  auto const violations = objective.violations(problem, s);
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].constraint == "far_use");
  CHECK(violations[0].excess == 8);
  CHECK(violations[0].text.find("dependence 0 -> 1, starts 1 and 8") != std::string::npos);
  CHECK(violations[1].excess == 20);
  CHECK(violations[1].text.find("dependence 2 -> 0, starts 3 and 1") != std::string::npos);
}

TEST_CASE("per dependence: threads") { check_threads(objective); }

}  // namespace
