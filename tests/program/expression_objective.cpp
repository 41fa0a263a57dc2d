// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "../../examples/gaus_schedule/expression_objective.hpp"

#include <gaus/objective/weighted_sum.hpp>
#include <support/problems.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <string>
#include <vector>

namespace {

using namespace gaus_test;

gaus_schedule::ExpressionObjective objective_of(std::string const& text,
                                                std::vector<std::string> const& classes) {
  return {gaus_schedule::parse_expression(text, classes), static_cast<int>(classes.size())};
}

void check_same(Result const& a, Result const& b) {
  CHECK(a.cost == doctest::Approx(b.cost));
  REQUIRE(a.d_mean.size() == b.d_mean.size());
  for (std::size_t i = 0; i < a.d_mean.size(); ++i) {
    CHECK(a.d_mean[i] == doctest::Approx(b.d_mean[i]));
    CHECK(a.d_spread[i] == doctest::Approx(b.d_spread[i]));
  }
}

TEST_CASE_TEMPLATE("expression objective: as the weighted sum", Space, GAUS_TEST_SPACES) {
  auto const p = random_problem({.operations = 20, .seed = 5});
  auto const expression = objective_of(
      "100*usage + 3*usage[B] + 0.5*memory + lifetime/4 + communication + 2*makespan - 8 + "
      "0*usage[C]",
      {"A", "B", "C"});
  auto const sum = 100.0 * gaus::PeakUsage{} + 3.0 * gaus::PeakUsage{.resource = 1} +
                   0.5 * gaus::MemoryFootprint{} + 0.25 * gaus::TotalLifetime{} +
                   gaus::Communication{} + 2.0 * gaus::Makespan{};
  check_same(evaluate(Space(), expression, p, 1.5, 0.25), evaluate(Space(), sum, p, 1.5, 0.25));

  auto const problem = make_problem<Kokkos::HostSpace>(p);
  CHECK(expression.exact(problem, p.earliest) == doctest::Approx(sum.exact(problem, p.earliest)));
}

TEST_CASE_TEMPLATE("expression objective: more terms than one launch adds", Space,
                   GAUS_TEST_SPACES) {
  auto p = random_problem({.operations = 20, .seed = 6});
  std::vector<std::string> classes{"A", "B", "C"};
  std::string text = "usage[A] + usage[B] + usage[C]";
  for (int r = 3; r < 19; ++r) {
    classes.push_back("R" + std::to_string(r));
    p.graph.add_resource(classes.back());
    text += " + " + std::to_string(r) + "*usage[" + classes.back() + "]";
    if (p.graph.operations[at(r)].occupancy > 0) p.graph.add_demand(r, r);
  }
  auto const all = evaluate(Space(), objective_of(text, classes), p);
  double expected = 0;
  for (int r = 0; r < 19; ++r)
    expected += (r < 3 ? 1 : r) * evaluate(Space(), gaus::PeakUsage{.resource = r}, p).cost;
  CHECK(all.cost == doctest::Approx(expected));
}

TEST_CASE_TEMPLATE("expression objective: nothing to add", Space, GAUS_TEST_SPACES) {
  auto p = random_problem({.operations = 8, .seed = 7});
  CHECK(evaluate(Space(), objective_of("0*usage", {"A", "B", "C"}), p).cost == 0);
  // Without classes the usage is 0, whatever its weight.
  p.graph.resources.clear();
  p.graph.demands.clear();
  check_same(evaluate(Space(), objective_of("5*usage + memory", {}), p),
             evaluate(Space(), gaus::MemoryFootprint{}, p));
}

TEST_CASE("expression objective: what the discrete search is told") {
  gaus::CostModel model;
  objective_of("100*usage + 3*usage[B] + memory + 4", {"A", "B"}).describe(model, 2);
  CHECK(model.complete);
  CHECK(model.usage == 200);
  REQUIRE(model.usage_of.size() == 1);
  CHECK(model.usage_of[0].first == 1);
  CHECK(model.usage_of[0].second == 6);
  CHECK(model.memory == 2);
  CHECK(model.lifetime == 0);
}

}  // namespace
