// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/schedule/incumbent.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <span>
#include <vector>

using namespace gaus_test;

namespace {

/// An objective that the discrete search does not know: the sum of squared start steps.
struct Squares {
  static constexpr char const* name = "squares";
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, int,
                                              gaus::StartStep<Real> const& s) const {
    return {s.mean * s.mean + s.spread * s.spread, 2 * s.mean, 2 * s.spread};
  }
  template <class G>
  double exact(gaus::Problem<G> const&, int, int start) const {
    return static_cast<double>(start) * start;
  }
};

template <class Objective, class... Policies>
auto make_incumbent(Case const& c, Objective const& objective,
                    gaus::Constraints<Policies...> const& constraints,
                    gaus::StopCondition const& clock) {
  return gaus::detail::Incumbent<gaus::HostGraph, Objective, gaus::Constraints<Policies...>>(
      c.problem, objective, constraints, clock);
}

}  // namespace

TEST_CASE("incumbent: keeps the best, its iteration and the improvements in order") {
  auto const c = random_case(6, 6, 1);
  gaus::Makespan const objective;
  gaus::Constraints<> const none;
  gaus::StopCondition const clock(0);
  auto incumbent = make_incumbent(c, objective, none, clock);
  auto middle = c.bounds.earliest;
  for (std::size_t i = 0; i < middle.size(); ++i) middle[i] += 2;
  CHECK(incumbent.offer(c.bounds.latest, 3) == c.steps);
  CHECK(incumbent.offer(middle, 5) == c.steps - 4);
  CHECK(incumbent.offer(c.bounds.latest, 6) == c.steps);  // worse: not taken
  CHECK(incumbent.offer(middle, 7) == c.steps - 4);       // equal: not taken
  CHECK(incumbent.best() == middle);
  CHECK(incumbent.value() == c.steps - 4);
  CHECK(incumbent.iteration() == 5);
  CHECK(incumbent.feasible());
  REQUIRE(incumbent.trace().size() == 2);
  CHECK(incumbent.trace()[0].value == c.steps);
  CHECK(incumbent.trace()[0].iteration == 3);
  CHECK(incumbent.trace()[1].iteration == 5);
}

TEST_CASE("incumbent: the value is the objective's own, described or not") {
  Random random(3);
  for (unsigned seed = 1; seed <= 6; ++seed) {
    auto const c = random_case(20, 6, seed);
    gaus::Constraints<> const none;
    gaus::StopCondition const clock(0);
    auto const start = random_schedule(c, random);
    auto const plain = plain_costs(c, start);
    auto const known = 100.0 * gaus::PeakUsage{} + 2.0 * gaus::PeakUsage{.resource = 1} +
                       3.0 * gaus::MemoryFootprint{} + 0.5 * gaus::TotalLifetime{} +
                       gaus::Communication{} + 4.0 * gaus::Makespan{};
    auto const incumbent = make_incumbent(c, known, none, clock);
    CHECK(incumbent.model().complete);
    CHECK(incumbent.value_of(start) ==
          doctest::Approx(100 * plain.usage + 2 * plain.usage_of[1] + 3 * plain.memory +
                          0.5 * plain.lifetime + plain.communication + 4 * plain.makespan));

    auto const unknown = 1.0 * gaus::PerOperation{Squares{}} + 2.0 * gaus::MemoryFootprint{};
    auto const other = make_incumbent(c, unknown, none, clock);
    CHECK_FALSE(other.model().complete);
    double squares = 0;
    for (int const s : start) squares += static_cast<double>(s) * s;
    CHECK(other.value_of(start) == doctest::Approx(squares + 2 * plain.memory));
  }
}

TEST_CASE("incumbent: what violates a constraint ranks after all that violates none") {
  gaus::GraphDescription g;
  for (int i = 0; i < 2; ++i) g.add_operation({});
  auto const c = make_case(g, 9);
  auto const objective = gaus::PerOperation{Squares{}};
  gaus::Constraints const constraints(gaus::Deadline{.step = 6, .operation = 0});
  gaus::StopCondition const clock(0);
  auto incumbent = make_incumbent(c, objective, constraints, clock);
  CHECK(std::isinf(incumbent.offer({8, 0}, 1)));  // excess 3, value 64
  CHECK_FALSE(incumbent.feasible());
  CHECK(std::isinf(incumbent.offer({7, 9}, 2)));  // excess 2 at a higher value
  CHECK(incumbent.best() == std::vector<int>{7, 9});
  CHECK(incumbent.offer({5, 9}, 3) == 106);  // feasible
  CHECK(incumbent.feasible());
  CHECK(std::isinf(incumbent.offer({9, 0}, 4)));  // cheaper, but too late
  CHECK(incumbent.best() == std::vector<int>{5, 9});
  CHECK(incumbent.excess_of(std::vector<int>{9, 0}) == 4);
}
