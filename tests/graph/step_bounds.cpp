// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/step_bounds.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <support/problems.hpp>
#include <limits>
#include <string>

namespace {

using gaus_test::at;
using gaus_test::Random;
using Vector = std::vector<int>;
constexpr long long nowhere = -1000000000000;

/// 0 -> 1 -> 3, 0 -> 2 -> 3 with latencies 2, 3, 1, 1; operation 2 keeps its unit for 5 steps.
gaus::GraphDescription diamond() {
  gaus::GraphDescription g;
  g.add_operation({.latency = 2});
  g.add_operation({.latency = 3});
  g.add_operation({.latency = 1, .occupancy = 5});
  g.add_operation({.latency = 1});
  g.add_dependence(0, 1);
  g.add_dependence(0, 2);
  g.add_dependence(1, 3);
  g.add_dependence(2, 3);
  return g;
}

gaus::DifferenceSystem system_of(gaus::GraphDescription const& g, int interval = 0,
                                 std::vector<gaus::DifferenceBound> const& extra = {}) {
  return gaus::make_difference_system(gaus::build_graph(g), interval, extra);
}

/// The reason with which a call gives up.
template <class Call>
gaus::InfeasibleReason reason_of(Call const& call, std::string* text = nullptr) {
  try {
    call();
  } catch (gaus::Infeasible const& e) {
    if (text) *text = e.what();
    return e.reason();
  }
  FAIL("feasible");
  return {};
}

/// All constraints of a description, as the definition reads.
std::vector<gaus::DifferenceBound> constraints_of(gaus::GraphDescription const& g, int interval) {
  std::vector<gaus::DifferenceBound> all;
  for (auto const& d : g.dependences)
    if (d.distance == 0 || interval > 0)
      all.push_back(
          {d.from, d.to, g.operations[at(d.from)].latency + d.delay - d.distance * interval});
  return all;
}

/// Longest paths between all pairs (Floyd and Warshall); the diagonal is > 0 on a positive cycle.
std::vector<std::vector<long long>> longest_paths(int n,
                                                  std::vector<gaus::DifferenceBound> const& all) {
  std::vector<std::vector<long long>> far(at(n), std::vector<long long>(at(n), nowhere));
  for (int i = 0; i < n; ++i) far[at(i)][at(i)] = 0;
  for (auto const& b : all)
    far[at(b.from)][at(b.to)] = std::max<long long>(far[at(b.from)][at(b.to)], b.delta);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        if (far[at(i)][at(k)] > nowhere && far[at(k)][at(j)] > nowhere)
          far[at(i)][at(j)] = std::max(far[at(i)][at(j)], far[at(i)][at(k)] + far[at(k)][at(j)]);
  return far;
}

/// A random graph of few operations, in random order, with delays of both signs and back-edges.
gaus::GraphDescription random_graph(Random& random, int back_edges) {
  int const n = 2 + random.below(9);
  Vector place(at(n));  // a random topological order
  for (int i = 0; i < n; ++i) {
    int const k = random.below(i + 1);
    place[at(i)] = place[at(k)];
    place[at(k)] = i;
  }
  gaus::GraphDescription g;
  for (int i = 0; i < n; ++i)
    g.add_operation({.latency = random.below(5), .occupancy = random.below(4)});
  for (int i = 0; i < n; ++i)
    for (int j = i + 1; j < n; ++j)
      if (random.below(3) == 0)
        g.add_dependence({.from = place[at(i)],
                          .to = place[at(j)],
                          .delay = random.below(3) == 0 ? random.below(9) - 5 : 0});
  for (int k = 0; k < back_edges; ++k)
    g.add_dependence({.from = random.below(n),
                      .to = random.below(n),
                      .distance = 1 + random.below(2),
                      .delay = -k});  // no two alike
  return g;
}

TEST_CASE("step bounds: worked by hand") {
  auto const system = system_of(diamond());
  CHECK(system.acyclic);
  auto const earliest = gaus::earliest_steps(system);
  CHECK(earliest == Vector{0, 2, 2, 5});
  // Operation 2 is busy until 7, longer than the path 2 + 3 + 1.
  CHECK(gaus::critical_path(system, earliest) == 7);
  auto const tight = gaus::step_bounds(system, 7);
  CHECK(tight.earliest == Vector{0, 2, 2, 5});
  CHECK(tight.latest == Vector{0, 3, 2, 6});
  CHECK(gaus::step_bounds(system, 10).latest == Vector{3, 6, 5, 9});
  // A deadline on operation 1 moves those before it.
  CHECK(gaus::step_bounds(system, 10, {9, 3, 9, 9}).latest == Vector{1, 3, 5, 9});
  // A minimum distance, 2 at least 6 after 0, and a maximum one, 3 at most 7 after 0.
  auto const bounds = gaus::step_bounds(system_of(diamond(), 0, {{0, 2, 6}, {3, 0, -7}}), 12);
  CHECK(bounds.earliest == Vector{0, 2, 6, 7});
  CHECK(bounds.latest == Vector{1, 5, 7, 8});
}

TEST_CASE("step bounds: delays of both signs") {
  gaus::GraphDescription g = diamond();
  g.dependences[0].delay = 4;   // 0 -> 1
  g.dependences[3].delay = -3;  // 2 -> 3: may start 2 steps before operation 2
  auto const bounds = gaus::step_bounds(system_of(g), 12);
  CHECK(bounds.earliest == Vector{0, 6, 2, 9});
  CHECK(bounds.latest == Vector{2, 8, 7, 11});
  g.dependences.erase(g.dependences.begin() + 2);  // without 1 -> 3
  CHECK(gaus::step_bounds(system_of(g), 12).earliest == Vector{0, 6, 2, 0});
}

TEST_CASE("step bounds: recurrences") {
  gaus::GraphDescription g = diamond();
  g.add_dependence({.from = 3, .to = 0, .distance = 1});
  // Nothing binds in a plain schedule; 2 + 3 + 1 = 6 steps fit into an interval of 6.
  CHECK(system_of(g).acyclic);
  auto const system = system_of(g, 6);
  CHECK_FALSE(system.acyclic);
  auto const bounds = gaus::step_bounds(system, 9);
  CHECK(bounds.earliest == Vector{0, 2, 2, 5});
  CHECK(bounds.latest == Vector{2, 4, 4, 7});
  auto const reason = reason_of([&] { gaus::step_bounds(system_of(g, 5), 9); });
  CHECK(reason.kind == gaus::InfeasibleReason::Kind::cycle);
  CHECK(reason.required == 1);
  CHECK(reason.operations.size() == 3);
  // An operation that waits for itself: latency 3, interval 3 and 2.
  gaus::GraphDescription self;
  self.add_operation({.latency = 3});
  self.add_dependence({.from = 0, .to = 0, .distance = 1});
  CHECK(gaus::earliest_steps(system_of(self, 3)) == Vector{0});
  CHECK(reason_of([&] { gaus::earliest_steps(system_of(self, 2)); }).operations == Vector{0});
}

TEST_CASE("step bounds: time lags that lead back") {
  gaus::GraphDescription g = diamond();
  g.add_dependence({.from = 3, .to = 0, .delay = -6});  // latency 1: 3 at most 5 after 0
  g.add_dependence({.from = 2, .to = 1, .delay = -g.operations[2].latency});  // 1 from 2 on
  g.add_dependence({.from = 1, .to = 2, .delay = -g.operations[1].latency});  // and 2 from 1 on
  auto const system = system_of(g);
  CHECK_FALSE(system.acyclic);
  auto const bounds = gaus::step_bounds(system, 10);
  CHECK(bounds.earliest == Vector{0, 2, 2, 5});
  CHECK(bounds.latest == Vector{3, 5, 5, 8});
  g.dependences[4].delay = -5;  // at most 4, but the path takes 5
  auto const reason = reason_of([&] { gaus::step_bounds(system_of(g), 10); });
  CHECK(reason.kind == gaus::InfeasibleReason::Kind::cycle);
  CHECK(reason.required == 1);
}

TEST_CASE("step bounds: empty graph, bad constraint") {
  auto const system = system_of({});
  CHECK(gaus::step_bounds(system, 0).earliest.empty());
  CHECK(gaus::critical_path(system, {}) == 0);
  CHECK_THROWS_WITH_AS(system_of(diamond(), 0, {{0, 4, 1}}),
                       "difference constraint 0 -> 4: the graph has operations 0..3",
                       gaus::InvalidInput);
}

TEST_CASE("step bounds: more steps than can be counted") {
  constexpr int most = std::numeric_limits<int>::max();
  auto const text = "the longest path leads beyond step 536870911";
  std::vector<gaus::DifferenceBound> const all[] = {
      {{0, 1, most}}, {{0, 1, 536870912}}, {{0, 1, most}, {1, 3, most}}};
  for (auto const& extra : all)
    CHECK_THROWS_WITH_AS(gaus::earliest_steps(system_of(diamond(), 0, extra)), text,
                         gaus::InvalidInput);
  // Cycles that are not positive, with a path beyond all integers through it.
  CHECK_THROWS_WITH_AS(
      gaus::earliest_steps(
          system_of(diamond(), 0, {{0, 1, most}, {1, 0, -most}, {1, 3, most}, {3, 1, -most}})),
      text, gaus::InvalidInput);
  // What binds nothing, however far away it is.
  CHECK(gaus::earliest_steps(system_of(diamond(), 0, {{0, 1, -most}})) ==
        gaus::earliest_steps(system_of(diamond())));
}

TEST_CASE("step bounds: too few steps name the longest path") {
  std::string text;
  auto const reason = reason_of([&] { gaus::step_bounds(system_of(gaus::chain(20)), 17); }, &text);
  CHECK(reason.kind == gaus::InfeasibleReason::Kind::window);
  CHECK(reason.required == 20);
  CHECK(reason.available == 17);
  CHECK(reason.operations.size() == 20);
  CHECK(text.find("needs 20 steps, 17 are available; its 20 operations: 0 -> 1") !=
        std::string::npos);
  CHECK(text.find("... -> 14 -> 15") != std::string::npos);
}

// Where an interval equals the bound of a recurrence, its cycle is tight all around: the walk back
// along the longest path must leave it again.
TEST_CASE("step bounds: a path through a tight cycle") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 1});  // 0, behind 1 and before it
  g.add_operation({.latency = 2});  // 1
  g.add_operation({.latency = 5});  // 2, the begin of the longest path
  g.add_dependence(2, 1);
  g.add_dependence(1, 0);
  g.add_dependence({.from = 0, .to = 1, .distance = 1});
  auto const system = system_of(g, 3);
  CHECK(gaus::earliest_steps(system) == Vector{7, 5, 0});
  auto const reason = reason_of([&] { gaus::step_bounds(system, 7); });
  CHECK(reason.required == 8);
  CHECK(reason.operations == Vector{2, 1, 0});
  // ... and seen from operation 1, whose first tight predecessor is 0.
  auto const from_one = reason_of([&] { gaus::step_bounds(system, 20, {20, 4, 20}); });
  CHECK(from_one.operations == Vector{2, 1});
}

// Deltas near the largest that the builder lets pass: passes over a positive cycle must not
// overflow.
TEST_CASE("step bounds: positive cycles of long operations") {
  gaus::GraphDescription g;
  for (int i = 0; i < 40; ++i) {
    g.add_operation({.latency = i < 2 ? 1 << 27 : 1});
    if (i > 2) g.add_dependence(i, i - 1);  // many passes in a numbering against the order
  }
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 1});
  auto const reason = reason_of([&] { gaus::earliest_steps(system_of(g, 4)); });
  CHECK(reason.kind == gaus::InfeasibleReason::Kind::cycle);
  CHECK(reason.required == (1 << 28) - 4);
  CHECK(reason.operations.size() == 2);
}

TEST_CASE("step bounds: random graphs against longest paths between all pairs") {
  Random random(17);
  int cycles = 0;
  int windows = 0;
  for (int round = 0; round < 600; ++round) {
    CAPTURE(round);
    int const interval = round % 3 == 0 ? 0 : 1 + random.below(12);
    auto const g = random_graph(random, interval > 0 ? random.below(4) : 0);
    int const n = static_cast<int>(g.operations.size());
    auto const all = constraints_of(g, interval);
    auto const far = longest_paths(n, all);
    auto const system = system_of(g, interval);
    bool positive = false;
    for (int i = 0; i < n; ++i) positive = positive || far[at(i)][at(i)] > 0;
    if (positive) {
      ++cycles;
      auto const reason = reason_of([&] { gaus::earliest_steps(system); });
      REQUIRE(reason.kind == gaus::InfeasibleReason::Kind::cycle);
      // Its constraints exist and add up to the excess; of parallel ones the longest counts.
      long long excess = 0;
      auto const& cycle = reason.operations;
      REQUIRE(!cycle.empty());
      for (std::size_t k = 0; k < cycle.size(); ++k) {
        long long delta = nowhere;
        for (auto const& b : all)
          if (b.from == cycle[k] && b.to == cycle[(k + 1) % cycle.size()])
            delta = std::max<long long>(delta, b.delta);
        REQUIRE(delta > nowhere);
        excess += delta;
      }
      CHECK(excess == reason.required);
      CHECK(reason.required > 0);
      continue;
    }
    Vector earliest(at(n));
    int critical = 0;
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i)
        earliest[at(j)] = static_cast<int>(std::max<long long>(earliest[at(j)], far[at(i)][at(j)]));
      critical = std::max(critical, earliest[at(j)] + std::max(g.operations[at(j)].latency,
                                                               g.operations[at(j)].occupancy));
    }
    CHECK(gaus::earliest_steps(system) == earliest);
    CHECK(gaus::critical_path(system, earliest) == critical);

    int const steps = critical + random.below(6);
    auto const own = [&](int i) {
      return steps - std::max(g.operations[at(i)].latency, g.operations[at(i)].occupancy);
    };
    auto const bounds = gaus::step_bounds(system, steps);
    CHECK(bounds.earliest == earliest);
    for (int i = 0; i < n; ++i) {
      long long latest = own(i);
      for (int j = 0; j < n; ++j)
        if (far[at(i)][at(j)] > nowhere) latest = std::min(latest, own(j) - far[at(i)][at(j)]);
      CHECK(bounds.latest[at(i)] == latest);
    }

    if (critical == 0) continue;
    ++windows;
    auto const reason = reason_of([&] { gaus::step_bounds(system, critical - 1); });
    REQUIRE(reason.kind == gaus::InfeasibleReason::Kind::window);
    CHECK(reason.required == critical);
    CHECK(reason.available == critical - 1);
    // The operations form a path of constraints whose lengths add up to what it needs.
    auto const& path = reason.operations;
    REQUIRE(!path.empty());
    long long needs =
        std::max(g.operations[at(path.back())].latency, g.operations[at(path.back())].occupancy);
    for (std::size_t k = 0; k + 1 < path.size(); ++k) {
      long long delta = nowhere;
      for (auto const& b : all)
        if (b.from == path[k] && b.to == path[k + 1]) delta = std::max<long long>(delta, b.delta);
      REQUIRE(delta > nowhere);
      needs += delta;
    }
    CHECK(needs == reason.required);
  }
  CHECK(cycles > 20);
  CHECK(windows > 200);
}

TEST_CASE("raise and lower: the least and the greatest legal schedule") {
  Random random(23);
  int tried = 0;
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    int const interval = round % 2 == 0 ? 0 : 4 + random.below(12);
    auto const g = random_graph(random, interval > 0 ? random.below(4) : 0);
    int const n = static_cast<int>(g.operations.size());
    auto const all = constraints_of(g, interval);
    auto const far = longest_paths(n, all);
    auto const system = system_of(g, interval);
    bool positive = false;
    for (int i = 0; i < n; ++i) positive = positive || far[at(i)][at(i)] > 0;
    Vector start(at(n), 3);
    CHECK(gaus::raise(system, start) == !positive);
    start.assign(at(n), 3);
    CHECK(gaus::lower(system, start) == !positive);
    if (positive) continue;
    ++tried;
    int const steps = gaus::critical_path(system, gaus::earliest_steps(system)) + 4;
    auto const bounds = gaus::step_bounds(system, steps);
    for (int i = 0; i < n; ++i)
      start[at(i)] =
          bounds.earliest[at(i)] + random.below(bounds.latest[at(i)] - bounds.earliest[at(i)] + 1);
    Vector up = start;
    Vector down = start;
    CHECK(gaus::raise(system, up));
    CHECK(gaus::lower(system, down));
    for (int j = 0; j < n; ++j) {
      // Exactly as late as the longest path from any start demands, and no more.
      long long least = start[at(j)];
      long long most = start[at(j)];
      for (int i = 0; i < n; ++i) {
        if (far[at(i)][at(j)] > nowhere) least = std::max(least, start[at(i)] + far[at(i)][at(j)]);
        if (far[at(j)][at(i)] > nowhere) most = std::min(most, start[at(i)] - far[at(j)][at(i)]);
      }
      CHECK(up[at(j)] == least);
      CHECK(down[at(j)] == most);
      CHECK(up[at(j)] <= bounds.latest[at(j)]);
      CHECK(down[at(j)] >= bounds.earliest[at(j)]);
    }
    for (auto const& b : all) {
      CHECK(up[at(b.to)] - up[at(b.from)] >= b.delta);
      CHECK(down[at(b.to)] - down[at(b.from)] >= b.delta);
    }
    Vector again = up;
    CHECK(gaus::raise(system, again));
    CHECK(again == up);
  }
  CHECK(tried > 200);
}

}  // namespace

TEST_CASE("step bounds: distances far beyond any schedule bind nothing") {
  gaus::GraphDescription g;
  for (int i = 0; i < 2; ++i) g.add_operation({.latency = 5000});
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 0, .distance = 500000});
  auto const graph = gaus::build_graph(g);
  auto const system = gaus::make_difference_system(graph, 5000);
  CHECK(gaus::step_bounds(system, 10000).earliest == std::vector<int>{0, 5000});
  CHECK_THROWS_AS(gaus::make_problem(graph, 10000, 5000), gaus::InvalidInput);
}
