// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/side_search.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <atomic>
#include <vector>

using namespace gaus_test;

namespace {

gaus::CostModel peak_and_communication() {
  gaus::CostModel model;
  model.usage = 7;
  model.communication = 1;
  return model;
}

double value_of(Case const& c, std::vector<int> const& s) {
  auto const costs = plain_costs(c, s);
  return 7 * costs.usage + costs.communication;
}

}  // namespace

TEST_CASE("side search: what it hands over is legal and better than what it had") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto const c = random_case(40, 12, seed);
    auto const model = peak_and_communication();
    gaus::detail::Companion<gaus::HostGraph> companion(c.problem, c.system, c.bounds, model);
    gaus::StopCondition const clock(0);
    gaus::detail::ElitePool elites;
    gaus::detail::SideSearch<gaus::HostGraph> side(c.problem, c.system, c.bounds, model, elites,
                                                   clock, seed);
    double const first = value_of(c, c.bounds.earliest);
    companion.offer(c.bounds.earliest, first);
    side.anneal(c.bounds.earliest, seed, clock.seconds() + 0.02, companion, [] { return true; });
    CHECK(elites.size() == 1);
    elites.add(c.bounds.earliest, first);
    elites.add(c.bounds.latest, value_of(c, c.bounds.latest));
    auto const annealed = companion.take_found();
    REQUIRE(legal(c, annealed));
    CHECK(value_of(c, annealed) < first);
    CHECK(companion.best() == annealed);
    int asked = 0;
    side.search(0, 1e-6, companion, [&] { return ++asked < 300; });
    auto const searched = companion.take_found();  // empty where the annealing was best
    if (!searched.empty()) REQUIRE(legal(c, searched));
    CHECK(value_of(c, companion.best()) <= value_of(c, annealed));
  }
}

TEST_CASE("side search: ends at once when it is told to, or when the time of the solve is over") {
  auto const c = random_case(20, 8, 3);
  auto const model = peak_and_communication();
  gaus::detail::Companion<gaus::HostGraph> companion(c.problem, c.system, c.bounds, model);
  std::atomic<bool> const stop{true};
  gaus::StopCondition const stopped(0, &stop);
  gaus::detail::ElitePool elites;
  gaus::detail::SideSearch<gaus::HostGraph> side(c.problem, c.system, c.bounds, model, elites,
                                                 stopped, 1);
  companion.offer(c.bounds.earliest, 1e9);
  side.anneal(c.bounds.earliest, 1, 1e9, companion, [] { return true; });
  CHECK(companion.take_found() == c.bounds.earliest);  // nothing was tried
  side.search(0, 1e-6, companion, [] { return true; });
  CHECK(companion.take_found().empty());
}
