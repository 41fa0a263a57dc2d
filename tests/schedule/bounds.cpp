// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/bounds.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

using Bound = gaus::LowerBound<gaus::HostGraph>;

bool always() { return true; }

double value_of(gaus::CostModel const& model, PlainCosts const& costs) {
  double value = model.usage * costs.usage + model.memory * costs.memory +
                 model.lifetime * costs.lifetime + model.communication * costs.communication +
                 model.makespan * costs.makespan;
  for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
  return value;
}

/// A mix of one to six costs.
gaus::CostModel random_model(Random& random) {
  bool const whole = random.below(2) == 0;
  auto const weight = [&](int share) {
    if (random.below(share) != 0) return 0.0;
    return whole ? 1.0 + random.below(10) : random.between(0.01, 10);
  };
  gaus::CostModel model;
  model.usage = weight(2);
  for (int r = 0; r < 2; ++r)
    if (double const w = weight(3); w > 0) model.usage_of.emplace_back(r, w);
  model.memory = weight(2);
  model.lifetime = weight(3);
  model.communication = weight(3);
  model.makespan = weight(3);
  return model;
}

/// Latencies and occupancies 0 .. 3, two classes; whole numbers or fractions; extra distances and
/// deadlines for some.
Case random_small_case(unsigned seed, Random& random) {
  auto g = random_graph(4 + static_cast<int>(seed % 3), seed);
  bool const whole = random.below(2) == 0;
  for (auto& o : g.operations) {
    o.latency = std::min(o.latency, 3);
    if (whole) o.size *= 2;
  }
  for (auto& d : g.demands) {
    d.resource %= 2;
    if (whole) d.units *= 2;
  }
  for (auto& d : g.dependences)
    if (whole) d.weight *= 4;
  // One demand an operation and class: the third class has become the first.
  std::vector<std::pair<int, int>> seen;
  std::erase_if(g.demands, [&](auto const& d) {
    std::pair const key(d.operation, d.resource);
    bool const known = std::find(seen.begin(), seen.end(), key) != seen.end();
    seen.push_back(key);
    return known;
  });
  std::vector<gaus::DifferenceBound> extra;
  if (seed % 3 == 0 && !g.dependences.empty() && g.dependences[0].distance == 0) {
    auto const plain = make_case(g, 0);
    auto const& d = g.dependences[0];
    int const apart = plain.bounds.earliest[at(d.to)] - plain.bounds.earliest[at(d.from)];
    extra.push_back({d.to, d.from, -(apart + random.below(2))});
  }
  auto c = make_case(g, 1 + random.below(3), random.below(2) == 0, extra);
  if (seed % 4 == 0) {  // deadlines narrow the windows
    std::vector<int> deadline;
    for (int i = 0; i < c.operations(); ++i)
      deadline.push_back(
          std::min(c.bounds.latest[at(i)], c.bounds.earliest[at(i)] + random.below(c.steps)));
    c.bounds = gaus::step_bounds(c.system, c.steps, deadline);
    c.problem = gaus::make_problem(c.host, c.host, c.steps, c.bounds, 0, c.hold_outputs);
  }
  return c;
}

struct Choice {
  std::vector<int> start;
  PlainCosts costs;
};

/// All schedules within the windows.
std::vector<Choice> choices(Case const& c) {
  std::vector<Choice> all;
  for_each_schedule(c, [&](std::vector<int> const& s) {
    for (int i = 0; i < c.operations(); ++i)
      if (s[at(i)] > c.bounds.latest[at(i)]) return;
    all.push_back({s, plain_costs(c, s)});
  });
  return all;
}

}  // namespace

TEST_CASE("peak usage bound: by hand") {
  // 0, then 1, 2 and 3 in two steps between, then 4: two of class A at once, of class B half a unit.
  gaus::GraphDescription g;
  for (char const* const name : {"A", "B", "C"}) g.add_resource(name);
  for (int i = 0; i < 6; ++i) g.add_operation({});
  for (int i = 1; i < 4; ++i) {
    g.add_dependence(0, i);
    g.add_dependence(i, 4);
    g.add_demand(i, 0);
  }
  g.add_demand(5, 1, 0.5);
  auto const c = make_case(g, 1);  // 4 steps
  CHECK(gaus::peak_usage_bound(c.problem, c.bounds, 0) == 2);
  CHECK(gaus::peak_usage_bound(c.problem, c.bounds, 1) == doctest::Approx(0.125));
  CHECK(gaus::peak_usage_bound(c.problem, c.bounds, 2) == 0);
  g.operations[1].occupancy = 4;  // fills all steps beside the others: 3 in steps 1 and 2
  auto const full = make_case(g, 0);
  CHECK(full.steps == 5);
  CHECK(gaus::peak_usage_bound(full.problem, full.bounds, 0) == 2);
}

// More steps than interval limits are looked at: the limits around ten busy steps are close enough.
TEST_CASE("peak usage bound: many steps") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 6000; ++i) {
    g.add_operation({});
    if (i >= 2) g.add_dependence(i - 2, i);
    if (i / 2 >= 1000 && i / 2 < 1010) g.add_demand(i, unit);
  }
  auto const c = make_case(g, 0);
  CHECK(gaus::peak_usage_bound(c.problem, c.bounds, unit) == 2);
}

TEST_CASE("peak memory bound: by hand") {
  gaus::GraphDescription g;  // 0, 1 and 2 feed 3; 4 feeds nothing
  for (double const size : {2.0, 3.0, 1.0, 4.0, 7.0}) g.add_operation({.size = size});
  for (int i = 0; i < 3; ++i) g.add_dependence(i, 3);
  auto const c = make_case(g, 3, true);
  CHECK(gaus::peak_memory_bound(c.problem, c.bounds, 0) == 11);  // 3 and 4 are held: last boundary
  auto const free = make_case(g, 3, false);
  CHECK(gaus::peak_memory_bound(free.problem, free.bounds, 0) == 6);   // operands of 3
  CHECK(gaus::peak_memory_bound(free.problem, free.bounds, 31) == 7);  // 31 over 5 boundaries
}

// Four producers for the end of a chain without freedom. The least communication has all of them in
// one step, the least peak has one in each: 4 + 1 term by term. Together it is 8 at least: k steps
// of 4 / k producers each cost 4 / k + 2 (k + 1), fractions allowed.
TEST_CASE("lower bound: prices beat the sum of the terms") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 9; ++i) g.add_operation({});
  for (int i = 1; i < 5; ++i) g.add_dependence({.from = i - 1, .to = i, .weight = 0});
  for (int i = 5; i < 9; ++i) {
    g.add_dependence({.from = i, .to = 4, .weight = 1});
    g.add_demand(i, unit);
  }
  auto const c = make_case(g, 0);
  gaus::CostModel model;
  model.usage = 1;
  model.communication = 1;
  Bound bound(c.problem, c.system, c.bounds, model);
  CHECK(bound.value() == -std::numeric_limits<double>::infinity());
  auto const linear = bound.begin(always);
  CHECK(linear.value == 4);
  CHECK(bound.value() == 5);
  CHECK_FALSE(bound.tight(8));
  for (int k = 0; k < 40 && bound.improve(std::span<int const>(linear.start), 8, always);) ++k;
  CHECK(bound.value() == 8);
  CHECK(bound.tight(8));
  CHECK_FALSE(bound.improve(std::span<int const>(linear.start), 8, always));
}

// Rounding has lowered the bound of a value that is no whole number: it must be recognised all the
// same.
TEST_CASE("lower bound: an exact bound is tight, whatever the fractions") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(30, 8, seed);
    gaus::CostModel model;
    model.lifetime = 0.1 * seed;
    model.communication = 1 / 3.0;
    Bound bound(c.problem, c.system, c.bounds, model);
    auto const linear = bound.begin(always);
    CHECK(bound.tight(value_of(model, plain_costs(c, linear.start))));
    CHECK_FALSE(bound.tight(linear.value + 1e-6 * linear.value));
  }
}

TEST_CASE("lower bound: where there is none") {
  gaus::CostModel model;
  model.memory = 1;
  CHECK(Bound::applies(model));
  model.usage_of = {{0, -1.0}};
  CHECK_FALSE(Bound::applies(model));
  model.usage_of.clear();
  model.complete = false;
  CHECK_FALSE(Bound::applies(model));
  auto const none = make_case({}, 0);
  gaus::CostModel const all{1, {}, 1, 1, 1, 1, true};
  Bound bound(none.problem, none.system, none.bounds, all);
  CHECK(bound.begin(always).start.empty());
  CHECK(bound.value() == 0);
  CHECK_FALSE(bound.improve(std::span<int const>(none.bounds.earliest), 0, always));
}

TEST_CASE("bounds: no schedule of a small graph is below, at any time") {
  Random random(1);
  int cases = 0;
  int tight_first = 0;
  int tight_last = 0;
  int with_peaks = 0;
  for (unsigned seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    auto const c = random_small_case(seed, random);
    auto const all = choices(c);
    if (all.empty() || all.size() > 4000) continue;
    for (int mix = 0; mix < 6; ++mix) {
      CAPTURE(mix);
      auto const model = random_model(random);
      REQUIRE(Bound::applies(model));
      double optimum = std::numeric_limits<double>::infinity();
      std::vector<int> best;
      for (auto const& s : all)
        if (double const v = value_of(model, s.costs); v < optimum) {
          optimum = v;
          best = s.start;
        }
      Bound bound(c.problem, c.system, c.bounds, model);
      auto const linear = bound.begin(always);
      if (!linear.start.empty()) CHECK(legal(c, linear.start));
      double last = bound.value();
      CHECK(last <= optimum);
      ++cases;
      tight_first += bound.tight(optimum) ? 1 : 0;
      // Prices from the best schedule or from a bad one; its value, or a larger one.
      auto const& start = mix % 2 == 0 ? best : c.bounds.earliest;
      double const known = mix % 3 == 0 ? value_of(model, plain_costs(c, start)) : optimum;
      bool peaks = false;
      for (int k = 0; k < 40 && bound.improve(std::span<int const>(start), known, always); ++k) {
        peaks = true;
        CHECK(bound.value() >= last);
        CHECK(bound.value() <= optimum);
        last = bound.value();
        CHECK(legal(c, bound.minimiser()));
      }
      CHECK(bound.value() >= last);
      CHECK(bound.value() <= optimum);
      with_peaks += peaks ? 1 : 0;
      tight_last += bound.tight(optimum) ? 1 : 0;
    }
  }
  CHECK(tight_first > cases / 4);  // 37 % when written, 43 % at last
  CHECK(tight_last > tight_first + 10);
  CHECK(cases > 400);
  CHECK(with_peaks > 100);
}

TEST_CASE("bounds: no schedule of a small loop is below") {
  Random random(3);
  int priced = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto const l = random_loop(5, 2, 1 + static_cast<int>(seed % 4), seed);
    std::vector<gaus::Costs> costs;
    std::vector<int> start;
    for_each_schedule(l, [&](std::vector<int> const& s) {
      costs.push_back(gaus::exact_costs(l.problem, std::span<int const>(s)));
      start = s;
    });
    for (int mix = 0; mix < 4; ++mix) {
      CAPTURE(mix);
      auto const model = random_model(random);
      double optimum = std::numeric_limits<double>::infinity();
      for (auto const& k : costs)
        optimum = std::min(optimum, value_of(model, {k.usage, k.usage_of, k.memory, k.lifetime,
                                                     k.communication, k.makespan}));
      Bound bound(l.problem, l.system, l.bounds, model);
      bound.begin(always);
      CHECK(bound.value() <= optimum);
      for (int k = 0; k < 30 && bound.improve(std::span<int const>(start), optimum, always); ++k) {
        ++priced;
        CHECK(bound.value() <= optimum);
        CHECK(gaus::verify(l.problem, std::span<int const>(bound.minimiser())).empty());
      }
      CHECK(bound.value() <= optimum);
    }
  }
  CHECK(priced > 500);
}

TEST_CASE("bounds: interrupted at once they hold too") {
  Random random(2);
  for (unsigned seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    auto const c = random_small_case(seed, random);
    auto const all = choices(c);
    if (all.empty() || all.size() > 4000) continue;
    auto const model = random_model(random);
    double optimum = std::numeric_limits<double>::infinity();
    for (auto const& s : all) optimum = std::min(optimum, value_of(model, s.costs));
    Bound bound(c.problem, c.system, c.bounds, model);
    auto const never = [] { return false; };
    bound.begin(never);
    CHECK(bound.value() <= optimum);
    for (int k = 0; k < 5; ++k) {
      bool const more = bound.improve(std::span<int const>(c.bounds.latest), optimum, never);
      CHECK(bound.value() <= optimum);
      if (!more) break;
      CHECK(legal(c, bound.minimiser()));
    }
  }
}

TEST_CASE("bounds: minimisers of larger graphs are legal") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(120, 25, seed, seed % 2 == 0);
    gaus::CostModel model;
    model.usage = 20;
    model.memory = seed % 3;
    model.communication = 1;
    Bound bound(c.problem, c.system, c.bounds, model);
    bound.begin(always);
    auto const& start = c.bounds.earliest;
    double upper = value_of(model, plain_costs(c, start));
    for (int k = 0; k < 15 && bound.improve(std::span<int const>(start), upper, always); ++k) {
      REQUIRE(legal(c, bound.minimiser()));
      double const value = value_of(model, plain_costs(c, bound.minimiser()));
      CHECK(bound.value() <= value);
      upper = std::min(upper, value);
    }
    CHECK(bound.value() <= upper);
  }
}

TEST_CASE("bounds: several dependences of one value on one consumer are one need") {
  gaus::GraphDescription g;
  for (double const size : {2.0, 2.0, 0.0, 0.0}) g.add_operation({.size = size});
  for (int const delay : {0, 3}) {
    g.add_dependence({.from = 0, .to = 2, .delay = delay});
    g.add_dependence({.from = 1, .to = 3, .delay = delay});
  }
  auto const c = make_case(g, 16);
  double least = 1e9;
  for (int first = 0; first <= 8; ++first) {
    std::vector<int> const s{0, first + 4, 4, first + 8};
    if (legal(c, s)) least = std::min(least, plain_costs(c, s).memory);
  }
  CHECK(least == 2);
  CHECK(gaus::peak_memory_bound(c.problem, c.bounds, 0) <= 2);
}
