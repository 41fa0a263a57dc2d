// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/step_closure.hpp>
#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace gaus_test;
using gaus::detail::StepClosure;

namespace {

/// A cost for every step of every node, under rules.
struct Separable {
  std::vector<int> low, high;
  std::vector<gaus::DifferenceBound> rules;
  std::vector<std::vector<std::int64_t>> cost;  ///< by node and step - low

  [[nodiscard]] int nodes() const { return static_cast<int>(low.size()); }
  [[nodiscard]] bool legal(std::vector<int> const& x) const {
    for (int v = 0; v < nodes(); ++v)
      if (x[at(v)] < low[at(v)] || x[at(v)] > high[at(v)]) return false;
    return std::all_of(rules.begin(), rules.end(),
                       [&](auto const& r) { return x[at(r.to)] - x[at(r.from)] >= r.delta; });
  }
  /// Relative to every node at its first step.
  [[nodiscard]] std::int64_t value(std::vector<int> const& x) const {
    std::int64_t sum = 0;
    for (int v = 0; v < nodes(); ++v)
      sum += cost[at(v)][at(x[at(v)] - low[at(v)])] - cost[at(v)][0];
    return sum;
  }
  [[nodiscard]] std::int64_t minimum() const {
    auto best = std::numeric_limits<std::int64_t>::max();
    auto x = low;
    while (true) {
      if (legal(x)) best = std::min(best, value(x));
      int v = 0;
      while (v < nodes() && x[at(v)] == high[at(v)]) x[at(v)] = low[at(v)], ++v;
      if (v == nodes()) return best;
      ++x[at(v)];
    }
  }
  void draw_costs(Random& random, int range) {
    cost.clear();
    for (int v = 0; v < nodes(); ++v) {
      cost.emplace_back();
      for (int t = low[at(v)]; t <= high[at(v)]; ++t)
        cost.back().push_back(random.below(2 * range + 1) - range);
    }
  }
  /// Turns the weights of a closure from those of old costs (none: empty) to the present ones.
  void load(StepClosure& closure, std::vector<std::vector<std::int64_t>> const& old = {}) const {
    for (int v = 0; v < nodes(); ++v)
      for (std::size_t k = 1; k < cost[at(v)].size(); ++k) {
        auto weight = cost[at(v)][k] - cost[at(v)][k - 1];
        if (!old.empty()) weight -= old[at(v)][k] - old[at(v)][k - 1];
        closure.add_weight(closure.first_point(v) + static_cast<int>(k) - 1, weight);
      }
  }
  [[nodiscard]] StepClosure closure() const { return {low, high, rules}; }
};

Separable random_separable(int nodes, int window, int range, Random& random) {
  Separable p;
  std::vector<int> hidden;
  for (int v = 0; v < nodes; ++v) {
    hidden.push_back(random.below(7) - 3);
    p.low.push_back(hidden.back() - random.below(window + 1));
    p.high.push_back(std::max(hidden.back(), p.low.back() + random.below(window + 1)));
  }
  for (int k = random.below(2 * nodes); k > 0 && nodes > 1; --k) {
    int const from = random.below(nodes);
    int const to = (from + 1 + random.below(nodes - 1)) % nodes;
    int const apart = hidden[at(to)] - hidden[at(from)];
    p.rules.push_back({from, to, apart - random.below(3)});
    if (random.below(5) == 0) {
      p.rules.back().delta = apart;
      p.rules.push_back({to, from, -apart});
    }
  }
  for (int pass = 0; pass <= nodes; ++pass)
    for (auto const& r : p.rules) {
      p.low[at(r.to)] = std::max(p.low[at(r.to)], p.low[at(r.from)] + r.delta);
      p.high[at(r.from)] = std::min(p.high[at(r.from)], p.high[at(r.to)] - r.delta);
    }
  p.draw_costs(random, range);
  return p;
}

bool always(double /*unsettled*/) { return true; }

std::vector<int> solution_of(StepClosure const& closure) {
  std::vector<int> x;
  closure.solution(x);
  return x;
}

}  // namespace

TEST_CASE("step closure: by hand") {
  // x0 alone is best at 1 (cost -4), x1 at 0; x1 must come two after x0.
  Separable p{{0, 2}, {2, 4}, {{0, 1, 2}}, {{0, -4, 3}, {0, 3, 9}}};
  auto closure = p.closure();
  p.load(closure);
  closure.solve(always);
  CHECK(closure.bound() == -1);
  CHECK(solution_of(closure) == std::vector<int>{1, 3});
  CHECK(closure.points() == 4);
  CHECK(StepClosure::size(p.low, p.high, p.rules) == 4 + 2);
  auto const old = p.cost;
  p.cost[1] = {0, 5, 9};  // now it does not pay
  p.load(closure, old);
  closure.solve(always);
  CHECK(closure.bound() == 0);
  CHECK(solution_of(closure) == std::vector<int>{0, 2});
}

TEST_CASE("step closure: nothing to decide") {
  StepClosure none({}, {}, {});
  none.solve(always);
  CHECK(none.bound() == 0);
  CHECK(solution_of(none).empty());
  StepClosure fixed({3, 5}, {3, 5}, {{0, 1, 2}});
  fixed.solve(always);
  CHECK(fixed.points() == 0);
  CHECK(solution_of(fixed) == std::vector<int>{3, 5});
}

TEST_CASE("step closure: the least of all points for any costs, again after the costs change") {
  Random random(1);
  for (int k = 0; k < 1500; ++k) {
    CAPTURE(k);
    auto p = random_separable(1 + random.below(5), 4, k % 3 == 0 ? 1 : 30, random);
    auto closure = p.closure();
    p.load(closure);
    closure.solve(always);
    for (int change = 0;; ++change) {
      auto const least = p.minimum();
      auto const x = solution_of(closure);
      CHECK(p.legal(x));
      CHECK(p.value(x) == least);
      CHECK(closure.bound() == least);
      if (change == 3) break;
      auto const old = p.cost;
      p.draw_costs(random, 30);
      p.load(closure, old);
      CHECK(closure.bound() <= p.minimum());  // any flow gives a bound
      closure.solve(always);
    }
  }
}

TEST_CASE("step closure: larger ones; warm or cold, the bound proves the solution") {
  Random random(2);
  for (int k = 0; k < 12; ++k) {
    CAPTURE(k);
    auto p = random_separable(60 + random.below(100), 30, k % 2 == 0 ? 2 : 100000, random);
    auto warm = p.closure();
    p.load(warm);
    for (int change = 0; change < 3; ++change) {
      warm.solve(always);
      auto cold = p.closure();
      p.load(cold);
      cold.solve(always);
      auto const x = solution_of(warm);
      CHECK(p.legal(x));
      CHECK(p.value(x) == warm.bound());
      CHECK(cold.bound() == warm.bound());
      CHECK(solution_of(cold) == x);  // the least minimum is unique
      auto const old = p.cost;
      p.draw_costs(random, 100);
      p.load(warm, old);
    }
  }
}

TEST_CASE("step closure: stopped anywhere, the bound holds and goes on to the minimum") {
  Random random(3);
  int early = 0;
  for (int k = 0; k < 12; ++k) {
    CAPTURE(k);
    auto const p = random_separable(150, 30, 1000, random);
    auto whole = p.closure();
    p.load(whole);
    auto const first = whole.bound();
    whole.solve(always);
    auto closure = p.closure();
    p.load(closure);
    auto last = first;
    for (int stop = 0; stop < 3; ++stop) {
      double promise = 0;
      closure.solve([&](double unsettled) {
        promise = unsettled;
        return false;
      });
      CHECK(closure.bound() <= whole.bound());
      CHECK(closure.bound() >= last);
      // What may still find a place is all that the bound can gain, counted from that relabelling.
      CHECK(static_cast<double>(whole.bound() - last) <= promise + 0.5);
      early += closure.bound() < whole.bound() ? 1 : 0;
      last = closure.bound();
    }
    closure.solve(always);
    CHECK(closure.bound() == whole.bound());
    CHECK(solution_of(closure) == solution_of(whole));
  }
  CHECK(early > 0);
}
