// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/force_directed.hpp>

#include <gaus/graph/random.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

using gaus::WindowReduction;

std::vector<int> force_directed(Case const& c,
                                WindowReduction reduction = WindowReduction::at_once) {
  return gaus::force_directed_schedule(c.host, c.system, c.bounds, c.steps, reduction);
}

/// The differential equation solver of Paulin and Knight: six multiplications, two additions, two
/// subtractions and a comparison, each of one step, in four steps.
gaus::GraphDescription differential_equation() {
  gaus::GraphDescription graph;
  for (char const* const name : {"multiplier", "adder", "subtracter", "comparator"})
    graph.add_resource(name);
  for (int const r : {0, 0, 0, 2, 2, 0, 0, 0, 1, 1, 3})
    graph.add_demand(graph.add_operation({}), r);
  for (auto [from, to] : {std::pair{0, 2}, {1, 2}, {2, 3}, {3, 4}, {5, 6}, {6, 4}, {7, 8}, {9, 10}})
    graph.add_dependence(from, to);
  return graph;
}

using Scheduler = gaus::detail::ForceDirected<gaus::HostGraph>;

Scheduler scheduler(Case const& c) { return {c.host, c.system, c.bounds, c.steps}; }

/// With rounds as short as on large graphs.
std::vector<int> few(Case const& c) {
  return Scheduler(c.host, c.system, c.bounds, c.steps, 0).run(WindowReduction::at_once, [] {
    return true;
  });
}

/// Units in use when every operation starts anywhere in its window with equal probability.
std::vector<std::vector<double>> distribution(Case const& c, gaus::StepBounds const& w) {
  std::vector<std::vector<double>> q(c.graph.resources.size(),
                                     std::vector<double>(at(c.steps), 0.0));
  for (auto const& d : c.graph.demands) {
    int const a = w.earliest[at(d.operation)];
    int const b = w.latest[at(d.operation)];
    for (int s = a; s <= b; ++s)
      for (int t = s; t < s + c.graph.operations[at(d.operation)].occupancy; ++t)
        q[at(d.resource)][at(t)] += d.units / (b - a + 1);
  }
  return q;
}

/// Force on an operation whose window [a, b] of starts becomes [from, to], by the definition.
double plain_force(Case const& c, std::vector<std::vector<double>> const& q, int i, int a, int b,
                   int from, int to) {
  double force = 0;
  for (auto const& d : c.graph.demands) {
    if (d.operation != i) continue;
    for (int s = a; s <= b; ++s) {
      double const change =
          (s >= from && s <= to ? 1.0 / (to - from + 1) : 0.0) - 1.0 / (b - a + 1);
      for (int t = s; t < s + c.graph.operations[at(i)].occupancy; ++t)
        force += change * d.units * q[at(d.resource)][at(t)];
    }
  }
  return force;
}

/// The force of keeping [from, to], with what the direct neighbours feel.
double plain_force(Case const& c, gaus::StepBounds const& w, int i, int from, int to) {
  auto const q = distribution(c, w);
  double force = plain_force(c, q, i, w.earliest[at(i)], w.latest[at(i)], from, to);
  auto const feel = [&](int source, int target, int delta) {
    int const j = source == i ? target : source;
    int const a = w.earliest[at(j)];
    int const b = w.latest[at(j)];
    if (source == i) force += plain_force(c, q, j, a, b, std::max(a, from + delta), b);
    if (target == i) force += plain_force(c, q, j, a, b, a, std::min(b, to - delta));
  };
  for (auto const& d : c.graph.dependences)
    if (d.distance == 0 && (d.from == i || d.to == i))
      feel(d.from, d.to, c.graph.operations[at(d.from)].latency + d.delay);
  for (auto const& d : c.extra)
    if (d.from == i || d.to == i) feel(d.from, d.to, d.delta);
  return force;
}

}  // namespace

// Distribution of the multiplications: 2.833, 2.333, 0.833, 0; of the additions 1, 2, 2, 1 thirds.
TEST_CASE("force-directed: forces of the differential equation solver") {
  auto const c = make_case(differential_equation(), 0);
  REQUIRE(c.steps == 4);
  auto all = scheduler(c);
  auto const check = [&](int i, std::vector<double> const& expected) {
    int const first = all.windows().earliest[at(i)];
    REQUIRE(all.windows().latest[at(i)] - first + 1 == static_cast<int>(expected.size()));
    for (int t = 0; t < static_cast<int>(expected.size()); ++t)
      CHECK(all.force(i, first + t, first + t) == doctest::Approx(expected[at(t)]).epsilon(1e-9));
  };
  check(0, {0.0});
  check(5, {0.25, -0.25 - 0.75});  // the second step pushes operation 6 to its last one
  check(6, {0.75 + 0.25, -0.75});  // the first step pulls operation 5 to its first one
  // Without its first step: half of 2.333 + 0.833, where the mean was 2; the addition loses one.
  CHECK(all.force(7, 1, 2) == doctest::Approx(19.0 / 12 - 2 + 0.5 - 5.0 / 9));
  CHECK(all.force(7, 0, 2) == 0);
  check(7, {5.0 / 6, 1.0 / 3 - 1.0 / 18, -7.0 / 6 - 2.0 / 9});
  all.keep(7, 2, 2);  // the least of all: the addition behind it has one step left
  CHECK(all.windows().earliest[8] == 3);
  check(8, {0.0});
}

// The published result: two multipliers and one of each other unit.
TEST_CASE("force-directed: the differential equation solver") {
  auto const c = make_case(differential_equation(), 0);
  for (auto const reduction : gaus::window_reductions) {
    auto const start = force_directed(c, reduction);
    REQUIRE(legal(c, start));
    CHECK(plain_costs(c, start).usage_of == std::vector<double>{2, 1, 1, 1});
  }
  CHECK(plain_costs(c, c.bounds.earliest).usage_of == std::vector<double>{4, 1, 1, 1});
}

// Forces of the first round -2, 4, -2: of equal steps the earlier one.
TEST_CASE("force-directed: occupancies do not overlap when there is room") {
  gaus::GraphDescription graph;
  int const unit = graph.add_resource("A");
  for (int i = 0; i < 2; ++i) {
    graph.add_operation({.latency = 1, .occupancy = 2});
    graph.add_demand(i, unit, 3);
  }
  auto const c = make_case(graph, 2);
  REQUIRE(c.steps == 4);
  auto const first = scheduler(c);
  CHECK(first.force(1, 0, 0) == doctest::Approx(-2));
  CHECK(first.force(1, 1, 1) == doctest::Approx(4));
  CHECK(first.force(1, 2, 2) == doctest::Approx(-2));
  CHECK(force_directed(c) == std::vector<int>{0, 2});
  // Gradually: both ends are as good, so operation 0 keeps the early one.
  CHECK(force_directed(c, WindowReduction::gradual) == std::vector<int>{0, 2});
}

TEST_CASE("force-directed: forces and windows by their definition, round after round") {
  for (unsigned seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    auto const c =
        random_case(3 + static_cast<int>(seed), static_cast<int>(seed % 7), seed, seed % 2 == 0);
    auto all = scheduler(c);
    auto expected = c.bounds;
    Random random(seed);
    for (int round = 0; round < 4; ++round) {
      for (int i = 0; i < c.operations(); ++i) {
        CAPTURE(i);
        int const a = expected.earliest[at(i)];
        int const b = expected.latest[at(i)];
        for (int from = a; from <= b; ++from)
          for (int to = from; to <= b; to += 1 + (b - a) / 4)
            CHECK(all.force(i, from, to) ==
                  doctest::Approx(plain_force(c, expected, i, from, to)).epsilon(1e-9).scale(10));
      }
      int const i = random.below(c.operations());
      int const low = expected.earliest[at(i)];
      int const from = low + random.below(expected.latest[at(i)] - low + 1);
      int const to = from + random.below(expected.latest[at(i)] - from + 1);
      all.keep(i, from, to);
      expected.earliest[at(i)] = from;
      expected.latest[at(i)] = to;
      REQUIRE(gaus::raise(c.system, expected.earliest));
      REQUIRE(gaus::lower(c.system, expected.latest));
      CHECK(all.windows().earliest == expected.earliest);
      CHECK(all.windows().latest == expected.latest);
    }
  }
}

TEST_CASE("force-directed: legal on any graph, wherever it is stopped") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(3 + static_cast<int>(seed % 40), static_cast<int>(seed % 9), seed,
                               seed % 2 == 0);
    CHECK(legal(c, few(c)));
    for (auto const reduction : gaus::window_reductions) {
      CHECK(legal(c, force_directed(c, reduction)));
      for (int calls = 0; calls < 3 * c.operations(); calls += 1 + calls / 2) {
        int left = calls;
        auto const go_on = [&] { return left-- > 0; };
        CHECK(legal(c, gaus::force_directed_schedule(c.host, c.system, c.bounds, c.steps, go_on,
                                                     reduction)));
      }
    }
  }
}

TEST_CASE(
    "force-directed: levels layered graphs, at once and gradually, and somewhat when stopped") {
  double asap = 0;
  double complete = 0;
  double short_rounds = 0;
  double gradual = 0;
  double stopped = 0;
  for (unsigned seed = 1; seed <= 12; ++seed) {
    gaus::LayeredWorkload settings;
    settings.operations = 150;
    settings.layers = 10;
    settings.max_units = 3;
    settings.seed = seed;
    auto const c = make_case(gaus::layered_workload(settings), 4 + static_cast<int>(seed % 4) * 8);
    auto const usage = [&](std::vector<int> const& start) {
      CHECK(legal(c, start));
      return plain_costs(c, start).usage;
    };
    asap += usage(c.bounds.earliest);
    complete += usage(force_directed(c));
    short_rounds += usage(few(c));
    gradual += usage(force_directed(c, WindowReduction::gradual));
    stopped += usage(
        gaus::force_directed_schedule(c.host, c.system, c.bounds, c.steps, [] { return false; }));
  }
  CHECK(complete < 0.7 * asap);
  CHECK(short_rounds < 0.7 * asap);
  CHECK(gradual < 0.7 * asap);
  CHECK(stopped < asap);
}

TEST_CASE("force-directed: nothing to level") {
  CHECK(force_directed(make_case({}, 0)).empty());
  gaus::GraphDescription no_units;
  for (int i = 0; i < 3; ++i) no_units.add_operation({.latency = i, .occupancy = 0});
  no_units.add_dependence(0, 2);
  auto const c = make_case(no_units, 4);
  CHECK(legal(c, force_directed(c)));
  auto const tight = make_case(gaus::chain(5), 0);
  CHECK(force_directed(tight) == std::vector<int>{0, 1, 2, 3, 4});
}
