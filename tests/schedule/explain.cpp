// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/explain.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <support/problems.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

using namespace gaus_test;

namespace {

using Vector = std::vector<int>;

/// Two multiplications and an addition on one unit each, of four steps:
///
///   a (MUL, 1 step) -> c (ADD), b (MUL, 2 steps) -> c; d (ADD) is free
///
///   windows   a 0..2, b 0..1, c 2..3, d 0..3        schedule: a 0, b 0, c 2, d 3
gaus::GraphDescription two_products() {
  gaus::GraphDescription g;
  int const mul = g.add_resource("MUL", 2);
  int const add = g.add_resource("ADD");
  g.add_operation({.latency = 1, .occupancy = 1, .size = 3}, "a");
  g.add_operation({.latency = 2, .occupancy = 2, .size = 5}, "b");
  g.add_operation({}, "c");
  g.add_operation({}, "d");
  g.add_demand(0, mul);
  g.add_demand(1, mul);
  g.add_demand(2, add);
  g.add_demand(3, add);
  g.add_dependence({.from = 0, .to = 2, .weight = 4});
  g.add_dependence(1, 2);
  return g;
}

}  // namespace

TEST_CASE("explain: worked by hand") {
  auto const c = make_case(two_products(), 1);
  REQUIRE(c.steps == 4);
  Vector const start{0, 0, 2, 3};
  auto const why = gaus::explain(c.problem, start, {.limits = c.graph.limits(), .lower_bound = 20});
  CHECK(why.operations == 4);
  CHECK(why.fixed_operations == 0);
  CHECK(why.dependences == 2);
  CHECK(why.tight_dependences == 1);  // b -> c
  REQUIRE(why.usage.size() == 1);
  auto const& usage = why.usage[0];
  CHECK(usage.resource == 0);
  CHECK(usage.peak == 2);
  REQUIRE(usage.where.size() == 1);
  CHECK(usage.where[0].first == 0);
  CHECK(usage.where[0].last == 0);
  CHECK(usage.steps_at_peak == 1);
  CHECK(usage.slots == 4);
  CHECK(usage.shares.size() == 2);
  CHECK(usage.fixed == 0);  // b is busy at step 1 whatever the schedule, not at step 0
  CHECK(usage.total == 3);
  CHECK(usage.average == 0.75);
  CHECK(usage.least == 1);
  CHECK(usage.limit == 2);
  // a lives across boundaries 0 and 1, b across 1.
  REQUIRE(why.memory);
  CHECK(why.memory->peak == 8);
  CHECK(why.memory->step == 1);
  REQUIRE(why.memory->shares.size() == 2);
  CHECK(why.memory->shares[0].operation == 1);
  CHECK(why.memory->shares[0].amount == 5);
  CHECK(why.memory->shares[1].operation == 0);
  CHECK(why.memory->least == 8);  // both are there when c reads them
  REQUIRE(why.lifetime);
  CHECK(why.lifetime->value == 3 * 2 + 5);
  CHECK(why.lifetime->least == 3 + 5);
  CHECK(why.lifetime->count == 2);
  CHECK(why.lifetime->above == 1);
  CHECK(why.lifetime->shares[0].from == 0);
  CHECK(why.lifetime->shares[0].to == 2);
  REQUIRE(why.communication);
  CHECK(why.communication->value == 4 * 2 + 2);
  CHECK(why.communication->least == 4 + 2);
  CHECK(why.communication->shares[0].cost == 8);
  CHECK(why.communication->shares[0].least == 4);
  REQUIRE(why.makespan);
  CHECK(why.makespan->makespan == 4);
  CHECK(why.makespan->least == 3);
  CHECK(why.makespan->operations == Vector{3});
  CHECK(why.makespan->first_start == 3);  // d could start at once
  CHECK(why.value == 2 + 8 + 11 + 10 + 4);
  CHECK(why.least == 1 + 8 + 8 + 6 + 3);
  CHECK_FALSE(why.minimum);
  // Without slack b is fixed at its steps, and a has two places.
  auto const tight = make_case(two_products(), 0);
  auto const fixed = gaus::explain(tight.problem, Vector{0, 0, 2, 0}, {.costs = {.usage = 1}});
  CHECK(fixed.fixed_operations == 2);
  CHECK(fixed.usage[0].fixed == 1);
  CHECK(fixed.terms.size() == 1);
  CHECK_FALSE(fixed.memory);
  // MUL and ADD alike.
  auto const alike = gaus::explain(tight.problem, Vector{0, 0, 2, 2}, {.costs = {.usage = 1}});
  CHECK(alike.usage[0].also == Vector{1});
}

TEST_CASE("explain: the chain waits for units where no dependence holds it") {
  gaus::GraphDescription g;
  int const r = g.add_resource("R", 1);
  for (int i = 0; i < 3; ++i) {
    g.add_operation({.latency = 2, .occupancy = 2});
    g.add_demand(i, r);
  }
  g.add_operation({});
  g.add_dependence(2, 3);
  auto const c = make_case(g, 4);
  auto const why = gaus::explain(c.problem, Vector{2, 0, 4, 6},
                                 {.costs = {.makespan = 1}, .limits = g.limits()});
  CHECK(why.makespan->operations == Vector{1, 0, 2, 3});
  CHECK(why.makespan->held_by == Vector{-1, 0, 0, -1});
  CHECK(why.makespan->by_units == 2);
  CHECK(why.makespan->by_dependences == 1);
  CHECK(why.makespan->saturated == 0);
  CHECK(why.makespan->least == 6);  // the work of R
  CHECK(why.makespan->first_start == 0);
  // Without the limit nothing holds operation 2 back.
  auto const free = gaus::explain(c.problem, Vector{2, 0, 4, 6}, {.costs = {.makespan = 1}});
  CHECK(free.makespan->operations == Vector{2, 3});
  CHECK(free.makespan->first_start == 4);
  CHECK(free.makespan->least == 3);
}

TEST_CASE("explain: a pipeline by slots, with what sets its interval") {
  gaus::GraphDescription g;
  int const mul = g.add_resource("MUL", 1);
  for (int i = 0; i < 2; ++i) {
    g.add_operation({.latency = 2});
    g.add_demand(i, mul);
  }
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 3});  // 4 steps over three iterations
  auto const graph = gaus::build_graph(g);
  auto const problem = gaus::make_problem(graph, graph, 6, gaus::StepBounds{}, 2);
  auto const why = gaus::explain(problem, Vector{0, 3}, {.limits = g.limits()});
  CHECK(why.interval == 2);
  REQUIRE(why.minimum);
  CHECK(why.minimum->resources.interval == 2);
  CHECK(why.minimum->recurrences.interval == 2);
  CHECK(why.usage[0].slots == 2);
  CHECK(why.usage[0].steps_at_peak == 2);
  CHECK(why.usage[0].average == 1);
  CHECK(why.usage[0].least == 1);
  // Value 0 lives across boundaries 1 and 2, value 1 across 4 and 5.
  CHECK(why.memory->peak == 2);
  CHECK(why.memory->steps_at_peak == 2);
  CHECK(why.lifetime->value == 2 + 2);
  CHECK(why.lifetime->least == 1 + 1);
  CHECK(why.communication->value == 3 + 3);
  CHECK(why.communication->least == 2 + 2);
}

TEST_CASE("explain: no operation, one operation, illegal schedules") {
  auto const none = make_case({}, 0);
  auto const empty = gaus::explain(none.problem, Vector{});
  CHECK(empty.operations == 0);
  CHECK(empty.usage.empty());
  CHECK(empty.makespan->operations.empty());
  CHECK(empty.value == 0);
  gaus::GraphDescription g;
  g.add_operation({.latency = 2});
  auto const one = make_case(g, 0);
  auto const why = gaus::explain(one.problem, Vector{0});
  CHECK(why.fixed_operations == 1);
  CHECK(why.value == 2);
  CHECK(why.least == 2);
  CHECK(why.makespan->operations == Vector{0});
  CHECK(why.memory->shares.empty());
  CHECK_THROWS_WITH_AS(gaus::explain(one.problem, Vector{1}),
                       doctest::Contains("a schedule that is not legal has no explanation: "),
                       gaus::InvalidInput);
}

TEST_CASE("explain: a dependence that carries no value keeps none alive") {
  gaus::GraphDescription g;
  for (int i = 0; i < 3; ++i) g.add_operation({.size = 3});
  g.add_dependence(0, 1);
  g.add_dependence({.from = 0, .to = 2, .weight = 0, .delay = 4, .value = false});
  auto const c = make_case(g, 0);
  REQUIRE(c.steps == 6);
  Vector const start{0, 2, 5};
  auto const why = gaus::explain(c.problem, start);
  CHECK(why.lifetime->value == 6);  // 3 across the boundaries after steps 0 and 1
  CHECK(why.lifetime->least == 3);  // its consumer could start at step 1
  REQUIRE(why.lifetime->shares.size() >= 1);
  CHECK(why.lifetime->shares[0].from == 0);
  CHECK(why.lifetime->shares[0].to == 1);
  CHECK(why.lifetime->shares[0].least == 3);
  CHECK(why.memory->peak == 3);
}

TEST_CASE("explain: random schedules, every figure by its definition") {
  int fixed_seen = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(4 + static_cast<int>(seed % 2), static_cast<int>(seed % 3), seed);
    int const n = c.operations();
    // What is fixed is so in every schedule; what is said to be least is least for all.
    std::vector<std::vector<int>> all;
    for_each_schedule(c, [&](Vector const& s) { all.push_back(s); });
    REQUIRE(!all.empty());
    auto const& start = all[seed % all.size()];
    auto const why = gaus::explain(c.problem, start, {.limits = {1e9, std::nullopt, 1e9}});
    auto const cost = plain_costs(c, start);
    CHECK(why.usage[0].peak == cost.usage);
    CHECK(why.memory->peak == doctest::Approx(cost.memory));
    CHECK(why.lifetime->value == doctest::Approx(cost.lifetime));
    CHECK(why.communication->value == doctest::Approx(cost.communication));
    CHECK(why.makespan->makespan == cost.makespan);
    int without_slack = 0;
    for (int i = 0; i < n; ++i)
      without_slack += std::all_of(all.begin(), all.end(),
                                   [&](auto const& s) { return s[at(i)] == all[0][at(i)]; });
    CHECK(why.fixed_operations == without_slack);
    auto const busy = [&](Vector const& s, int i, int step) {
      return s[at(i)] <= step && step < s[at(i)] + c.graph.operations[at(i)].occupancy;
    };
    auto const& usage = why.usage[0];
    double units = 0;
    double fixed = 0;
    for (auto const& share : usage.shares) {
      CHECK(busy(start, share.operation, usage.step));
      bool const always = std::all_of(all.begin(), all.end(), [&](auto const& s) {
        return busy(s, share.operation, usage.step);
      });
      CHECK((share.fixed == share.amount) == always);
      units += share.amount;
      fixed += share.fixed;
      fixed_seen += always ? 1 : 0;
    }
    CHECK(units == doctest::Approx(usage.peak));
    CHECK(fixed == doctest::Approx(usage.fixed));
    double live = 0;
    for (auto const& share : why.memory->shares) live += share.amount;
    CHECK(live == doctest::Approx(cost.memory));
    double least[] = {1e9, 1e9, 1e9, 1e9, 1e9};
    for (auto const& s : all) {
      auto const own = plain_costs(c, s);
      double const values[] = {own.usage, own.memory, own.lifetime, own.communication,
                               own.makespan};
      for (std::size_t k = 0; k < 5; ++k) least[k] = std::min(least[k], values[k]);
    }
    REQUIRE(why.terms.size() == 5);
    for (std::size_t k = 0; k < 5; ++k) {
      CAPTURE(k);
      CHECK(why.terms[k].least <= least[k] + 1e-9);
      CHECK(why.terms[k].value >= least[k] - 1e-9);
    }
    CHECK(why.makespan->least == least[4]);
    // Each single dependence: no schedule has it cheaper.
    for (auto const& share : why.communication->shares) {
      double cheapest = 1e9;
      for (auto const& d : c.graph.dependences)
        if (d.distance == 0 && d.from == share.from && d.to == share.to)
          for (auto const& s : all)
            cheapest = std::min(cheapest, d.weight * (s[at(d.to)] - s[at(d.from)]));
      CHECK(share.least <= cheapest + 1e-9);
    }
    // The chain holds link by link.
    auto const& chain = why.makespan->operations;
    for (std::size_t k = 0; k + 1 < chain.size(); ++k)
      CHECK(std::any_of(c.graph.dependences.begin(), c.graph.dependences.end(), [&](auto const& d) {
        return d.distance == 0 && d.from == chain[k] && d.to == chain[k + 1] &&
               start[at(d.from)] + c.graph.operations[at(d.from)].latency + d.delay ==
                   start[at(d.to)];
      }));
    CHECK(start[at(chain.back())] + c.length(chain.back()) == cost.makespan);
  }
  CHECK(fixed_seen > 5);
}
