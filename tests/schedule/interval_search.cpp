// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/interval_search.hpp>

#include <gaus/constraint/resource_limit.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/io/graphml.hpp>
#include <gaus/schedule/verify.hpp>
#include <support/loops.hpp>
#include <support/reading.hpp>
#include <doctest/doctest.h>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using gaus_test::at;
using gaus_test::legal_loop;
using Vector = std::vector<int>;

/// Three operations of one unit in a recurrence: latencies 1, tied to each other.
gaus::GraphDescription tight_ring() {
  gaus::GraphDescription g;
  int const port = g.add_resource("port", 1);
  g.add_operation({.latency = 1}, "load");
  g.add_operation({.latency = 1}, "left");
  g.add_operation({.latency = 1}, "right");
  g.add_operation({.latency = 1}, "store");
  for (auto const& [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}})
    g.add_dependence(from, to);
  g.add_dependence({.from = 3, .to = 0, .distance = 1});
  g.add_demand(1, port);
  g.add_demand(2, port);
  return g;
}

}  // namespace

TEST_CASE("interval search: MII without a schedule, and the proof") {
  // Both sides of the ring must start one step after load at II 3, on one port.
  auto const g = tight_ring();
  auto const r = gaus::interval_search(g);
  REQUIRE(r.found);
  CHECK(r.minimum.interval == 3);
  CHECK(r.interval == 4);
  CHECK(r.proven);
  CHECK(r.open == 0);
  CHECK(r.length == 4);
  CHECK(legal_loop(g, 4, r.start));
  CHECK(r.text.starts_with("II 4 is minimal: an exhaustive search refutes 3. At 3 "));
  CHECK(r.text.find("resource port was most often in conflict") != std::string::npos);
  CHECK(r.text.find("0 (load)") != std::string::npos);
}

TEST_CASE("interval search: at MII the reason is MII's") {
  gaus::GraphDescription g;
  g.add_resource("port", 1);
  for (int i = 0; i < 5; ++i) {
    g.add_operation({.latency = 2});
    g.add_demand(i, 0);
  }
  auto const r = gaus::interval_search(g);
  REQUIRE(r.found);
  CHECK(r.interval == 5);
  CHECK(r.proven);
  CHECK(r.text.starts_with("II 5 is minimal, it equals MII. MII 5, set by resources. ResMII 5: "));
  CHECK(r.length == 6);  // five starts in a row, the last one takes two steps
}

TEST_CASE("interval search: no operation, one, and one that waits for itself") {
  gaus::GraphDescription g;
  auto r = gaus::interval_search(g);
  CHECK(r.found);
  CHECK(r.interval == 1);
  CHECK(r.proven);
  CHECK(r.start.empty());
  g.add_operation({.latency = 3});
  r = gaus::interval_search(g);
  CHECK(r.interval == 1);
  CHECK(r.start == Vector{0});
  CHECK(r.length == 3);
  g.add_dependence({.from = 0, .to = 0, .distance = 2});
  r = gaus::interval_search(g);
  CHECK(r.interval == 2);
  CHECK(r.proven);
  // Busy for longer than the interval: seven steps on three units.
  g.operations[0].occupancy = 7;
  g.add_resource("unit", 3);
  g.add_demand(0, 0);
  r = gaus::interval_search(g);
  CHECK(r.interval == 3);
  CHECK(r.proven);
  CHECK(legal_loop(g, 3, r.start));
}

TEST_CASE("interval search: what no interval helps") {
  gaus::GraphDescription g;
  g.add_resource("unit", 1);
  g.add_operation({.latency = 1});
  g.add_demand(0, 0, 2);
  CHECK_THROWS_AS(gaus::interval_search(g), gaus::Infeasible);
  // Two operations at the same step, by maximum distances, and one unit.
  g.demands[0].units = 1;
  g.add_operation({.latency = 0});
  g.operations[0].latency = 0;
  g.add_demand(1, 0);
  g.add_dependence({.from = 0, .to = 1});
  g.add_dependence({.from = 1, .to = 0, .delay = 0});
  CHECK_THROWS_AS(gaus::interval_search(g), gaus::InvalidInput);  // a cycle that orders
  g.operations[0].latency = g.operations[1].latency = 1;
  g.dependences[0].delay = g.dependences[1].delay = -1;
  auto const r = gaus::interval_search(g, {.time_limit = 5, .max_interval = 6});
  CHECK_FALSE(r.found);
  CHECK_FALSE(r.proven);
  CHECK(r.text.starts_with("No schedule was found at intervals from MII 2 on"));
  CHECK(r.seconds < 4);
  CHECK(r.text.find("refuted: 2..6") != std::string::npos);
  // Without limits it ends where iterations no longer meet: at MII 2 and four steps.
  auto const endless = gaus::interval_search(g, {.time_limit = 0});
  CHECK_FALSE(endless.found);
  CHECK(endless.seconds < 4);
  CHECK_THROWS_AS(gaus::interval_search(gaus::build_graph(g), {1.0, 1.0}), gaus::InvalidInput);
}

TEST_CASE("interval search: the least interval of all slots on random loops") {
  int above = 0;
  int kind = 0;
  for (auto const& settings : gaus_test::loop_kinds()) {
    ++kind;
    for (unsigned seed = 1; seed <= 150; ++seed) {
      CAPTURE(kind);
      CAPTURE(seed);
      auto const g = gaus_test::random_loop(settings, seed);
      std::optional<int> mii;
      try {
        mii = gaus::initiation_interval(g).interval;
      } catch (std::runtime_error const&) {
      }
      if (!mii || *mii > 6) continue;
      auto const r = gaus::interval_search(g, {.time_limit = 2, .max_interval = 7});
      int least = *mii;
      while (least <= 7 && !gaus_test::loop_is_feasible(g, least)) ++least;
      CHECK(r.found == (least <= 7));
      if (!r.found) continue;
      CHECK(r.interval == least);
      CHECK(r.proven);
      CHECK(legal_loop(g, r.interval, r.start));
      CHECK(*std::min_element(r.start.begin(), r.start.end()) == 0);
      int length = 0;
      for (std::size_t i = 0; i < r.start.size(); ++i)
        length = std::max(
            length, r.start[i] + std::max(g.operations[i].latency, g.operations[i].occupancy));
      CHECK(r.length == length);
      above += least > *mii ? 1 : 0;
    }
  }
  CHECK(above > 10);  // MII alone does not answer
}

TEST_CASE("interval search: never above the classical schedulers, and repeatable") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    auto g = gaus::layered_workload({.operations = 60, .layers = 8, .resources = 3, .seed = seed});
    gaus::add_recurrences(g, {.share = 0.15, .seed = seed});
    for (auto& r : g.resources) r.limit = 2 + seed % 3;
    auto const graph = gaus::build_graph(g);
    auto const limits = g.limits();
    auto const r = gaus::interval_search(g, {.time_limit = 1});
    REQUIRE(r.found);
    CHECK(legal_loop(g, r.interval, r.start));
    for (int k = r.minimum.interval; k < r.interval; ++k) {
      CHECK_FALSE(gaus::iterative_modulo(graph, limits, k));
      CHECK_FALSE(gaus::swing_modulo(graph, limits, k));
    }
    if (r.seconds > 0.5) continue;
    auto const again = gaus::interval_search(g, {.time_limit = 1});
    CHECK(again.interval == r.interval);
  }
}

TEST_CASE("interval search: limits of time and a request to stop") {
  auto g = gaus::layered_workload({.operations = 2000, .layers = 40, .resources = 3, .seed = 5});
  gaus::add_recurrences(g, {.share = 0.05, .seed = 5});
  for (auto& r : g.resources) r.limit = 4;
  std::atomic<bool> stop{true};
  auto const r = gaus::interval_search(g, {.stop = &stop});
  CHECK(r.seconds < 20);  // far less, but sanitizers take their time
  CHECK((!r.found || legal_loop(g, r.interval, r.start)));
  auto const whole = gaus::interval_search(g, {.time_limit = 2});
  CHECK(whole.seconds < 30);
  REQUIRE(whole.found);
  CHECK(legal_loop(g, whole.interval, whole.start));
}

TEST_CASE("interval search: real loops against the best known intervals") {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder == nullptr) return;
  std::ifstream list(std::filesystem::path(folder) / "known_values.csv");
  int loops = 0;
  int equal = 0;
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    std::string file, objective, best, bound, optimal;
    for (auto* field : {&file, &objective, &best, &bound, &optimal})
      std::getline(fields, *field, ',');
    if (!file.starts_with("modulo/") || best.find('/') != std::string::npos) continue;
    auto const path = std::filesystem::path(folder) / file;
    if (path.extension() != ".graphml" || !std::filesystem::exists(path)) continue;
    CAPTURE(file);
    auto const g = gaus::read_graphml(path);
    bool const closed = optimal == "yes";
    auto const r = gaus::interval_search(g, {.time_limit = closed ? 5.0 : 20.0});
    ++loops;
    REQUIRE(r.found);
    CHECK(legal_loop(g, r.interval, r.start));
    CHECK(r.interval <= std::stoi(best));
    CHECK(r.interval >= std::stoi(bound));
    if (closed) CHECK(r.proven);
    equal += r.interval == std::stoi(best) ? 1 : 0;
  }
  MESSAGE(loops << " loops, " << equal << " at the best known interval, the others below");
}
