// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/chaining.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/live_costs.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/problems.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using gaus_test::at;
using gaus_test::Random;
using Vector = std::vector<int>;
using Delays = std::vector<double>;
using Timing = std::pair<Delays, double>;

/// A chain of operations of latency 0.
gaus::GraphDescription chain_of(int n) {
  gaus::GraphDescription g;
  for (int i = 0; i < n; ++i) {
    g.add_operation({.latency = 0});
    if (i > 0) g.add_dependence(i - 1, i);
  }
  return g;
}

gaus::ChainingRules rules_of(gaus::GraphDescription const& g, Delays const& delays, double period,
                             gaus::ChainingForm form = gaus::ChainingForm::exact,
                             bool pipelined = false) {
  return gaus::chaining_rules(gaus::build_graph(g), delays, period,
                              {.form = form, .pipelined = pipelined}, &g);
}

std::vector<Vector> listed(gaus::ChainingRules const& rules) {
  std::vector<Vector> all;
  for (auto const& b : rules.breaks) all.push_back({b.from, b.to, b.distance});
  std::sort(all.begin(), all.end());
  return all;
}

std::string reason_of_refusal(gaus::GraphDescription const& g, Delays const& delays,
                              double period) {
  try {
    rules_of(g, delays, period);
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
  return "accepted";
}

/// A random graph of few operations, most of latency 0, numbered in random order.
gaus::GraphDescription random_circuit(Random& random, int most, bool carried) {
  int const n = 2 + random.below(most - 1);
  Vector place(at(n));
  for (int i = 0; i < n; ++i) {
    int const k = random.below(i + 1);
    place[at(i)] = place[at(k)];
    place[at(k)] = i;
  }
  gaus::GraphDescription g;
  for (int i = 0; i < n; ++i)
    g.add_operation({.latency = random.below(5) == 0 ? 1 + random.below(2) : 0});
  for (int a = 0; a < n; ++a)
    for (int b = a + 1; b < n; ++b) {
      if (random.below(5) < 2) continue;
      g.add_dependence({.from = place[at(a)],
                        .to = place[at(b)],
                        .delay = random.below(8) == 0 ? 1 : 0,
                        .value = random.below(8) != 0});
    }
  for (int k = carried ? 1 + random.below(3) : 0; k > 0; --k)
    g.add_dependence(
        {.from = random.below(n), .to = random.below(n), .distance = k + random.below(2) * 3});
  return g;
}

/// Delays in tenths of a ns, and a period that each operation fits into.
Timing random_timing(Random& random, gaus::GraphDescription const& g) {
  Delays delays;
  double longest = 1;
  for (auto const& o : g.operations) {
    int const tenths = random.below(4) * (1 + random.below(3));
    delays.push_back(tenths * 0.1);
    longest = std::max(longest, tenths / std::max(1.0, static_cast<double>(o.latency)));
  }
  return {delays, (longest + random.below(5)) / 10};
}

bool satisfies(gaus::GraphDescription const& g, Vector const& start, int interval) {
  return std::all_of(g.dependences.begin(), g.dependences.end(), [&](auto const& d) {
    return (d.distance > 0 && interval == 0) ||
           start[at(d.from)] + g.operations[at(d.from)].latency + d.delay <=
               start[at(d.to)] + d.distance * interval;
  });
}

bool satisfies(gaus::ChainingRules const& rules, Vector const& start, int interval) {
  return std::all_of(rules.breaks.begin(), rules.breaks.end(), [&](auto const& b) {
    return (b.distance > 0 && interval == 0) ||
           start[at(b.to)] + b.distance * interval >= start[at(b.from)] + 1;
  });
}

/// The longest chain that ends with operation i, in ns, by its definition.
double chain_to(gaus::GraphDescription const& g, Delays const& delays, Vector const& start,
                int interval, int i) {
  double before = 0;
  for (auto const& d : g.dependences)
    if (d.to == i && d.value && g.operations[at(d.from)].latency == 0 &&
        (d.distance == 0 || interval > 0) &&
        start[at(d.from)] == start[at(i)] + d.distance * interval)
      before = std::max(before, chain_to(g, delays, start, interval, d.from));
  return before + delays[at(i)] / std::max(1, g.operations[at(i)].latency);
}

/// Calls visit(start) for every vector of start steps below the given one.
template <class Visit>
void for_every_schedule(int n, int steps, Visit const& visit) {
  Vector start(at(n), 0);
  for (int i = 0; i < n;) {
    visit(start);
    for (i = 0; i < n && ++start[at(i)] == steps; ++i) start[at(i)] = 0;
  }
}

/// The longest path of a description, in steps.
int fewest_steps(gaus::GraphDescription const& g) {
  auto const system = gaus::make_difference_system(gaus::build_graph(g));
  return gaus::critical_path(system, gaus::earliest_steps(system));
}

}  // namespace

TEST_CASE("chaining: worked by hand") {
  SUBCASE("ten of 0.1 ns fill 1 ns, the eleventh does not") {
    CHECK(rules_of(chain_of(10), Delays(10, 0.1), 1).breaks.empty());
    auto const rules = rules_of(chain_of(12), Delays(12, 0.1), 1);
    CHECK(listed(rules) == std::vector<Vector>{{0, 10, 0}, {1, 11, 0}});
    CHECK(rules.exact);
    auto const bounds = rules.bounds();
    REQUIRE(bounds.size() == 2);
    CHECK(bounds[1].from == 1);
    CHECK(bounds[1].to == 11);
    CHECK(bounds[1].delta == 1);
  }
  SUBCASE("sums are exact: 3 * 0.1 ns in 0.3 ns") {
    CHECK(rules_of(chain_of(3), Delays(3, 0.1), 0.3).breaks.empty());
    CHECK(rules_of(chain_of(3), Delays(3, 0.1), 0.299999).breaks.size() == 1);
  }
  SUBCASE("2.5 periods: what is just too long suffices, and its rules add up") {
    auto g = chain_of(5);
    auto const rules = rules_of(g, Delays(5, 0.5), 1);
    CHECK(listed(rules) == std::vector<Vector>{{0, 2, 0}, {1, 3, 0}, {2, 4, 0}});
    gaus::add_rules(g, rules);
    auto const system = gaus::make_difference_system(gaus::build_graph(g));
    CHECK(gaus::earliest_steps(system) == Vector{0, 0, 1, 1, 2});
  }
  SUBCASE("large operations leave more boundaries than the quotient of delay and period") {
    // 0.6 + 0.6 + 0.6 = 1.8 ns fit into no two steps of 1 ns.
    auto g = chain_of(3);
    auto const rules = rules_of(g, Delays(3, 0.6), 1);
    CHECK(listed(rules) == std::vector<Vector>{{0, 1, 0}, {1, 2, 0}});
    gaus::add_rules(g, rules);
    CHECK(g.dependences.size() == 2);  // no new one: the dependences themselves have a delay now
    CHECK(g.dependences[0].delay == 1);
    gaus::add_rules(g, rules);
    CHECK(g.dependences.size() == 2);
    CHECK(g.dependences[1].delay == 1);
  }
  SUBCASE("registers end a chain: a multi-cycle operation takes its stage of it") {
    // 0.4 -> 2 steps for 1.4, a stage of 0.7 -> 0.9.
    auto g = chain_of(3);
    g.operations[1].latency = 2;
    CHECK(listed(rules_of(g, {0.4, 1.4, 0.9}, 1)) == std::vector<Vector>{{0, 1, 0}});
    CHECK(rules_of(g, {0.3, 1.4, 0.9}, 1).breaks.empty());
  }
  SUBCASE("the least path is named, not those around it") {
    // 0 and 1 feed 2, which feeds 3 and 4; inputs take no time.
    gaus::GraphDescription g;
    for (int i = 0; i < 5; ++i) g.add_operation({.latency = 0});
    for (int i : {0, 1}) g.add_dependence(i, 2);
    for (int i : {3, 4}) g.add_dependence(2, i);
    CHECK(listed(rules_of(g, {0, 0.5, 0.3, 0.2, 0.3}, 1)) == std::vector<Vector>{{1, 4, 0}});
    CHECK(listed(rules_of(g, {0, 0.5, 0.3, 0.2, 0.8}, 1)) == std::vector<Vector>{{2, 4, 0}});
  }
  SUBCASE("across iterations") {
    auto g = chain_of(3);
    g.add_dependence({.from = 2, .to = 0, .distance = 1});
    CHECK(rules_of(g, Delays(3, 0.3), 1).breaks.empty());
    CHECK(listed(rules_of(g, Delays(3, 0.4), 1, gaus::ChainingForm::exact, true)) ==
          std::vector<Vector>{{0, 2, 0}, {1, 0, 1}, {2, 1, 1}});
    // An accumulator that fits into a step: no rule, the interval is at least 1 anyhow.
    auto one = chain_of(1);
    one.add_dependence({.from = 0, .to = 0, .distance = 1});
    CHECK(rules_of(one, {0.7}, 1, gaus::ChainingForm::exact, true).breaks.empty());
    CHECK(rules_of(one, {0}, 1, gaus::ChainingForm::exact, true).breaks.empty());
  }
  SUBCASE("no operations") { CHECK(rules_of({}, {}, 1).breaks.empty()); }
}

TEST_CASE("chaining: what is refused") {
  auto g = chain_of(2);
  g.names = {"", "mul"};
  double const nan = std::numeric_limits<double>::quiet_NaN();
  double const infinity = std::numeric_limits<double>::infinity();
  CHECK(reason_of_refusal(g, {0.5, 2.5}, 1) ==
        "operation 1 (mul) of latency 0 takes 2.5 ns, longer than the clock period of 1 ns; it "
        "fits with latency 3");
  CHECK(reason_of_refusal(g, {0.5, 1}, 1) == "accepted");
  g.operations[1].latency = 3;
  CHECK(reason_of_refusal(g, {0.5, 2.5}, 1) == "accepted");
  CHECK(reason_of_refusal(g, {0.5, 4.2}, 1) ==
        "operation 1 (mul) of latency 3 takes a stage of 1.4 ns, longer than the clock period of "
        "1 ns; it fits with latency 5");
  for (double const bad : {nan, infinity, -0.5, 1e12})
    CHECK(reason_of_refusal(g, {0, bad}, 1).starts_with("operation 1 (mul): the delay "));
  for (double const bad : {nan, infinity, -1.0, 0.0, 1e-9, 1e12})
    CHECK(reason_of_refusal(g, {0, 0}, bad).starts_with("the clock period "));
  CHECK(reason_of_refusal(g, {0}, 1) == "there are 1 delays for 2 operations");
  CHECK_THROWS_WITH_AS(
      gaus::chaining_violations(gaus::build_graph(g), Delays{0, 0}, 1.0, Vector{0}),
      "the schedule has 1 start steps, the graph has 2 operations", gaus::InvalidInput);

  g.operations[0].delay_ns = 0.25;
  CHECK_THROWS_WITH_AS(gaus::chain_delays(g), "operation 1 (mul) states no delay (delay_ns)",
                       gaus::InvalidInput);
  CHECK(gaus::chain_delays(g, 3.0) == Delays{0.25, 3});
  g.operations[1].delay_ns = nan;
  CHECK_THROWS_AS(gaus::check(g), gaus::InvalidInput);
}

TEST_CASE("chaining: the longest chain of a step is named") {
  auto const g = chain_of(4);
  auto const graph = gaus::build_graph(g);
  Delays const delays{0.5, 0.25, 0.5, 0.5};
  CHECK(gaus::chaining_violations(graph, delays, 1.0, Vector{0, 0, 1, 1}).empty());
  auto const found = gaus::chaining_violations(graph, delays, 1.0, Vector{2, 2, 2, 3}, 0, &g);
  REQUIRE(found.size() == 1);
  CHECK(found[0].operations == Vector{0, 1, 2});
  CHECK(found[0].delay_ns == doctest::Approx(1.25));
  CHECK(found[0].step == 2);
  CHECK(found[0].text == "step 2: the chain 0 -> 1 -> 2 takes 1.25 ns, the clock period is 1 ns");
  CHECK(gaus::longest_chains(graph, delays, 1.0, Vector{2, 2, 2, 3}).size() == 2);
  auto const all = gaus::chaining_violations(graph, delays, 1.0, Vector{-7, -7, -7, -7});
  REQUIRE(all.size() == 1);
  CHECK(all[0].delay_ns == doctest::Approx(1.75));
}

TEST_CASE("chaining: the rules hold exactly where no chain is too long, for every schedule") {
  Random random(7);
  long long legal = 0;
  long long broken = 0;
  for (int round = 0; round < 300; ++round) {
    int const interval = random.below(3);
    auto const g = random_circuit(random, 6, interval > 0);
    Timing const timing = random_timing(random, g);
    auto const& delays = timing.first;
    double const period = timing.second;
    auto const graph = gaus::build_graph(g);
    auto const exact = rules_of(g, delays, period, gaus::ChainingForm::exact, interval > 0);
    auto const edges = rules_of(g, delays, period, gaus::ChainingForm::edges, interval > 0);
    CHECK(exact.exact);
    CHECK_FALSE(edges.exact);
    auto added = g;
    gaus::add_rules(added, exact);
    gaus::check(added);
    bool same = true;
    bool sound = true;
    bool by_definition = true;
    for_every_schedule(graph.num_operations(), 4, [&](Vector const& start) {
      bool const ordered = satisfies(g, start, interval);
      if (!ordered && random.below(16) > 0) return;
      bool const fits = gaus::chaining_violations(graph, delays, period, start, interval).empty();
      double longest = 0;
      for (int i = 0; i < graph.num_operations(); ++i)
        longest = std::max(longest, chain_to(g, delays, start, interval, i));
      by_definition = by_definition && fits == (longest <= period + 1e-5);
      if (!ordered) return;
      ++(fits ? legal : broken);
      same = same && satisfies(exact, start, interval) == fits &&
             satisfies(added, start, interval) == fits;
      sound = sound && (fits || !satisfies(edges, start, interval));
    });
    CHECK(same);
    CHECK(sound);
    CHECK(by_definition);
  }
  CHECK(legal > 5000);
  CHECK(broken > 2000);
}

TEST_CASE("chaining: both forms need as few steps as any legal schedule") {
  Random random(8);
  for (int round = 0; round < 60; ++round) {
    auto g = random_circuit(random, 6, false);
    Timing const timing = random_timing(random, g);
    auto const& delays = timing.first;
    double const period = timing.second;
    auto const graph = gaus::build_graph(g);
    int fewest = 100;
    for_every_schedule(graph.num_operations(), 4, [&](Vector const& start) {
      if (!satisfies(g, start, 0)) return;
      int end = 0;
      for (int i = 0; i < graph.num_operations(); ++i)
        end = std::max(end, start[at(i)] + std::max(1, graph.latency(i)));
      if (end < fewest && gaus::chaining_violations(graph, delays, period, start).empty())
        fewest = end;
    });
    if (fewest > 4) continue;  // beyond what was tried
    for (auto const form : {gaus::ChainingForm::exact, gaus::ChainingForm::edges}) {
      auto added = g;
      gaus::add_rules(added, rules_of(g, delays, period, form));
      CHECK(fewest_steps(added) == fewest);
    }
  }
}

TEST_CASE("chaining: a dependence without a value costs nothing") {
  // 0 -> 1 -> 2 -> 3 in two steps: the rule 0 -> 3 must not keep value 0 alive.
  auto g = chain_of(4);
  auto const before = gaus::build_graph(g);
  gaus::add_rules(g, rules_of(g, Delays(4, 0.3), 1));
  REQUIRE(g.dependences.size() == 4);
  CHECK_FALSE(g.dependences[3].value);
  auto const graph = gaus::build_graph(g);
  Vector const start{0, 0, 0, 1};
  auto const with = gaus::exact_costs(gaus::make_problem(graph, 2), start);
  auto const without = gaus::exact_costs(gaus::make_problem(before, 2), start);
  CHECK(with.lifetime == 1);
  CHECK(with.memory == 1);
  CHECK(with.communication == 1);
  CHECK(without.lifetime == 1);
  CHECK(without.memory == 1);
  CHECK(gaus::verify(gaus::make_problem(graph, 2), start).empty());
  CHECK(gaus::verify(gaus::make_problem(graph, 2), Vector{0, 0, 0, 0}).size() == 1);

  Random random(9);
  for (int round = 0; round < 40; ++round) {
    auto circuit = random_circuit(random, 5, false);
    Timing const timing = random_timing(random, circuit);
    auto const& delays = timing.first;
    double const period = timing.second;
    auto const plain = gaus::build_graph(circuit);
    auto const rules = rules_of(circuit, delays, period);
    gaus::add_rules(circuit, rules);
    auto const own = gaus::build_graph(circuit);
    auto const system = gaus::make_difference_system(own);
    int const steps = gaus::critical_path(system, gaus::earliest_steps(system)) + 1;
    auto const bounds = gaus::step_bounds(system, steps);
    auto const problem = gaus::make_problem(own, own, steps, bounds);
    auto const bare = gaus::make_problem(plain, plain, steps, bounds);
    auto const optimum = gaus::min_lifetime(problem, system, bounds);
    gaus::LiveCosts live(problem, {.memory = 1, .lifetime = 1});
    live.load(bounds.earliest);
    double least = 1e9;
    for_every_schedule(own.num_operations(), steps, [&](Vector const& schedule) {
      if (steps > 4 || !gaus::verify(problem, schedule).empty()) return;
      auto const costs = gaus::exact_costs(bare, schedule);
      least = std::min(least, costs.lifetime);
      for (int i = 0; i < own.num_operations(); ++i)
        if (live.start()[at(i)] != schedule[at(i)]) live.move(i, schedule[at(i)]);
      live.settle();
      if (live.exact() != costs.memory + costs.lifetime) FAIL_CHECK("live costs differ");
    });
    if (steps <= 4) CHECK(optimum.value == least);
  }
}

TEST_CASE("chaining: wide cones") {
  // Layers of 24, each operation reading all of the layer before: 24 * 24 pairs for each two layers.
  constexpr int width = 24;
  constexpr int layers = 6;
  gaus::GraphDescription g;
  for (int k = 0; k < layers * width; ++k) {
    g.add_operation({.latency = 0});
    for (int from = (k / width - 1) * width; from >= 0 && from < k / width * width; ++from)
      g.add_dependence(from, k);
  }
  auto const graph = gaus::build_graph(g);
  Delays const delays(at(layers * width), 0.4);
  auto const exact = rules_of(g, delays, 1);
  CHECK(exact.breaks.size() == at((layers - 2) * width * width));
  auto const bounded = gaus::chaining_rules(graph, delays, 1.0, {.most_rules = 0.5});
  CHECK_FALSE(bounded.exact);
  CHECK(bounded.breaks.size() == at(2 * width * width));  // each second layer starts a step
  CHECK_FALSE(gaus::chaining_rules(graph, delays, 1.0, {.most_work = 1}).exact);
  CHECK(gaus::chaining_rules(graph, delays, 1.0).exact);
  for (auto const& rules : {exact, bounded}) {
    auto added = g;
    gaus::add_rules(added, rules);
    CHECK(fewest_steps(added) == (layers + 1) / 2);
  }
}

TEST_CASE("chaining: a chain longer than the stack") {
  constexpr int n = 1000000;
  auto const g = chain_of(n);
  auto const graph = gaus::build_graph(g);
  Delays const delays(at(n), 0.1);
  auto const rules = gaus::chaining_rules(graph, delays, 1.0);
  CHECK(rules.exact);
  CHECK(rules.breaks.size() == at(n - 10));
  CHECK(rules.work <= 11LL * n);
  auto const found = gaus::chaining_violations(graph, delays, 1.0, Vector(at(n), 0));
  REQUIRE(found.size() == 1);
  CHECK(found[0].operations.size() == at(n));
}
