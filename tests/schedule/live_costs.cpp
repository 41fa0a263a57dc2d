// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/live_costs.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

using namespace gaus_test;

namespace {

/// Every cost with a weight of its own.
gaus::CostModel all_costs() {
  gaus::CostModel model;
  model.usage = 3;
  model.usage_of = {{1, 0.5}, {2, 7}, {1, 0.25}};
  model.memory = 2;
  model.lifetime = 0.125;
  model.communication = 0.5;
  model.makespan = 0.75;
  return model;
}

double value_of(gaus::CostModel const& model, PlainCosts const& costs) {
  double value = model.usage * costs.usage + model.memory * costs.memory +
                 model.lifetime * costs.lifetime + model.communication * costs.communication +
                 model.makespan * costs.makespan;
  for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
  return value;
}

/// The energy by its definition: peaks are tau log sum exp(level / tau) over all steps (and classes),
/// tau being a share of the peaks of an earlier schedule.
struct Energy {
  Case const& c;
  gaus::CostModel model;
  double usage_tau;
  double memory_tau;

  Energy(Case const& problem, gaus::CostModel const& costs, std::vector<int> const& s,
         double smoothing)
      : c(problem), model(costs) {
    auto const plain = plain_costs(c, s);
    usage_tau = smoothing * std::max(plain.usage, 1e-12);
    memory_tau = smoothing * std::max(plain.memory, 1e-12);
  }
  [[nodiscard]] long double operator()(std::vector<int> const& s) const {
    auto const smooth = [&](auto const& level, long double tau) {
      long double sum = 0;
      for (int t = 0; t < c.steps; ++t) sum += std::exp(level(t) / tau);
      return sum;
    };
    auto const plain = plain_costs(c, s);
    long double e = model.communication * plain.communication + model.lifetime * plain.lifetime;
    e += model.memory * memory_tau *
         std::log(smooth([&](int t) { return static_cast<long double>(live_size(c, s, t)); },
                         memory_tau));
    long double all = 0;
    for (int r = 0; r < static_cast<int>(c.graph.resources.size()); ++r) {
      long double const sum = smooth(
          [&](int t) { return static_cast<long double>(units_in_use(c, s, r, t)); }, usage_tau);
      all += sum;
      for (auto const& [k, weight] : model.usage_of)
        if (k == r) e += weight * usage_tau * std::log(sum);
    }
    return e + model.usage * usage_tau * std::log(all);
  }
};

/// Any start step that keeps the operation inside the steps.
int anywhere(Case const& c, Random& random, int i) {
  return random.below(c.steps - c.length(i) + 1);
}

}  // namespace

TEST_CASE("live costs: by hand") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  g.add_operation({.latency = 2, .occupancy = 2, .size = 3});
  g.add_operation({});
  g.add_dependence({.from = 0, .to = 1, .weight = 5});
  for (int i = 0; i < 2; ++i) g.add_demand(i, unit, 1 + i);
  auto const c = make_case(g, 3);
  gaus::CostModel model;
  model.usage = 100;
  model.memory = 10;
  model.communication = 1;
  gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
  live.load({0, 2});
  CHECK(live.exact() == 100 * 2 + 10 * 3 + 5 * 2);
  live.move(1, 5);  // the value waits from step 1 to step 5
  CHECK(live.settle() == 100 * 2 + 10 * 3 + 5 * 5);
  live.move(0, 3);
  CHECK(live.settle() == 100 * 2 + 10 * 3 + 5 * 2);
  live.move(1, 3);  // at once: not legal, but counted; the value is never live
  CHECK(live.settle() == 100 * 3 + 0 + 0);
  CHECK(live.start() == std::vector<int>{3, 3});
}

TEST_CASE("live costs: thousands of moves and moves taken back, exact() is the exact cost") {
  Random random(1);
  for (unsigned seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(25, 7, seed);
    auto const model = all_costs();
    gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
    auto s = random_schedule(c, random);
    live.load(s);
    REQUIRE(live.exact() == doctest::Approx(value_of(model, plain_costs(c, s))));
    for (int k = 0; k < 2000; ++k) {
      int const i = random.below(c.operations());
      int const to = anywhere(c, random, i);
      int const from = s[at(i)];
      live.move(i, to);
      if (random.below(3) == 0) {
        live.move(i, from);
      } else {
        s[at(i)] = to;
      }
      if (random.below(4) == 0) live.settle();
      if (k % 100 != 0) continue;
      double const exact = live.settle();
      CHECK(live.start() == s);
      CHECK(exact == live.exact());
      CHECK(exact == doctest::Approx(value_of(model, plain_costs(c, s))).epsilon(1e-12));
      auto const library = gaus::exact_costs(c.problem, std::span<int const>(s));
      CHECK(library.memory == plain_costs(c, s).memory);
    }
  }
}

TEST_CASE("live costs: the energy follows the moves, and a fresh one agrees") {
  Random random(2);
  for (unsigned seed = 1; seed <= 6; ++seed)
    for (double const smoothing : {0.5, 0.2, 0.05}) {
      CAPTURE(seed);
      CAPTURE(smoothing);
      auto const c = random_case(20, 6, seed);
      auto model = all_costs();
      model.makespan = 0;  // the energy leaves it out
      gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
      auto s = random_schedule(c, random);
      live.load(s);
      live.set_smoothing(smoothing);
      Energy const energy(c, model, s, smoothing);
      double const offset = live.energy() - static_cast<double>(energy(s));
      for (int k = 0; k < 300; ++k) {
        int const i = random.below(c.operations());
        int const to = anywhere(c, random, i);
        live.move(i, to);
        s[at(i)] = to;
        if (k % 30 == 0)
          CHECK(live.energy() - offset == doctest::Approx(static_cast<double>(energy(s))));
      }
      live.settle();
      live.set_smoothing(smoothing);
      gaus::LiveCosts<gaus::HostGraph> fresh(c.problem, model);
      fresh.load(s);
      fresh.set_smoothing(smoothing);
      CHECK(live.energy() == doctest::Approx(fresh.energy()).epsilon(1e-9));
    }
}

TEST_CASE("live costs: caps by hand") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 4; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
  }
  auto const c = make_case(g, 3);
  gaus::CostModel model;
  model.usage = 10;
  gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
  live.load({0, 0, 1, 2});
  live.set_caps(0);  // two at once are free
  CHECK(live.energy() == doctest::Approx(10 * 2));
  live.move(2, 3);
  CHECK(live.energy() == doctest::Approx(10 * 2));
  live.move(2, 0);  // a third has three tenths of its price
  CHECK(live.energy() == doctest::Approx(10 * 2 + 3));
  CHECK(live.settle() == 30);
  live.set_caps(-1);  // beside the present peak of three
  CHECK(live.energy() == doctest::Approx(10 * 2 + 3));
  live.set_caps(-9);  // no cap is negative: every unit is paid
  CHECK(live.energy() == doctest::Approx(0 + 3 * 4));
}

TEST_CASE("live costs: the energy with caps follows the moves") {
  Random random(3);
  for (unsigned seed = 1; seed <= 8; ++seed)
    for (int const shift : {-1, 0, 2}) {
      CAPTURE(seed);
      CAPTURE(shift);
      auto const c = random_case(20, 6, seed);
      auto model = all_costs();
      model.makespan = 0;
      gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
      auto s = random_schedule(c, random);
      live.load(s);
      live.set_caps(shift);
      // Peaks stay below 200 here: a step of the cap is one.
      auto const peaks = plain_costs(c, s);
      auto const cap = [&](double peak) { return std::max(0.0, peak + shift); };
      auto const excess = [](double level, double most) {
        return 0.3 * std::max(0.0, level - most);
      };
      auto const energy = [&] {
        auto const now = plain_costs(c, s);
        double e = model.communication * now.communication + model.lifetime * now.lifetime;
        e += model.usage * cap(peaks.usage) + model.memory * cap(peaks.memory);
        for (auto const& [r, w] : model.usage_of) e += w * cap(peaks.usage_of[at(r)]);
        for (int t = 0; t < c.steps; ++t) {
          e += model.memory * excess(live_size(c, s, t), cap(peaks.memory));
          for (int r = 0; r < 3; ++r) {
            double const level = units_in_use(c, s, r, t);
            e += model.usage * excess(level, cap(peaks.usage));
            for (auto const& [k, w] : model.usage_of)
              if (k == r) e += w * excess(level, cap(peaks.usage_of[at(r)]));
          }
        }
        return e;
      };
      REQUIRE(peaks.memory < 200);
      CHECK(live.energy() == doctest::Approx(energy()));
      for (int k = 0; k < 300; ++k) {
        int const i = random.below(c.operations());
        int const to = anywhere(c, random, i);
        live.move(i, to);
        if (random.below(3) == 0)
          live.move(i, s[at(i)]);  // taken back
        else
          s[at(i)] = to;
        if (k % 30 != 0) continue;
        CHECK(live.energy() == doctest::Approx(energy()));
        CHECK(live.settle() == doctest::Approx(value_of(model, plain_costs(c, s))));
      }
      // Back to smooth maxima, as if there had been no caps.
      live.settle();
      live.set_smoothing(0.1);
      gaus::LiveCosts<gaus::HostGraph> fresh(c.problem, model);
      fresh.load(s);
      fresh.set_smoothing(0.1);
      CHECK(live.energy() == doctest::Approx(fresh.energy()).epsilon(1e-9));
    }
}

// One unit a step, smoothed at 0.01: two at once weigh exp(100) times as much as one.
TEST_CASE("live costs: a spike that was taken back leaves the energy as it was") {
  gaus::GraphDescription g;
  int const unit = g.add_resource("A");
  for (int i = 0; i < 6; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
  }
  auto const c = make_case(g, 5);
  gaus::CostModel model;
  model.usage = 1;
  gaus::LiveCosts<gaus::HostGraph> live(c.problem, model);
  live.load({0, 1, 2, 3, 4, 5});
  live.set_smoothing(0.01);
  double const before = live.energy();
  for (int k = 0; k < 3; ++k) {
    live.move(k, 5);
    CHECK(live.energy() > before + 0.9 * (k + 1));
  }
  for (int k = 0; k < 3; ++k) live.move(k, k);
  CHECK(live.energy() == doctest::Approx(before).epsilon(1e-6));
}

TEST_CASE("live costs: nothing to count") {
  auto const empty = make_case({}, 0);
  gaus::CostModel every = all_costs();
  every.usage_of.clear();
  gaus::LiveCosts<gaus::HostGraph> live(empty.problem, every);
  live.load({});
  CHECK(live.exact() == 0);
  CHECK(live.settle() == 0);

  gaus::GraphDescription g;
  for (int i = 0; i < 3; ++i) g.add_operation({.latency = 0, .occupancy = 0, .size = 0});
  g.add_dependence(0, 1);
  auto const idle = make_case(g, 2, true);
  gaus::CostModel model;
  model.usage = 1;
  model.memory = 1;
  gaus::LiveCosts<gaus::HostGraph> nothing(idle.problem, model);
  nothing.load({0, 2, 2});  // step D itself: these take no time
  CHECK(nothing.exact() == 0);
  nothing.move(2, 0);
  nothing.move(0, 2);
  CHECK(nothing.settle() == 0);
  CHECK(std::isfinite(nothing.energy()));
}

TEST_CASE("live costs: caps go by the peaks of the schedule that they are told of") {
  Random random(21);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto const c = random_case(30, 10, seed);
    gaus::CostModel model;
    model.usage_of = {{0, 2.0}, {1, 3.0}};
    model.memory = 1;
    auto const good = random_schedule(c, random);
    auto const bad = random_schedule(c, random);
    gaus::LiveCosts<gaus::HostGraph> costs(c.problem, model);
    auto const energy = [&](std::vector<int> const& start, std::vector<int> const& reference) {
      costs.load(start);
      costs.cap_by(reference);
      costs.set_caps(0);
      return costs.energy();
    };
    double const of_good = energy(good, {});
    // By its own peaks a schedule has nothing above them: its exact cost.
    CHECK(of_good == doctest::Approx(costs.exact()));
    CHECK(energy(good, good) == doctest::Approx(of_good));
    // By those of another: the other's peaks, and 0.3 of what lies above, in each step.
    auto const usage = gaus::usage_profile(c.problem, std::span<int const>(bad));
    auto const live = gaus::live_profile(c.problem, std::span<int const>(bad));
    auto const cap = gaus::usage_profile(c.problem, std::span<int const>(good));
    double const memory_cap = gaus::live_profile(c.problem, std::span<int const>(good)).peak(0);
    double expected = of_good;
    for (int t = 0; t < c.problem.steps; ++t) {
      expected += 0.3 * 2.0 * std::max(0.0, usage(0, t) - cap.peak(0));
      expected += 0.3 * 3.0 * std::max(0.0, usage(1, t) - cap.peak(1));
      expected += 0.3 * std::max(0.0, live(0, t) - memory_cap);
    }
    CHECK(energy(bad, good) == doctest::Approx(expected));
  }
}

TEST_CASE("live costs: the cap of one class alone") {
  Random random(22);
  auto const c = random_case(30, 10, 3);
  gaus::CostModel model;
  model.usage_of = {{0, 2.0}, {1, 3.0}};
  auto const start = random_schedule(c, random);
  gaus::LiveCosts<gaus::HostGraph> costs(c.problem, model);
  costs.load(start);
  auto const usage = gaus::usage_profile(c.problem, std::span<int const>(start));
  auto const energy = [&](int only) {
    costs.set_caps(-1, only);
    return costs.energy();
  };
  // A cap one below the peak costs 0.3 a step that has it, and saves the weight once.
  auto const change = [&](int row, double weight) {
    double steps = 0;
    for (int t = 0; t < c.problem.steps; ++t)
      steps += std::max(0.0, usage(row, t) - (usage.peak(row) - 1));
    return weight * (0.3 * steps - 1);
  };
  double const exact = costs.exact();
  CHECK(energy(0) == doctest::Approx(exact + change(0, 2)));
  CHECK(energy(1) == doctest::Approx(exact + change(1, 3)));
  CHECK(energy(2) == doctest::Approx(energy(0)));  // round and round
  CHECK(energy(-1) == doctest::Approx(exact + change(0, 2) + change(1, 3)));
}

namespace {

/// Folded usage, liveness and what limits lack, walking over steps far beyond the schedule.
struct FoldedCosts {
  std::vector<double> usage_of;
  double memory = 0;
  double lifetime = 0;
  double communication = 0;
  double overdrawn = 0;

  /// limits: of the three classes and of the memory.
  FoldedCosts(gaus::GraphDescription const& g, int interval, std::vector<int> const& s,
              std::vector<std::optional<double>> const& limits) {
    constexpr int horizon = 400;
    std::vector<std::vector<double>> usage(g.resources.size(),
                                           std::vector<double>(at(interval), 0.0));
    std::vector<double> live(at(interval), 0.0);
    for (int t = 0; t < horizon; ++t) {
      for (auto const& d : g.demands)
        if (s[at(d.operation)] <= t &&
            t < s[at(d.operation)] + g.operations[at(d.operation)].occupancy)
          usage[at(d.resource)][at(t % interval)] += d.units;
      for (int i = 0; i < static_cast<int>(g.operations.size()); ++i) {
        bool wanted = false;
        for (auto const& d : g.dependences)
          wanted = wanted || (d.from == i && t < s[at(d.to)] + d.distance * interval);
        auto const& o = g.operations[at(i)];
        if (wanted && s[at(i)] + std::max(o.latency, 1) - 1 <= t) {
          live[at(t % interval)] += o.size;
          lifetime += o.size;
        }
      }
    }
    for (std::size_t r = 0; r < usage.size(); ++r) {
      usage_of.push_back(*std::max_element(usage[r].begin(), usage[r].end()));
      for (double const u : usage[r])
        if (limits[r]) overdrawn += std::max(0.0, u - *limits[r]);
    }
    memory = *std::max_element(live.begin(), live.end());
    for (double const size : live)
      if (limits.back()) overdrawn += std::max(0.0, size - *limits.back());
    for (auto const& d : g.dependences)
      communication += d.weight * (s[at(d.to)] + d.distance * interval - s[at(d.from)]);
  }
};

}  // namespace

TEST_CASE("live costs: folded costs and overdrawn limits follow thousands of moves") {
  Random random(2);
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    auto const graph = random_graph(20, seed);
    auto const host = gaus::build_graph(graph);
    int const interval = std::array{1, 2, 3, 5, 11, 40}[seed % 6];
    constexpr int steps = 30;
    gaus::Problem<gaus::HostGraph> problem;  // the moves need no bounds
    problem.graph = host;
    problem.steps = steps;
    problem.initiation_interval = interval;
    std::vector<std::optional<double>> limits{2.0, {}, 1.5, {}};
    if (seed % 2 == 0) limits.back() = 5.5;
    gaus::CostModel model;
    if (seed % 3 != 0) model.usage_of = {{1, 0.5}};
    if (seed % 4 == 0) model.usage = 1.5;
    if (seed % 4 < 2) model.memory = 2;
    model.lifetime = 0.125;
    model.communication = 0.5;
    gaus::LiveCosts<gaus::HostGraph> live(problem, model, limits);
    std::vector<int> s(20, 0);
    live.load(s);
    for (int k = 0; k < 1500; ++k) {
      int const i = random.below(20);
      int const to = random.below(steps);
      int const from = s[at(i)];
      live.move(i, to);
      if (random.below(3) == 0)
        live.move(i, from);
      else
        s[at(i)] = to;
      if (k % 50 != 0) continue;
      FoldedCosts const costs(graph, interval, s, limits);
      double value = model.memory * costs.memory + model.lifetime * costs.lifetime +
                     model.communication * costs.communication;
      for (auto const& [r, weight] : model.usage_of) value += weight * costs.usage_of[at(r)];
      value += model.usage * *std::max_element(costs.usage_of.begin(), costs.usage_of.end());
      CHECK(live.settle() == doctest::Approx(value).epsilon(1e-12));
      CHECK(live.excess() == doctest::Approx(costs.overdrawn).epsilon(1e-6));
      live.set_smoothing(0.05);  // the peak has moved far
      double const cheap = live.energy();
      live.set_excess_weight(3);
      CHECK(live.energy() == doctest::Approx(cheap + 3 * costs.overdrawn).epsilon(1e-6));
      live.set_excess_weight(0);
    }
  }
}
