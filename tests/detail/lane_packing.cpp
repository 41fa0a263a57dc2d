// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/lane_packing.hpp>

#include <support/problems.hpp>

#include <map>
#include <utility>
#include <vector>

namespace {

using namespace gaus_test;

struct Busy {
  int start;
  int occupancy;
  double units = 1;
};

gaus::ReservationTable table_of(std::vector<Busy> const& all, int steps, int interval) {
  gaus::GraphDescription g;
  g.add_resource("R");
  std::vector<int> s;
  for (auto const& b : all) {
    int const i = g.add_operation({.latency = 1, .occupancy = b.occupancy});
    g.add_demand(i, 0, b.units);
    s.push_back(b.start);
  }
  gaus::Problem<gaus::HostGraph> problem;
  problem.graph = gaus::build_graph(g);
  problem.steps = steps;
  problem.initiation_interval = interval;
  return gaus::reservation_table(problem, s);
}

/// No unit serves two at once, and every operation has as many units in every slot as it takes.
void check_packing(gaus::ReservationTable const& table, gaus::detail::LanePacking const& packing) {
  std::map<std::pair<int, int>, int> served;  // lane, slot
  std::map<std::pair<int, int>, int> units;   // operation, slot
  for (auto const& arc : packing.arcs()) {
    CHECK(arc.lane >= 0);
    CHECK(arc.lane < packing.lanes());
    for (int u = 0; u < arc.length; ++u) {
      int const slot = (arc.first + u) % table.slots;
      CHECK(++served[{arc.lane, slot}] == 1);
      ++units[{arc.operation, slot}];
    }
  }
  for (int t = 0; t < table.slots; ++t)
    for (auto const& entry : table.busy(0, t)) {
      auto const key = std::pair(entry.operation, t);
      CHECK(units[key] == static_cast<int>(entry.in_use()));
      units.erase(key);
    }
  CHECK(units.empty());
}

}  // namespace

TEST_CASE("lane packing: worked by hand") {
  // Around the end of the table and back into its own lane's gap.
  auto const table = table_of({{0, 2}, {2, 2}, {4, 2}, {5, 3}}, 8, 6);
  gaus::detail::LanePacking const packing(table, 0);
  CHECK(packing.lanes() == 2);
  check_packing(table, packing);
  // Two units for seven steps on three slots: twice around and one step more.
  auto const long_one = table_of({{4, 7, 2}}, 20, 3);
  gaus::detail::LanePacking const around(long_one, 0);
  CHECK(around.lanes() == 6);
  CHECK(around.arcs().size() == 6);
  check_packing(long_one, around);
  // Three arcs, each two thirds of the circle: two units in use, three lanes, whatever one does.
  auto const circle = table_of({{0, 2}, {1, 2}, {2, 2}}, 8, 3);
  CHECK(circle.peak(0) == 2);
  CHECK(gaus::detail::LanePacking(circle, 0).lanes() == 3);
}

TEST_CASE("lane packing: what has no lanes") {
  auto const nothing = table_of({}, 4, 2);
  CHECK(gaus::detail::LanePacking(nothing, 0).lanes() == 0);
  auto const fraction = table_of({{0, 1, 0.5}}, 4, 2);
  CHECK(gaus::detail::LanePacking(fraction, 0).lanes() == 0);
  CHECK(gaus::detail::LanePacking(fraction, 0).arcs().empty());
}

TEST_CASE("lane packing: random tables, as few lanes as units in a plain schedule") {
  Random random(7);
  for (int round = 0; round < 200; ++round) {
    int const interval = round % 4 == 0 ? 0 : 1 + random.below(9);
    std::vector<Busy> all;
    for (int k = random.below(12); k >= 0; --k)
      all.push_back({random.below(15), 1 + random.below(12), 1.0 + random.below(3)});
    auto const table = table_of(all, 40, interval);
    gaus::detail::LanePacking const packing(table, 0);
    check_packing(table, packing);
    CHECK(packing.lanes() >= table.peak(0));
    // Left edge is exact on a line, and below twice the peak on a circle.
    if (interval == 0)
      CHECK(packing.lanes() == table.peak(0));
    else
      CHECK(packing.lanes() < 2 * table.peak(0) + 1);
  }
}
