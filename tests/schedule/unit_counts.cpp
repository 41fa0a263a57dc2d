// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/unit_counts.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

double value_of(gaus::CostModel const& model, PlainCosts const& costs) {
  double value = model.usage * costs.usage;
  for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
  return value;
}

}  // namespace

TEST_CASE("unit counts: which objectives count units alone") {
  gaus::CostModel model;
  CHECK_FALSE(gaus::detail::counts_units(model));
  model.usage_of = {{0, 1.0}, {1, 2.0}};
  CHECK(gaus::detail::counts_units(model));
  model.usage = 3;
  CHECK(gaus::detail::counts_units(model));
  auto other = model;
  other.makespan = 1;
  CHECK_FALSE(gaus::detail::counts_units(other));
  other = model;
  other.complete = false;
  CHECK_FALSE(gaus::detail::counts_units(other));
}

TEST_CASE("unit counts: the least number of units of small graphs") {
  int met = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    gaus::GraphDescription g;
    g.add_resource("A");
    g.add_resource("B");
    for (int i = 0; i < 7; ++i) {
      g.add_operation({.latency = 1 + i % 2, .occupancy = 1 + i % 2});
      g.add_demand(i, random.below(2), 1);
      if (i > 0 && random.below(3) > 0) g.add_dependence(random.below(i), i);
    }
    auto const c = make_case(g, 2);
    gaus::CostModel model;
    if (seed % 3 == 0)
      model.usage = 2;
    else
      model.usage_of = {{0, 1.0}, {1, seed % 2 == 0 ? 1.5 : 1.0}};
    double least = std::numeric_limits<double>::infinity();
    for_each_schedule(c, [&](std::vector<int> const& s) {
      least = std::min(least, value_of(model, plain_costs(c, s)));
    });
    double value = value_of(model, plain_costs(c, c.bounds.earliest));
    gaus::detail::fewer_units(
        c.problem, c.system, c.bounds, model, c.bounds.earliest, 0.2, seed,
        [&](std::vector<int> const& s) {
          CHECK(legal(c, s));
          double const own = value_of(model, plain_costs(c, s));
          bool const better = own < value;
          value = std::min(value, own);
          return better;
        },
        [] { return true; });
    CHECK(value >= least);
    met += value == least ? 1 : 0;
  }
  CHECK(met >= 11);
}
