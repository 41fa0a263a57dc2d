// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/schedule/reservation.hpp>

#include <support/hand.hpp>
#include <support/policies.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

namespace {

using namespace gaus_test;
using Limits = std::vector<std::optional<double>>;
/// operation, units, times, starts
using Entry = std::tuple<int, double, int, bool>;

auto host(TestProblem const& p) { return make_problem<Kokkos::HostSpace>(p); }

std::vector<Entry> busy(gaus::ReservationTable const& table, int resource, int slot) {
  std::vector<Entry> all;
  for (auto const& e : table.busy(resource, slot))
    all.emplace_back(e.operation, e.units, e.times, e.starts);
  return all;
}

std::vector<int> random_steps(TestProblem const& p, Random& random) {
  std::vector<int> s;
  for (int i = 0; i < p.operations(); ++i)
    s.push_back(p.earliest[at(i)] + random.below(p.latest[at(i)] - p.earliest[at(i)] + 1));
  return s;
}

}  // namespace

TEST_CASE("reservation: worked by hand") {
  std::vector<int> const s{1, 2, 4};
  auto const plain = gaus::reservation_table(host(usage_by_hand()), s, Limits{3.0, {}});
  CHECK(plain.classes == 2);
  CHECK(plain.slots == 8);
  CHECK(plain.interval == 0);
  CHECK(busy(plain, 0, 0).empty());
  CHECK(busy(plain, 0, 1) == std::vector<Entry>{{0, 1.5, 1, true}});
  CHECK(busy(plain, 0, 2) == std::vector<Entry>{{0, 1.5, 1, false}, {1, 2, 1, true}});
  CHECK(busy(plain, 1, 4) == std::vector<Entry>{{1, 1, 1, false}});
  CHECK(plain.peak(0) == 3.5);
  CHECK(plain.exceeds(0, 2));
  CHECK_FALSE(plain.exceeds(0, 1));
  CHECK_FALSE(plain.exceeds(1, 2));  // unlimited

  auto const folded = gaus::reservation_table(host(usage_by_hand(3)), s);
  CHECK(folded.slots == 3);
  CHECK(folded.interval == 3);
  CHECK(folded.limits == Limits{{}, {}});
  CHECK(busy(folded, 0, 0) == std::vector<Entry>{{1, 2, 1, false}});
  CHECK(busy(folded, 0, 1) == std::vector<Entry>{{0, 1.5, 1, true}, {1, 2, 1, false}});
  CHECK(busy(folded, 0, 2) == std::vector<Entry>{{0, 1.5, 1, false}, {1, 2, 1, true}});

  // Three steps on two slots: two iterations at once in the first of them.
  auto const twice = gaus::reservation_table(host(usage_by_hand(2)), s);
  CHECK(busy(twice, 0, 0) == std::vector<Entry>{{0, 1.5, 1, false}, {1, 2, 2, true}});
  CHECK(busy(twice, 0, 1) == std::vector<Entry>{{0, 1.5, 1, true}, {1, 2, 1, false}});
  CHECK(twice.busy(0, 0)[1].in_use() == 4);
  auto const once = gaus::reservation_table(host(usage_by_hand(1)), s);
  CHECK(busy(once, 0, 0) == std::vector<Entry>{{0, 1.5, 2, true}, {1, 2, 3, true}});
}

TEST_CASE("reservation: every cell adds up to the usage, and exceeds where a violation is") {
  Random random(4);
  for (auto const& p : many_problems()) {
    auto const problem = host(p);
    auto const s = random_steps(p, random);
    auto const expected = discrete_usage(p, s);
    auto const costs = gaus::exact_costs(problem, s);
    Limits limits;
    for (double const peak : costs.usage_of)
      limits.push_back(random.below(3) == 0 ? std::optional<double>{} : peak * random.unit());
    auto const table = gaus::reservation_table(problem, s, limits);
    REQUIRE(table.slots == slots(p));
    bool above = false;
    for (int r = 0; r < table.classes; ++r)
      for (int t = 0; t < table.slots; ++t) {
        double sum = 0;
        int before = -1;
        for (auto const& entry : table.busy(r, t)) {
          sum += entry.in_use();
          CHECK(entry.operation > before);
          before = entry.operation;
          bool const here = p.interval > 0 ? (s[at(entry.operation)] - t) % p.interval == 0
                                           : s[at(entry.operation)] == t;
          CHECK(entry.starts == here);
        }
        auto const own = static_cast<double>(expected[at(r) * at(table.slots) + at(t)]);
        CHECK(sum == doctest::Approx(own));
        CHECK(table.used(r, t) == doctest::Approx(own));
        above = above || table.exceeds(r, t);
      }
    CHECK(above == !gaus::resource_violations(problem, s, limits).empty());
  }
}

TEST_CASE("reservation: steps before 0 and beyond the end") {
  auto const p = usage_by_hand();
  auto const plain = gaus::reservation_table(host(p), std::vector<int>{-1, 9, 0});
  CHECK(plain.slots == 12);
  CHECK(busy(plain, 0, 0) == std::vector<Entry>{{0, 1.5, 1, false}});
  CHECK(busy(plain, 0, 11) == std::vector<Entry>{{1, 2, 1, false}});
  auto const folded = gaus::reservation_table(host(usage_by_hand(5)), std::vector<int>{-1, 9, 0});
  CHECK(busy(folded, 0, 4) == std::vector<Entry>{{0, 1.5, 1, true}, {1, 2, 1, true}});
  CHECK(busy(folded, 0, 0) == std::vector<Entry>{{0, 1.5, 1, false}, {1, 2, 1, false}});
}

TEST_CASE("reservation: nothing, and what cannot be") {
  TestProblem none;
  none.graph.add_resource("idle", 0);
  auto const table = gaus::reservation_table(host(none), std::vector<int>{}, Limits{0.0});
  CHECK(table.slots == 0);
  CHECK(table.entries.empty());
  CHECK(table.peak(0) == 0);
  auto const p = usage_by_hand(4);
  CHECK_THROWS_AS(gaus::reservation_table(host(p), std::vector<int>{1, 2}), gaus::InvalidInput);
  CHECK_THROWS_WITH_AS(gaus::reservation_table(host(p), std::vector<int>{1, 2, 4}, Limits{1.0}),
                       "1 resource limits are given, the graph has 2 resource classes",
                       gaus::InvalidInput);
  TestProblem large;
  large.steps = large.interval = 1 << 26;
  for (int r = 0; r < 3; ++r) large.graph.add_resource("R" + std::to_string(r));
  for (int i = 0; i < 3; ++i) {
    large.graph.add_operation({.occupancy = 1 << 26});
    large.graph.add_demand(i, i);
  }
  auto const graph = gaus::build_graph(large.graph);
  gaus::Problem<gaus::HostGraph> problem;
  problem.graph = graph;
  problem.steps = problem.initiation_interval = 1 << 26;
  CHECK_THROWS_AS(gaus::reservation_table(problem, std::vector<int>{0, 0, 0}), gaus::InvalidInput);
}
