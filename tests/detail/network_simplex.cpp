// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/network_simplex.hpp>
#include <support/problems.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace gaus_test;

namespace {

/// min weight * x over the windows and the rules, written out.
struct Linear {
  std::vector<int> low, high;
  std::vector<std::int64_t> weight;
  std::vector<gaus::DifferenceBound> rules;

  [[nodiscard]] int nodes() const { return static_cast<int>(low.size()); }
  [[nodiscard]] gaus::detail::NetworkSimplex simplex() const {
    gaus::detail::NetworkSimplex s(nodes());
    for (auto const& r : rules) s.constrain(r.from, r.to, r.delta);
    for (int v = 0; v < nodes(); ++v) s.add_weight(v, weight[at(v)]);
    return s;
  }
  template <class Vector>
  [[nodiscard]] bool legal(Vector const& x) const {
    for (int v = 0; v < nodes(); ++v)
      if (x[at(v)] < low[at(v)] || x[at(v)] > high[at(v)]) return false;
    return std::all_of(rules.begin(), rules.end(),
                       [&](auto const& r) { return x[at(r.to)] - x[at(r.from)] >= r.delta; });
  }
  template <class Vector>
  [[nodiscard]] std::int64_t value(Vector const& x) const {
    std::int64_t sum = 0;
    for (int v = 0; v < nodes(); ++v) sum += weight[at(v)] * x[at(v)];
    return sum;
  }
  /// Least value over all integer points.
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
};

/// Rules that one hidden point satisfies, many of them tightly and some both ways; windows around it,
/// made consistent with the rules.
Linear random_linear(int nodes, int window, int most_weight, Random& random) {
  Linear p;
  std::vector<int> hidden;
  for (int v = 0; v < nodes; ++v) {
    hidden.push_back(random.below(7) - 3);
    p.low.push_back(hidden.back() - random.below(window + 1));
    p.high.push_back(std::max(hidden.back(), p.low.back() + random.below(window + 1)));
    p.weight.push_back(random.below(5) == 0 ? 0 : random.below(2 * most_weight + 1) - most_weight);
  }
  for (int k = random.below(2 * nodes); k > 0 && nodes > 1; --k) {
    int const from = random.below(nodes);
    int const to = (from + 1 + random.below(nodes - 1)) % nodes;
    int const apart = hidden[at(to)] - hidden[at(from)];
    p.rules.push_back({from, to, apart - random.below(3)});
    if (random.below(4) == 0) {
      p.rules.back().delta = apart;  // an equality
      p.rules.push_back({to, from, -apart});
    }
  }
  for (int pass = 0; pass <= nodes; ++pass)
    for (auto const& r : p.rules) {
      p.low[at(r.to)] = std::max(p.low[at(r.to)], p.low[at(r.from)] + r.delta);
      p.high[at(r.from)] = std::min(p.high[at(r.from)], p.high[at(r.to)] - r.delta);
    }
  return p;
}

std::vector<std::int64_t> potentials(gaus::detail::NetworkSimplex const& s, int nodes) {
  std::vector<std::int64_t> x;
  for (int v = 0; v < nodes; ++v) x.push_back(s.potential(v));
  return x;
}

}  // namespace

TEST_CASE("network simplex: by hand") {
  // 3 x0 - 5 x1 + x2 with x1 >= x0 + 2, x2 >= x1 + 1: x1 goes up and takes x2 along, x0 stays.
  Linear const p{{0, 2, 3}, {5, 7, 8}, {3, -5, 1}, {{0, 1, 2}, {1, 2, 1}}};
  auto s = p.simplex();
  CHECK(s.solve(p.low, p.high, [] { return true; }));
  CHECK(potentials(s, 3) == std::vector<std::int64_t>{0, 7, 8});
  CHECK(s.flow_bound() == -35 + 8);
}

TEST_CASE("network simplex: nothing, one node") {
  gaus::detail::NetworkSimplex none(0);
  CHECK(none.solve({}, {}, [] { return true; }));
  CHECK(none.flow_bound() == 0);
  for (std::int64_t const weight : {-4, 0, 4}) {
    gaus::detail::NetworkSimplex one(1);
    one.add_weight(0, weight);
    CHECK(one.solve({-2}, {3}, [] { return true; }));
    CHECK(one.potential(0) * weight == (weight > 0 ? -8 : weight < 0 ? -12 : 0));
    CHECK(one.flow_bound() == (weight > 0 ? -8 : weight < 0 ? -12 : 0));
  }
}

TEST_CASE("network simplex: nodes at a fixed distance move as one") {
  for (int const w : {-1, 2}) {
    Linear const p{
        {0, 3, 1}, {4, 7, 5}, {5, -3 + w, -3}, {{0, 1, 3}, {1, 0, -3}, {1, 2, -2}, {2, 1, 2}}};
    auto s = p.simplex();
    CHECK(s.solve(p.low, p.high, [] { return true; }));
    auto const x = potentials(s, 3);
    CHECK(x[1] - x[0] == 3);
    CHECK(x[2] - x[1] == -2);
    CHECK(x[0] == (w < 1 ? 4 : 0));
  }
}

TEST_CASE("network simplex: the least value of all integer points, and its bound is that value") {
  Random random(1);
  for (int k = 0; k < 3000; ++k) {
    CAPTURE(k);
    int const nodes = 1 + random.below(5);
    auto const p = random_linear(nodes, 4, k % 3 == 0 ? 1 : 20, random);
    auto s = p.simplex();
    REQUIRE(s.solve(p.low, p.high, [] { return true; }));
    auto const x = potentials(s, nodes);
    auto const least = p.minimum();
    CHECK(p.legal(x));
    CHECK(p.value(x) == least);
    CHECK(s.flow_bound() == static_cast<double>(least));
  }
}

TEST_CASE("network simplex: larger systems are legal and their bound proves them optimal") {
  Random random(2);
  for (int k = 0; k < 60; ++k) {
    CAPTURE(k);
    int const nodes = 30 + random.below(120);
    auto const p = random_linear(nodes, 40, k % 2 == 0 ? 3 : 1000000, random);
    auto s = p.simplex();
    REQUIRE(s.solve(p.low, p.high, [] { return true; }));
    auto const x = potentials(s, nodes);
    CHECK(p.legal(x));
    CHECK(s.flow_bound() == static_cast<double>(p.value(x)));
  }
}

TEST_CASE("network simplex: told to stop it has a bound that no point is below") {
  Random random(3);
  int stopped = 0;
  for (int k = 0; k < 8; ++k) {
    CAPTURE(k);
    auto const p = random_linear(1500, 300, 100, random);
    auto whole = p.simplex();
    REQUIRE(whole.solve(p.low, p.high, [] { return true; }));
    double before = -std::numeric_limits<double>::infinity();
    for (int const most : {0, 1, 3}) {  // times 256 pivots
      auto s = p.simplex();
      int asked = 0;
      bool const done = s.solve(p.low, p.high, [&] { return asked++ < most; });
      stopped += done ? 0 : 1;
      CHECK(s.flow_bound() <= whole.flow_bound());
      CHECK(s.flow_bound() >= before);
      CHECK((!done || s.flow_bound() == whole.flow_bound()));
      before = s.flow_bound();
    }
  }
  CHECK(stopped > 2);
}

TEST_CASE("network simplex: constraints that contradict the bounds are refused") {
  gaus::detail::NetworkSimplex s(2);
  s.constrain(0, 1, 3);
  s.constrain(1, 0, -2);
  s.add_weight(0, 1);
  s.add_weight(1, -1);
  CHECK_THROWS_AS(s.solve({0, 0}, {9, 9}, [] { return true; }), gaus::InvalidInput);
}
