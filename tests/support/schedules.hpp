// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_SCHEDULES_HPP
#define GAUS_TESTS_SUPPORT_SCHEDULES_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <support/problems.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Plain schedules and what they cost, by the definitions alone: every check walks over all steps and
// all dependences of the description, and shares no code with the library.
namespace gaus_test {

/// A description with everything that the discrete algorithms want, on the host.
struct Case {
  gaus::GraphDescription graph;
  std::vector<gaus::DifferenceBound> extra;
  int steps = 0;
  bool hold_outputs = false;
  gaus::HostGraph host;
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
  gaus::Problem<gaus::HostGraph> problem;

  [[nodiscard]] int operations() const { return static_cast<int>(graph.operations.size()); }
  [[nodiscard]] int length(int i) const {
    return std::max(graph.operations[at(i)].latency, graph.operations[at(i)].occupancy);
  }
};

/// slack: steps beyond the critical path.
inline Case make_case(gaus::GraphDescription graph, int slack, bool hold_outputs = false,
                      std::vector<gaus::DifferenceBound> extra = {}) {
  Case c;
  c.graph = std::move(graph);
  c.extra = std::move(extra);
  c.hold_outputs = hold_outputs;
  c.host = gaus::build_graph(c.graph);
  c.system = gaus::make_difference_system(c.host, 0, c.extra);
  c.steps = gaus::critical_path(c.system, gaus::earliest_steps(c.system)) + slack;
  c.bounds = gaus::step_bounds(c.system, c.steps);
  c.problem = gaus::make_problem(c.host, c.host, c.steps, c.bounds, 0, hold_outputs);
  return c;
}

/// Latencies 0 .. 4, occupancies 0 .. 3, sizes with zero and halves, three classes and none to two
/// demands, delays of both signs, loop-carried dependences that do not bind, isolated operations.
inline gaus::GraphDescription random_graph(int operations, unsigned seed) {
  Random random(seed);
  gaus::GraphDescription g;
  for (char const* const name : {"A", "B", "C"}) g.add_resource(name);
  for (int i = 0; i < operations; ++i) {
    g.add_operation(
        {.latency = random.below(5), .occupancy = random.below(4), .size = 0.5 * random.below(6)});
    int const demands = g.operations[at(i)].occupancy == 0 ? 0 : random.below(3);
    for (int k = 0; k < demands; ++k) g.add_demand(i, (i + k) % 3, 0.5 + 0.5 * random.below(4));
    int const reads = i % 7 == 0 ? 0 : 1 + random.below(2);
    std::vector<int> sources;
    for (int k = 0; k < reads; ++k) {
      int const near = std::min(i, 8);
      int const from = i - 1 - random.below(near);
      if (std::find(sources.begin(), sources.end(), from) != sources.end()) continue;
      sources.push_back(from);
      g.add_dependence({.from = from,
                        .to = i,
                        .weight = 0.25 * random.below(8),
                        .delay = random.below(4) == 0 ? random.below(5) - 2 : 0});
    }
    if (i % 5 == 4)
      g.add_dependence({.from = i, .to = random.below(i), .distance = 1 + random.below(2)});
  }
  return g;
}

/// The Case of a random graph; with pairs, maximum distances between connected operations are added
/// that leave them some freedom.
inline Case random_case(int operations, int slack, unsigned seed, bool maximum_distances = false) {
  auto const graph = random_graph(operations, seed);
  std::vector<gaus::DifferenceBound> extra;
  if (maximum_distances) {
    auto const plain = make_case(graph, 0);
    for (std::size_t k = 0; k < graph.dependences.size(); k += 3) {
      auto const& d = graph.dependences[k];
      if (d.distance > 0) continue;
      int const apart = plain.bounds.earliest[at(d.to)] - plain.bounds.earliest[at(d.from)];
      extra.push_back({d.to, d.from, -(apart + static_cast<int>(k % 4))});
    }
  }
  return make_case(graph, slack, seed % 2 == 0, std::move(extra));
}

/// Whether a schedule keeps the steps, the dependences and the extra distances.
inline bool legal(Case const& c, std::vector<int> const& s) {
  if (s.size() != c.graph.operations.size()) return false;
  for (int i = 0; i < c.operations(); ++i)
    if (s[at(i)] < 0 || s[at(i)] + c.length(i) > c.steps) return false;
  for (auto const& d : c.graph.dependences)
    if (d.distance == 0 &&
        s[at(d.from)] + c.graph.operations[at(d.from)].latency + d.delay > s[at(d.to)])
      return false;
  return std::all_of(c.extra.begin(), c.extra.end(),
                     [&](auto const& b) { return s[at(b.to)] - s[at(b.from)] >= b.delta; });
}

/// All costs of a legal schedule, step by step.
struct PlainCosts {
  double usage = 0;
  std::vector<double> usage_of;
  double memory = 0;
  double lifetime = 0;
  double communication = 0;
  double makespan = 0;
};

inline double units_in_use(Case const& c, std::vector<int> const& s, int resource, int t) {
  double units = 0;
  for (auto const& d : c.graph.demands)
    if (d.resource == resource && s[at(d.operation)] <= t &&
        t < s[at(d.operation)] + c.graph.operations[at(d.operation)].occupancy)
      units += d.units;
  return units;
}

inline double live_size(Case const& c, std::vector<int> const& s, int t) {
  double size = 0;
  for (int i = 0; i < c.operations(); ++i) {
    int const produced = s[at(i)] + std::max(c.graph.operations[at(i)].latency, 1) - 1;
    bool used = false;
    bool live = false;
    for (auto const& d : c.graph.dependences)
      if (d.from == i && d.distance == 0) {
        used = true;
        live = live || t < s[at(d.to)];
      }
    if (!used) live = c.hold_outputs;
    if (live && produced <= t) size += c.graph.operations[at(i)].size;
  }
  return size;
}

inline PlainCosts plain_costs(Case const& c, std::vector<int> const& s) {
  PlainCosts costs;
  costs.usage_of.assign(c.graph.resources.size(), 0.0);
  for (int t = 0; t < c.steps; ++t) {
    for (std::size_t r = 0; r < costs.usage_of.size(); ++r)
      costs.usage_of[r] = std::max(costs.usage_of[r], units_in_use(c, s, static_cast<int>(r), t));
    double const live = live_size(c, s, t);
    costs.memory = std::max(costs.memory, live);
    costs.lifetime += live;
  }
  for (double const u : costs.usage_of) costs.usage = std::max(costs.usage, u);
  for (auto const& d : c.graph.dependences)
    if (d.distance == 0) costs.communication += d.weight * (s[at(d.to)] - s[at(d.from)]);
  for (int i = 0; i < c.operations(); ++i)
    costs.makespan = std::max<double>(costs.makespan, s[at(i)] + c.length(i));
  return costs;
}

/// Calls visit(start) for every legal schedule. Operations must be numbered topologically; the extra
/// distances may point anywhere.
template <class Visit>
void for_each_schedule(Case const& c, Visit const& visit) {
  std::vector<int> s(at(c.operations()), 0);
  auto const place = [&](auto const& self, int i) -> void {
    if (i == c.operations()) {
      if (legal(c, s)) visit(static_cast<std::vector<int> const&>(s));
      return;
    }
    for (int t = 0; t + c.length(i) <= c.steps; ++t) {
      bool fits = true;
      for (auto const& d : c.graph.dependences)
        if (d.to == i && d.distance == 0)
          fits = fits && s[at(d.from)] + c.graph.operations[at(d.from)].latency + d.delay <= t;
      if (!fits) continue;
      s[at(i)] = t;
      self(self, i + 1);
    }
  };
  place(place, 0);
}

/// Any start steps: legal or not, inside the steps or somewhat outside.
inline std::vector<int> random_steps(Case const& c, Random& random, int outside = 3) {
  std::vector<int> s;
  for (int i = 0; i < c.operations(); ++i)
    s.push_back(random.below(c.steps + 2 * outside + 1) - outside);
  return s;
}

/// A legal schedule somewhere inside the windows: operations one after the other, in both directions
/// of their freedom.
inline std::vector<int> random_schedule(Case const& c, Random& random) {
  auto s = c.bounds.earliest;
  for (int i = c.operations() - 1; i >= 0; --i) {
    int high = c.bounds.latest[at(i)];
    int low = s[at(i)];
    for (auto const& d : c.graph.dependences)
      if (d.from == i && d.distance == 0)
        high = std::min(high, s[at(d.to)] - c.graph.operations[at(i)].latency - d.delay);
    for (auto const& b : c.extra) {
      if (b.from == i) high = std::min(high, s[at(b.to)] - b.delta);
      if (b.to == i) low = std::max(low, s[at(b.from)] + b.delta);
    }
    if (high > low) s[at(i)] = low + random.below(high - low + 1);
  }
  return s;
}

/// The problem of a pipelined random graph, with what it needs to stay.
struct Loop {
  TestProblem test;
  gaus::HostGraph graph;
  gaus::DifferenceSystem system;
  gaus::StepBounds bounds;
  gaus::Problem<gaus::HostGraph> problem;
};

inline Loop random_loop(int operations, int slack, int interval, unsigned seed) {
  Loop l;
  l.test = random_problem({.operations = operations,
                           .slack = slack,
                           .interval = interval,
                           .hold_outputs = seed % 2 == 0,
                           .seed = seed});
  l.graph = gaus::build_graph(l.test.graph);
  l.system = gaus::make_difference_system(l.graph, interval);
  l.bounds = gaus::step_bounds(l.system, l.test.steps);
  l.problem =
      gaus::make_problem(l.graph, l.graph, l.test.steps, l.bounds, interval, l.test.hold_outputs);
  return l;
}

/// Calls visit(start) for every legal schedule of a loop.
template <class Visit>
void for_each_schedule(Loop const& l, Visit const& visit) {
  auto s = l.bounds.earliest;
  int const n = l.system.operations;
  while (true) {
    bool fits = true;
    for (auto const& d : l.test.graph.dependences)
      fits = fits && s[at(d.from)] + l.test.graph.operations[at(d.from)].latency + d.delay -
                             d.distance * l.test.interval <=
                         s[at(d.to)];
    if (fits) visit(static_cast<std::vector<int> const&>(s));
    int v = 0;
    for (; v < n && s[at(v)] == l.bounds.latest[at(v)]; ++v) s[at(v)] = l.bounds.earliest[at(v)];
    if (v == n) return;
    ++s[at(v)];
  }
}

}  // namespace gaus_test

#endif
