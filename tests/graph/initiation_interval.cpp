// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/initiation_interval.hpp>

#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <support/problems.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace {

using gaus_test::at;
using Vector = std::vector<int>;
using Limits = std::vector<std::optional<double>>;

/// mul -> add -> mul of the iteration after next; load -> mul.
gaus::GraphDescription accumulator() {
  gaus::GraphDescription g;
  int const dsp = g.add_resource("DSP", 2);
  int const port = g.add_resource("port", 1);
  g.add_operation({.latency = 2}, "load");
  g.add_operation({.latency = 3, .occupancy = 2}, "mul");
  g.add_operation({.latency = 1}, "add");
  g.add_dependence(0, 1);
  g.add_dependence({.from = 1, .to = 2, .delay = 1});
  g.add_dependence({.from = 2, .to = 1, .distance = 2});
  g.add_demand(0, port);
  g.add_demand(1, dsp, 2);
  g.add_demand(2, dsp);
  return g;
}

/// The largest ceil(length / distance) of all simple cycles, at least 1; nothing when one of
/// distance 0 is positive.
std::optional<long long> over_all_cycles(gaus::GraphDescription const& g) {
  int const n = static_cast<int>(g.operations.size());
  long long most = 1;
  bool contradiction = false;
  std::vector<char> on_path(at(n), 0);
  std::function<void(int, int, long long, long long)> const walk =
      [&](int first, int v, long long length, long long distance) {
        for (auto const& d : g.dependences) {
          if (d.from != v || d.to < first) continue;
          long long const l = length + g.operations[at(v)].latency + d.delay;
          long long const k = distance + d.distance;
          if (d.to == first) {
            if (k == 0 && l > 0) contradiction = true;
            if (k > 0 && l > 0) most = std::max(most, (l + k - 1) / k);
          } else if (!on_path[at(d.to)]) {
            on_path[at(d.to)] = 1;
            walk(first, d.to, l, k);
            on_path[at(d.to)] = 0;
          }
        }
      };
  for (int first = 0; first < n; ++first) {
    on_path.assign(at(n), 0);
    walk(first, first, 0, 0);
  }
  if (contradiction) return {};
  return most;
}

/// The cycle is one of the graph, and its sums are what it says.
void check_cycle(gaus::HostGraph const& graph, gaus::RecurrenceInterval const& r) {
  REQUIRE(r.operations.size() == r.dependences.size());
  long long length = 0;
  long long distance = 0;
  for (std::size_t k = 0; k < r.operations.size(); ++k) {
    auto const& d = r.dependences[k];
    CHECK(d.operation == r.operations[(k + 1) % r.operations.size()]);
    bool in_row = false;
    auto const row = graph.outgoing(r.operations[k]);
    for (int j = 0; j < row.size(); ++j)
      in_row = in_row || (row[j].index == d.index && row[j].operation == d.operation &&
                          row[j].distance == d.distance && row[j].delay == d.delay);
    CHECK(in_row);
    length += graph.latency(r.operations[k]) + d.delay;
    distance += d.distance;
  }
  CHECK(length == r.length);
  CHECK(distance == r.distance);
  if (r.operations.empty()) {
    CHECK(r.interval == 1);
  } else {
    REQUIRE(distance > 0);
    CHECK(r.interval == (length + distance - 1) / distance);
  }
}

}  // namespace

TEST_CASE("initiation interval: worked by hand") {
  auto const g = accumulator();
  auto const m = gaus::initiation_interval(g);
  CHECK(m.interval == 3);
  // DSP: 2 units for 2 steps and 1 for 1 on 2 units; port: one load on one.
  CHECK(m.resources.interval == 3);
  CHECK(m.resources.resource == 0);
  CHECK(m.resources.classes[0].work == 5);
  CHECK(m.resources.classes[1].interval == 1);
  CHECK(m.resources.text ==
        "ResMII 3: an iteration takes resource DSP for 5 units x steps, it has 2 a step");
  // mul 3 + 1 and add 1 over 2 iterations: ceil(5 / 2).
  CHECK(m.recurrences.interval == 3);
  CHECK(m.recurrences.length == 5);
  CHECK(m.recurrences.distance == 2);
  check_cycle(gaus::build_graph(g), m.recurrences);
  bool const either =
      m.recurrences.operations == Vector{1, 2} || m.recurrences.operations == Vector{2, 1};
  CHECK(either);
  CHECK(m.text.starts_with("MII 3, set by resources and recurrences. ResMII 3: "));

  auto const graph = gaus::build_graph(g);
  auto const unlimited = gaus::initiation_interval(graph, Limits{{}, {}});
  CHECK(unlimited.resources.text == "ResMII 1: no operation takes units of a limited resource");
  CHECK(unlimited.resources.resource == -1);
  CHECK(unlimited.text.starts_with("MII 3, set by recurrences. "));
  auto const narrow = gaus::resource_interval(graph, {2.5, 0.125 * 8});
  CHECK(narrow.interval == 2);
  CHECK(narrow.text ==
        "ResMII 2: an iteration takes resource 0 for 5 units x steps, it has "
        "2.500000 a step");
}

TEST_CASE("initiation interval: the cycle's sentence") {
  gaus::GraphDescription g;
  g.add_operation({.latency = 4}, "state");
  g.add_dependence({.from = 0, .to = 0, .distance = 3});
  CHECK(gaus::initiation_interval(g).text ==
        "MII 2, set by recurrences. ResMII 1: no operation takes units of a limited resource. "
        "RecMII 2: the cycle 0 (state) -> 0 (state) of 1 operation takes 4 steps over distance 3.");
  g.operations[0].latency = 0;
  CHECK(gaus::initiation_interval(g).recurrences.text ==
        "RecMII 1: no dependences form a cycle of positive latency");
  g.operations[0].latency = 2;  // asks for less than 1, and is named
  CHECK(gaus::initiation_interval(g).recurrences.text ==
        "RecMII 1: the cycle 0 (state) -> 0 (state) of 1 operation takes 2 steps over distance 3");
  auto ring = gaus::chain(20);
  ring.add_dependence({.from = 19, .to = 0, .distance = 1});
  auto const text = gaus::initiation_interval(ring).recurrences.text;
  CHECK(text.find(" -> ... -> ") != std::string::npos);
  CHECK(text.find("of 20 operations takes 20 steps over distance 1") != std::string::npos);
}

TEST_CASE("initiation interval: nothing and next to nothing") {
  gaus::GraphDescription g;
  auto m = gaus::initiation_interval(g);
  CHECK(m.interval == 1);
  CHECK(m.text.starts_with("MII 1, set by resources and recurrences."));
  g.add_resource("idle", 0);
  g.add_operation({.latency = 9});
  m = gaus::initiation_interval(g);
  CHECK(m.interval == 1);
  CHECK(m.resources.resource == -1);
  CHECK(m.recurrences.operations.empty());
}

TEST_CASE("initiation interval: fractional units do not round up") {
  gaus::GraphDescription g;
  int const bus = g.add_resource("bus", 0.3);
  for (int i = 0; i < 6; ++i) {
    g.add_operation({});
    g.add_demand(i, bus, 0.1);
  }
  CHECK(gaus::initiation_interval(g).interval == 2);
  g.resources[0].limit = 0.2999;
  CHECK(gaus::initiation_interval(g).interval == 3);
}

TEST_CASE("initiation interval: what cannot be") {
  auto g = accumulator();
  g.resources[0].limit = 1;
  try {
    gaus::initiation_interval(g);
    FAIL("an operation larger than its class was accepted");
  } catch (gaus::Infeasible const& error) {
    CHECK(std::string(error.what()) ==
          "no schedule exists: operation 1 (mul) takes 2 units of resource DSP, which has 1");
    CHECK(error.reason().kind == gaus::InfeasibleReason::Kind::resource);
    CHECK(error.reason().operations == Vector{1});
    CHECK(error.reason().required == 2);
    CHECK(error.reason().available == 1);
  }
  auto const graph = gaus::build_graph(accumulator());
  CHECK_THROWS_WITH_AS(gaus::resource_interval(graph, {1.0}),
                       "1 resource limits are given, the graph has 2 resource classes",
                       gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(
      gaus::resource_interval(graph, {std::numeric_limits<double>::quiet_NaN(), 1.0}),
      "resource 0: limit nan is not a finite number >= 0", gaus::InvalidInput);
  g = accumulator();
  g.resources[0].limit.reset();
  g.resources[1].limit = 1e-3;
  g.demands[0].units = 1e-3;
  g.operations[0].occupancy = 500000000;
  CHECK(gaus::initiation_interval(g).interval == 500000000);
  g.add_demand(2, 1, 1e-3);
  g.operations[2].occupancy = 30000000;
  CHECK(gaus::initiation_interval(g).interval == 530000000);

  // Maximum distances that contradict a path: no interval helps.
  g = accumulator();
  g.add_dependence({.from = 2, .to = 0, .delay = -6});  // add at most 5 after load: it needs 6
  CHECK_THROWS_WITH_AS(
      gaus::initiation_interval(g),
      doctest::Contains("has distance 0 and asks each of its operations to start 1 steps after "
                        "itself, whatever the initiation interval is"),
      gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(gaus::initiation_interval(g), doctest::Contains("1 (mul) -> 2 (add)"),
                       gaus::InvalidInput);
  g.dependences.back().delay = -7;
  CHECK(gaus::initiation_interval(g).interval == 3);
}

TEST_CASE("initiation interval: against all cycles of small graphs") {
  gaus_test::Random random(17);
  int contradictions = 0;
  int most = 0;
  for (int round = 0; round < 3000; ++round) {
    gaus::GraphDescription g;
    int const n = 1 + random.below(7);
    for (int i = 0; i < n; ++i) g.add_operation({.latency = random.below(6)});
    for (int i = 0; i < n; ++i)
      for (int j = i + 1; j < n; ++j)
        if (random.below(3) == 0) g.add_dependence({.from = i, .to = j, .delay = random.below(3)});
    int const back = random.below(6);
    for (int k = 0; k < back; ++k) {  // recurrences and maximum distances
      int const from = random.below(n);
      int const to = random.below(n);
      int const distance = from == to ? 1 + random.below(3) : random.below(4);
      int const lag = -random.below(15);
      g.add_dependence(
          {.from = from,
           .to = to,
           .distance = distance,
           .delay = distance > 0 ? random.below(20) - 8 : lag - g.operations[at(from)].latency});
      if (distance == 0 && g.dependences.back().delay == 0) g.dependences.back().delay = -1;
      auto const twice = [&](auto const& d) {
        auto const& last = g.dependences.back();
        return d.from == last.from && d.to == last.to && d.distance == last.distance &&
               d.delay == last.delay;
      };
      if (std::count_if(g.dependences.begin(), g.dependences.end(), twice) > 1)
        g.dependences.pop_back();
    }
    CAPTURE(round);
    auto const graph = gaus::build_graph(g);
    auto const wanted = over_all_cycles(g);
    if (!wanted) {
      ++contradictions;
      CHECK_THROWS_AS(gaus::recurrence_interval(graph), gaus::InvalidInput);
      continue;
    }
    auto const got = gaus::recurrence_interval(graph);
    most = std::max(most, got.interval);
    CHECK(got.interval == *wanted);
    check_cycle(graph, got);
    // The step bounds agree: feasible at the bound and not below.
    CHECK_NOTHROW(
        gaus::earliest_steps(gaus::make_difference_system(graph, static_cast<int>(*wanted))));
    if (*wanted > 1)
      CHECK_THROWS_AS(
          gaus::earliest_steps(gaus::make_difference_system(graph, static_cast<int>(*wanted) - 1)),
          gaus::Infeasible);
  }
  CHECK(contradictions > 50);  // lags that contradict a path
  CHECK(most > 15);
}

TEST_CASE("initiation interval: a long chain with one back-edge") {
  constexpr int n = 1000000;
  auto g = gaus::chain(n);
  g.add_dependence({.from = n - 1, .to = 0, .distance = 3});
  auto const graph = gaus::build_graph(g);
  auto const r = gaus::recurrence_interval(graph);
  CHECK(r.interval == 333334);
  CHECK(r.length == n);
  CHECK(r.operations.size() == n);
  // The same, but the back-edge is shorter; and every dependence against the order of numbers.
  gaus::GraphDescription reversed;
  for (int i = 0; i < n; ++i) reversed.add_operation({.latency = i == n / 2 ? n : 1});
  for (int i = 1; i < n; ++i) reversed.add_dependence({.from = i, .to = i - 1, .distance = 1});
  reversed.add_dependence({.from = 0, .to = n - 1, .distance = 1});
  CHECK(gaus::recurrence_interval(gaus::build_graph(reversed)).interval == 2);
}

TEST_CASE("initiation interval: a large random loop") {
  auto g = gaus::layered_workload({.operations = 50000, .layers = 400, .seed = 5});
  gaus::add_recurrences(g, {.share = 0.02, .max_length = 60, .max_distance = 5, .seed = 6});
  auto const graph = gaus::build_graph(g);
  auto const r = gaus::recurrence_interval(graph);
  check_cycle(graph, r);
  REQUIRE(r.interval > 1);
  CHECK_NOTHROW(gaus::earliest_steps(gaus::make_difference_system(graph, r.interval)));
}
