// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule/incumbent.hpp>
#include <gaus/schedule/local_search.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cstdint>
#include <type_traits>
#include <vector>

using namespace gaus_test;

TEST_CASE("local search: every way offers legal schedules; merges are at least as good") {
  auto const objective = 7.0 * gaus::PeakUsage{} + gaus::Communication{};
  gaus::Constraints<> const none;
  for (unsigned seed = 1; seed <= 4; ++seed)
    for (bool const whole : {true, false}) {
      CAPTURE(seed);
      CAPTURE(whole);
      Random random(seed);
      auto const c = random_case(40, 12, seed);
      gaus::StopCondition const clock(0);
      using Best = gaus::detail::Incumbent<gaus::HostGraph, std::decay_t<decltype(objective)>,
                                           gaus::Constraints<>>;
      Best incumbent(c.problem, objective, none, clock);
      std::int64_t const iterations = 3;
      gaus::detail::LocalSearch<gaus::HostGraph, Best> search(
          c.problem, c.system, c.bounds, incumbent, whole, iterations, clock, seed);
      CHECK(search.anneals() == whole);
      CHECK(search.usual_moves(1) == 100000);
      CHECK(search.affordable(12345) == 12345);  // there is no limit
      incumbent.offer(c.bounds.earliest, 0);
      double const first = incumbent.value();
      for (int k = 0; k < 5; ++k) {
        auto const start = random_schedule(c, random);
        double const value = search.refine(start, 500, seed + static_cast<unsigned>(k));
        CHECK(value <= incumbent.value_of(start));
        CHECK(incumbent.value() <= value);
        CHECK(legal(c, incumbent.best()));
      }
      CHECK(search.elites().size() == (whole ? 5 : 0));
      double const refined = incumbent.value();
      CHECK(refined <= first);
      search.merge(3, 3000, [] { return false; });
      CHECK(incumbent.value() <= refined);
      CHECK(legal(c, incumbent.best()));
      // Three rounds without progress leave the best one alone.
      for (int k = 0; k < 60 && search.elites().size() > 1; ++k)
        search.merge(3, 1000, [] { return false; });
      CHECK(search.elites().size() == (whole ? 1 : 0));
      CHECK(incumbent.iteration() <= 3);
    }
}
