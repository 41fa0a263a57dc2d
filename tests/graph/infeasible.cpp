// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/infeasible.hpp>

#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/random.hpp>
#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus::InfeasibleReason;
using gaus_test::at;
using gaus_test::Random;
using Kind = InfeasibleReason::Kind;
using Vector = std::vector<int>;
using Lengths = std::vector<long long>;
using Limits = std::vector<std::optional<double>>;

/// The error that a call ends with, told in the names of a description.
template <class Call>
gaus::Infeasible error_of(gaus::GraphDescription const& g, Call const& call) {
  try {
    call();
  } catch (gaus::Infeasible const& e) {
    CHECK(gaus::reason_text(e.reason()) == e.what());
    return gaus::with_names(e, g);
  }
  FAIL("feasible");
  return {"", {}};
}

void bounds_of(gaus::GraphDescription const& g, int steps, int interval = 0,
               Vector const& deadline = {}, std::vector<gaus::DifferenceBound> const& extra = {}) {
  gaus::step_bounds(gaus::make_difference_system(gaus::build_graph(g), interval, extra), steps,
                    deadline);
}

/// load -> mul -> add, with latencies 2, 3, 1.
gaus::GraphDescription accumulate() {
  gaus::GraphDescription g;
  g.add_operation({.latency = 2}, "load");
  g.add_operation({.latency = 3}, "mul");
  g.add_operation({.latency = 1}, "add");
  g.add_dependence(0, 1);
  g.add_dependence(1, 2);
  return g;
}

/// The fewest constraints of a cycle of positive length: longest walks of exactly k of them.
std::size_t fewest_of_positive_cycle(int n, std::vector<gaus::DifferenceBound> const& all) {
  constexpr long long never = -1000000000000;
  std::vector<Lengths> far(at(n), Lengths(at(n), never));
  for (int i = 0; i < n; ++i) far[at(i)][at(i)] = 0;
  for (std::size_t k = 1; k <= at(n); ++k) {
    std::vector<Lengths> next(at(n), Lengths(at(n), never));
    for (auto const& b : all)
      for (int i = 0; i < n; ++i)
        if (far[at(i)][at(b.from)] > never)
          next[at(i)][at(b.to)] = std::max(next[at(i)][at(b.to)], far[at(i)][at(b.from)] + b.delta);
    far = next;
    for (int i = 0; i < n; ++i)
      if (far[at(i)][at(i)] > 0) return k;
  }
  return 0;
}

/// Whether the constraints hold a distance of at least length from one operation to another.
bool holds(std::vector<gaus::DifferenceBound> const& all, int from, int to, long long length) {
  return std::any_of(all.begin(), all.end(), [&](auto const& b) {
    return b.from == from && b.to == to && b.delta == length;
  });
}

struct RandomInput {
  gaus::GraphDescription graph;
  std::vector<gaus::DifferenceBound> all;
};

/// Forward dependences and time lags that lead back, at an interval.
RandomInput random_input(Random& random, int interval) {
  RandomInput r;
  int const n = 2 + random.below(9);
  for (int i = 0; i < n; ++i) r.graph.add_operation({.latency = random.below(4)});
  for (int i = 0; i < n; ++i)
    for (int j = i + 1; j < n; ++j)
      if (random.below(3) == 0) r.graph.add_dependence({.from = i, .to = j});
  for (int k = random.below(6); k > 0; --k)
    r.graph.add_dependence({.from = random.below(n),
                            .to = random.below(n),
                            .distance = 1 + random.below(2),
                            .delay = -k});
  for (auto const& d : r.graph.dependences)
    r.all.push_back(
        {d.from, d.to, r.graph.operations[at(d.from)].latency + d.delay - d.distance * interval});
  return r;
}

}  // namespace

TEST_CASE("infeasible: the path of the fewest operations among the longest") {
  auto g = accumulate();
  auto const steps = error_of(g, [&] { bounds_of(g, 5); });
  CHECK(steps.what() ==
        std::string("no schedule of 5 steps exists: the longest path needs 6 steps for its 3 "
                    "operations 0 (load) +2 -> 1 (mul) +3 -> 2 (add) +1"));
  CHECK(steps.reason().operations == Vector{0, 1, 2});
  CHECK(steps.reason().lengths == Lengths{2, 3, 1});
  // An operation as long as load and mul together.
  g.add_operation({.latency = 5}, "divide");
  g.add_dependence(3, 2);
  CHECK(error_of(g, [&] { bounds_of(g, 5); }).what() ==
        std::string("no schedule of 5 steps exists: the longest path needs 6 steps for its 2 "
                    "operations 3 (divide) +5 -> 2 (add) +1"));
  // One that is as late as they are, all by itself.
  g.add_operation({.latency = 6}, "root");
  CHECK(error_of(g, [&] { bounds_of(g, 5); }).what() ==
        std::string("no schedule of 5 steps exists: the longest path needs 6 steps for its 1 "
                    "operation 4 (root) +6"));
}

TEST_CASE("infeasible: deadlines and distances") {
  auto const g = accumulate();
  // mul has to start by step 1, which load does not let it.
  auto const deadline = error_of(g, [&] { bounds_of(g, 9, 0, {9, 1, 9}); });
  CHECK(deadline.what() ==
        std::string("no schedule exists: operation 1 (mul) must finish by step 4, the longest path "
                    "to it needs 5 steps for its 2 operations 0 (load) +2 -> 1 (mul) +3"));
  CHECK(deadline.reason().deadline);
  CHECK(deadline.reason().required == 5);
  CHECK(deadline.reason().available == 4);
  // A minimum distance is part of the path, a maximum one closes a cycle.
  CHECK(error_of(g,
                 [&] {
                   bounds_of(g, 9, 0, {}, {{0, 2, 9}});
                 })
            .what() ==
        std::string("no schedule of 9 steps exists: the longest path needs 10 steps for its 2 "
                    "operations 0 (load) +9 -> 2 (add) +1"));
  auto const most = error_of(g, [&] { bounds_of(g, 9, 0, {}, {{2, 0, -4}}); });
  CHECK(
      most.what() ==
      std::string(
          "no schedule exists: the cycle of operations 0 (load) +2 -> 1 (mul) +3 "
          "-> 2 (add) -4 -> 0 (load) asks each of its 3 operations to start 1 step after itself"));
  CHECK(most.reason().lengths == Lengths{2, 3, -4});
  CHECK(most.reason().required == 1);
  // A shorter cycle beside it.
  CHECK(error_of(g,
                 [&] {
                   bounds_of(g, 9, 0, {}, {{2, 0, -4}, {1, 0, 0}});
                 })
            .reason()
            .operations.size() == 2);
}

TEST_CASE("infeasible: long reasons are cut in words and whole as data") {
  auto const g = gaus::chain(45);
  auto const error = error_of(g, [&] { bounds_of(g, 44); });
  CHECK(error.reason().operations.size() == 45);
  CHECK(error.what() ==
        std::string("no schedule of 44 steps exists: the longest path needs 45 steps for its 45 "
                    "operations 0 +1 -> 1 +1 -> 2 +1 -> 3 +1 -> ... 37 more ... -> 41 +1 -> 42 +1 "
                    "-> 43 +1 -> 44 +1"));
}

TEST_CASE("infeasible: an interval below MII") {
  auto g = accumulate();
  int const dsp = g.add_resource("DSP", 1);
  g.operations[1].occupancy = 2;
  g.add_demand(0, dsp);
  g.add_demand(1, dsp);
  g.add_dependence({.from = 2, .to = 0, .distance = 2});  // 6 steps over two iterations
  auto const graph = gaus::build_graph(g);
  auto const at_interval = [&](int interval) {
    return error_of(g, [&] {
      gaus::check_interval(graph, gaus::initiation_interval(graph, g.limits()), interval);
    });
  };
  CHECK(at_interval(2).what() ==
        std::string("no schedule of initiation interval 2 exists (RecMII 3): the cycle 0 (load) -> "
                    "1 (mul) -> 2 (add) -> 0 (load) of 3 operations takes 6 steps over distance 2, "
                    "which spans 4"));
  CHECK(at_interval(2).reason().lengths == Lengths{2, 3, -3});
  // One operation that waits for itself is shorter, wherever it is too slow.
  g.add_dependence({.from = 1, .to = 1, .distance = 1});
  auto const wider = gaus::build_graph(g);
  auto const own = error_of(
      g, [&] { gaus::check_interval(wider, gaus::initiation_interval(wider, g.limits()), 2); });
  CHECK(own.reason().operations == Vector{1});
  CHECK(own.reason().distance == 1);
  g.dependences.resize(2);
  auto const bare = gaus::build_graph(g);
  auto const units = error_of(
      g, [&] { gaus::check_interval(bare, gaus::initiation_interval(bare, g.limits()), 2); });
  CHECK(
      units.what() ==
      std::string("no schedule of initiation interval 2 exists (ResMII 3): 2 operations 0 (load), "
                  "1 (mul) take resource DSP for 3 units x steps an iteration, an interval has 2"));
  CHECK(units.reason().operations == Vector{0, 1});
  gaus::check_interval(bare, gaus::initiation_interval(bare, g.limits()), 3);
}

TEST_CASE("infeasible: the shortest interval that is overloaded") {
  gaus::GraphDescription g;
  int const alu = g.add_resource("ALU", 2);
  for (char const* const name : {"a", "b", "c", "d", "e"}) {
    int const i = g.add_operation({}, name);
    if (i < 4) g.add_demand(i, alu);
  }
  for (int i = 0; i < 3; ++i) g.add_dependence(i, 4);
  auto const graph = gaus::build_graph(g);
  auto const bounds = [&](int steps) {
    return gaus::step_bounds(gaus::make_difference_system(graph), steps);
  };
  auto const reason = gaus::overloaded_interval(graph, bounds(2), 2, g.limits());
  REQUIRE(reason);
  CHECK(reason->operations == Vector{0, 1, 2});
  CHECK(reason->first == 0);
  CHECK(reason->last == 1);
  CHECK(gaus::reason_text(*reason, &g) ==
        "no schedule of 2 steps exists: 3 operations 0 (a), 1 (b), 2 (c) must lie within steps "
        "0..0 and take resource ALU for 3 units x steps, these have 2");
  CHECK_FALSE(gaus::overloaded_interval(graph, bounds(3), 3, g.limits()));
  CHECK_FALSE(gaus::overloaded_interval(graph, bounds(2), 2, Limits{std::nullopt}));
  CHECK_FALSE(gaus::overloaded_interval(graph, bounds(2), 2, Limits{3}));
  auto const alone = gaus::overloaded_interval(graph, bounds(2), 2, Limits{0.5});
  REQUIRE(alone);
  CHECK(alone->last - alone->first == 1);
  CHECK(error_of(g, [&] { gaus::resource_interval(graph, Limits{0.5}); }).what() ==
        std::string("no schedule exists: operation 0 (a) takes 1 unit of resource ALU, which has "
                    "0.500000"));
}

TEST_CASE("infeasible: random cycles prove themselves, and none is shorter") {
  Random random(5);
  int cycles = 0;
  int shorter = 0;
  for (int round = 0; round < 1000; ++round) {
    CAPTURE(round);
    int const interval = 1 + random.below(2);
    auto const input = random_input(random, interval);
    int const n = static_cast<int>(input.graph.operations.size());
    auto const system = gaus::make_difference_system(gaus::build_graph(input.graph), interval);
    auto const fewest = fewest_of_positive_cycle(n, input.all);
    Vector start(at(n), 0);
    CHECK(gaus::raise(system, start) == (fewest == 0));
    if (fewest == 0) continue;
    ++cycles;
    shorter += gaus::detail::positive_cycle(system).size() > fewest ? 1 : 0;
    auto const reason = error_of(input.graph, [&] { gaus::earliest_steps(system); }).reason();
    CHECK(reason.kind == Kind::cycle);
    CHECK(reason.operations.size() == fewest);
    REQUIRE(reason.lengths.size() == fewest);
    long long sum = 0;
    for (std::size_t k = 0; k < fewest; ++k) {
      CHECK(holds(input.all, reason.operations[k], reason.operations[(k + 1) % fewest],
                  reason.lengths[k]));
      sum += reason.lengths[k];
    }
    CHECK(sum == reason.required);
    CHECK(sum > 0);
  }
  CHECK(cycles > 60);
  CHECK(shorter > 10);  // the search for a shorter one has work to do
}

TEST_CASE("infeasible: random paths prove themselves, and none of the longest is shorter") {
  Random random(6);
  int paths = 0;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    auto const input = random_input(random, 40);  // far above every RecMII
    auto const& g = input.graph;
    int const n = static_cast<int>(g.operations.size());
    auto const system = gaus::make_difference_system(gaus::build_graph(g), 40);
    auto const earliest = gaus::earliest_steps(system);
    int const critical = gaus::critical_path(system, earliest);
    if (critical < 2) continue;
    ++paths;
    auto const reason = error_of(g, [&] { gaus::step_bounds(system, critical - 1); }).reason();
    CHECK(reason.required == critical);
    CHECK(reason.available == critical - 1);
    long long sum = 0;
    for (std::size_t k = 0; k < reason.operations.size(); ++k) {
      sum += reason.lengths[k];
      if (k + 1 < reason.operations.size())
        CHECK(holds(input.all, reason.operations[k], reason.operations[k + 1], reason.lengths[k]));
    }
    CHECK(sum == critical);
    // Longest walks of exactly k dependences: the first k that reaches the critical path.
    Lengths far(at(n), 0);
    std::size_t fewest = 1;
    auto const reaches = [&] {
      for (int i = 0; i < n; ++i)
        if (far[at(i)] + std::max(g.operations[at(i)].latency, g.operations[at(i)].occupancy) ==
            critical)
          return true;
      return false;
    };
    for (; !reaches(); ++fewest) {
      REQUIRE(fewest <= at(n));
      Lengths next(at(n), -1000000);
      for (auto const& b : input.all)
        next[at(b.to)] = std::max(next[at(b.to)], far[at(b.from)] + b.delta);
      far = next;
    }
    CHECK(reason.operations.size() == fewest);
  }
  CHECK(paths > 200);
}

TEST_CASE("infeasible: random intervals prove themselves, and none is shorter") {
  Random random(7);
  int overloaded = 0;
  int sound = 0;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    int const n = 1 + random.below(8);
    int const steps = 2 + random.below(6);
    gaus::GraphDescription g;
    Limits const limits{1.0 + random.below(2), std::nullopt, 0.5 * (2 + random.below(4))};
    for (char const* const name : {"A", "B", "C"}) g.add_resource(name);
    gaus::StepBounds bounds;
    for (int i = 0; i < n; ++i) {
      int const busy = 1 + random.below(2);
      g.add_operation({.occupancy = busy});
      g.add_demand(i, random.below(3), 0.5 * (1 + random.below(2)));
      bounds.earliest.push_back(random.below(steps - busy + 1));
      bounds.latest.push_back(bounds.earliest.back() +
                              random.below(steps - busy - bounds.earliest.back() + 1));
    }
    auto const work = [&](int r, int first, int last, Vector* who = nullptr) {
      double sum = 0;
      for (auto const& d : g.demands) {
        int const busy = g.operations[at(d.operation)].occupancy;
        if (d.resource != r || bounds.earliest[at(d.operation)] < first ||
            bounds.latest[at(d.operation)] + busy > last)
          continue;
        sum += d.units * busy;
        if (who) who->push_back(d.operation);
      }
      return sum;
    };
    int shortest = steps + 1;
    for (int r = 0; r < 3; ++r)
      for (int a = 0; a < steps && limits[at(r)]; ++a)
        for (int b = a + 1; b <= steps; ++b)
          if (work(r, a, b) > *limits[at(r)] * (b - a)) shortest = std::min(shortest, b - a);
    auto const reason = gaus::overloaded_interval(gaus::build_graph(g), bounds, steps, limits);
    CHECK(reason.has_value() == (shortest <= steps));
    ++(reason ? overloaded : sound);
    if (!reason) continue;
    CHECK(reason->last - reason->first == shortest);
    Vector who;
    CHECK(reason->demand == work(reason->resource, reason->first, reason->last, &who));
    CHECK(reason->capacity == *limits[at(reason->resource)] * shortest);
    CHECK(reason->demand > reason->capacity);
    CHECK(reason->operations == who);
  }
  CHECK(overloaded > 30);
  CHECK(sound > 30);
}

TEST_CASE("infeasible: forward cycles of the fewest operations") {
  using Edges = std::vector<std::pair<int, int>>;
  // 0 -> 1 -> 2 -> 3 -> 0 with a way back from 2 to 1.
  CHECK(gaus::detail::find_cycle(4, Edges{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {2, 1}}).size() == 2);
  Random random(8);
  int cycles = 0;
  for (int round = 0; round < 300; ++round) {
    int const n = 2 + random.below(8);
    Edges edges;
    std::vector<gaus::DifferenceBound> all;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        if (i != j && random.below(5) == 0) {
          edges.emplace_back(i, j);
          all.push_back({i, j, 1});
        }
    auto const cycle = gaus::detail::find_cycle(n, edges);
    CHECK(cycle.size() == fewest_of_positive_cycle(n, all));
    cycles += cycle.empty() ? 0 : 1;
    for (std::size_t k = 0; k < cycle.size(); ++k)
      CHECK(holds(all, cycle[k], cycle[(k + 1) % cycle.size()], 1));
  }
  CHECK(cycles > 100);
}
