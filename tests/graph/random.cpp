// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/random.hpp>

#include <gaus/graph/step_bounds.hpp>
#include <doctest/doctest.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

int critical_path(gaus::GraphDescription const& g, int interval = 0) {
  auto const system = gaus::make_difference_system(gaus::build_graph(g), interval);
  return gaus::critical_path(system, gaus::earliest_steps(system));
}

/// A number that changes with anything in a description.
std::uint64_t fingerprint(gaus::GraphDescription const& g) {
  std::uint64_t hash = 1469598103934665603u;
  auto const mix = [&hash](double x) {
    hash = (hash ^ static_cast<std::uint64_t>(static_cast<std::int64_t>(x * 16))) * 1099511628211u;
  };
  for (auto const& o : g.operations) {
    mix(o.latency);
    mix(o.occupancy);
    mix(o.size);
  }
  for (auto const& d : g.demands) {
    mix(d.operation);
    mix(d.resource);
    mix(d.units);
  }
  for (auto const& d : g.dependences) {
    mix(d.from);
    mix(d.to);
    mix(d.distance);
  }
  return hash;
}

TEST_CASE("random: chain and star") {
  for (int const n : {0, 1, 2, 10}) {
    CHECK(critical_path(gaus::chain(n)) == n);
    CHECK(critical_path(gaus::star(n)) == std::min(n, 2));
    CHECK(gaus::build_graph(gaus::chain(n)).num_dependences() == std::max(0, n - 1));
    CHECK(gaus::build_graph(gaus::star(n)).num_operations() == n);
  }
  CHECK(gaus::build_graph(gaus::star(10)).outgoing(0).size() == 9);
  CHECK_THROWS_WITH_AS(gaus::chain(-1), "chain: operations = -1, at least 0 is needed",
                       gaus::InvalidInput);
}

TEST_CASE("random: butterfly") {
  auto const g = gaus::build_graph(gaus::butterfly(3));
  CHECK(g.num_operations() == 32);
  CHECK(g.num_dependences() == 48);
  // Every output depends on every input: walk back from each.
  for (int out = 24; out < 32; ++out) {
    std::set<int> level{out};
    for (int stage = 0; stage < 3; ++stage) {
      std::set<int> before;
      for (int const v : level)
        for (int k = 0; k < g.incoming(v).size(); ++k) before.insert(g.incoming(v)[k].operation);
      level = before;
    }
    CHECK(level.size() == 8);
    CHECK(*level.rbegin() == 7);
  }
  CHECK(g.demands(7).size() == 0);
  CHECK(g.demands(8).size() == 1);
  CHECK(gaus::build_graph(gaus::butterfly(0)).num_operations() == 1);
  CHECK_THROWS_AS(gaus::butterfly(23), gaus::InvalidInput);
}

TEST_CASE("random: filter") {
  for (int const taps : {1, 2, 7, 16}) {
    CAPTURE(taps);
    auto const description = gaus::fir_filter(taps);
    auto const g = gaus::build_graph(description);
    CHECK(g.num_operations() == 3 * taps - 1);
    int multiplications = 0;
    int additions = 0;
    for (int i = 0; i < g.num_operations(); ++i) {
      if (g.demands(i).size() == 0) continue;
      bool const mul = description.resources[at(g.demands(i)[0].resource)].name == "MUL";
      CHECK(g.latency(i) == (mul ? 2 : 1));
      CHECK(g.incoming(i).size() == (mul ? 1 : 2));
      ++(mul ? multiplications : additions);
    }
    CHECK(multiplications == taps);
    CHECK(additions == taps - 1);
    // A value of the delay line, a product, and a balanced tree.
    CHECK(critical_path(description) == 3 + static_cast<int>(std::ceil(std::log2(taps))));
    CHECK(critical_path(description, 1) >= 3);  // pipelines without a recurrence: any interval
  }
  CHECK(gaus::fir_filter(2).call(2) == "2 (mul0)");
  CHECK_THROWS_AS(gaus::fir_filter(0), gaus::InvalidInput);
}

TEST_CASE("random: layered workload") {
  gaus::LayeredWorkload const settings{.operations = 5000,
                                       .layers = 50,
                                       .dependences_per_operation = 2.5,
                                       .max_latency = 3,
                                       .max_occupancy = 2,
                                       .max_size = 4,
                                       .resources = 3,
                                       .max_units = 2,
                                       .seed = 7};
  auto const g = gaus::layered_workload(settings);
  gaus::check(g);
  CHECK(g.operations.size() == 5000);
  CHECK(g.resources.size() == 3);
  CHECK(g.demands.size() == 5000);
  std::set<int> latencies, occupancies;
  std::set<double> sizes, units;
  for (auto const& o : g.operations) {
    latencies.insert(o.latency);
    occupancies.insert(o.occupancy);
    sizes.insert(o.size);
  }
  for (auto const& d : g.demands) units.insert(d.units);
  CHECK(latencies == std::set<int>{1, 2, 3});
  CHECK(occupancies == std::set<int>{1, 2});
  CHECK(sizes == std::set<double>{1, 2, 3, 4});
  CHECK(units == std::set<double>{1, 2});
  double const ratio = static_cast<double>(g.dependences.size()) / 4900;
  CHECK(ratio > 2.3);  // a few of 2.5 repeat a producer
  CHECK(ratio <= 2.5);
  // The depth is the number of layers; some values have several consumers.
  CHECK(gaus::detail::forward_levels(g).depth == 49);
  std::vector<int> consumers(5000, 0);
  for (auto const& d : g.dependences) {
    CHECK(d.from < d.to);
    ++consumers[at(d.from)];
  }
  CHECK(*std::max_element(consumers.begin(), consumers.end()) >= 5);

  CHECK(fingerprint(g) == fingerprint(gaus::layered_workload(settings)));
  auto other = settings;
  other.seed = 8;
  CHECK(fingerprint(g) != fingerprint(gaus::layered_workload(other)));
}

TEST_CASE("random: layered workload, odd settings") {
  CHECK(gaus::layered_workload({.operations = 0}).operations.empty());
  CHECK(gaus::layered_workload({.operations = 3, .layers = 100}).dependences.size() >= 2);
  CHECK(gaus::layered_workload({.operations = 9, .layers = 1}).dependences.empty());
  CHECK(gaus::layered_workload({.operations = 9, .resources = 0}).demands.empty());
  gaus::check(
      gaus::layered_workload({.operations = 40, .layers = 20, .dependences_per_operation = 10}));
  CHECK_THROWS_WITH_AS(gaus::layered_workload({.layers = 0}),
                       "layered_workload: layers = 0, at least 1 is needed", gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::layered_workload({.max_latency = 0}), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::layered_workload({.dependences_per_operation = std::nan("")}),
                  gaus::InvalidInput);
}

TEST_CASE("random: recurrences") {
  auto g = gaus::layered_workload({.operations = 10000, .layers = 100, .seed = 3});
  auto const forward = g.dependences.size();
  auto const levels = gaus::detail::forward_levels(g);
  CHECK(gaus::add_recurrences(g, {.share = 0.01, .seed = 5}) == 100);
  CHECK(g.dependences.size() == forward + 100);
  gaus::check(g);
  std::vector<std::set<int>> row(10000);
  for (auto const& d : g.dependences)
    if (d.distance == 0) row[at(d.from)].insert(d.to);
  std::set<int> distances, entered;
  for (std::size_t k = forward; k < g.dependences.size(); ++k) {
    auto const& d = g.dependences[k];
    distances.insert(d.distance);
    entered.insert(d.to);
    CHECK(levels.level[at(d.to)] <= 0.6 * 99);
    // A forward walk of 1 to 8 dependences leads from its target to its source.
    std::set<int> reached{d.to};
    bool closes = false;
    for (int length = 1; length <= 8 && !closes; ++length) {
      std::set<int> next;
      for (int const v : reached) next.insert(row[at(v)].begin(), row[at(v)].end());
      closes = next.count(d.from) > 0;
      reached = next;
    }
    CHECK(closes);
  }
  CHECK(distances == std::set<int>{1, 2, 3, 4});
  CHECK(entered.size() == 100);
  // A second round, even with the same seed, finds other operations.
  CHECK(gaus::add_recurrences(g, {.share = 0.01, .seed = 5}) == 100);
  gaus::check(g);
  // A cycle is no longer than all layers with latency 3.
  CHECK(critical_path(g, 300) == critical_path(g));

  auto chain = gaus::chain(3);
  CHECK(gaus::add_recurrences(chain, {.share = 1, .max_length = 1}) == 2);
  CHECK(chain.dependences[2].from - chain.dependences[2].to == 1);
  gaus::GraphDescription none;
  CHECK(gaus::add_recurrences(none, {.share = 1}) == 0);
  CHECK_THROWS_AS(gaus::add_recurrences(none, {.share = 2}), gaus::InvalidInput);
  CHECK_THROWS_AS(gaus::add_recurrences(none, {.max_distance = 0}), gaus::InvalidInput);
}

// The numbers behind the benchmarks: they must not change, nor differ between platforms.
TEST_CASE("random: the same graphs everywhere") {
  gaus::detail::RandomBits bits(0);
  CHECK(bits() == 0xe220a8397b1dcdafu);  // SplitMix64, first two outputs for seed 0
  CHECK(bits() == 0x6e789e6aa1b965f4u);
}

}  // namespace
