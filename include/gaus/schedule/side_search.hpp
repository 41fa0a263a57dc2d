// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SIDE_SEARCH_HPP
#define GAUS_SCHEDULE_SIDE_SEARCH_HPP

#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/companion.hpp>
#include <gaus/schedule/refine.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace gaus::detail {

/// The local search in the companion's thread, with buffers of its own. What it finds is handed over
/// to the companion. Ends with go_on() or with the solve's clock.
template <Graph H>
class SideSearch {
 public:
  SideSearch(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
             CostModel const& model, StopCondition const& clock, std::uint64_t seed)
      : refiner_(problem, system, bounds, model), clock_(clock), seed_(seed) {
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      if (bounds.earliest[i] < bounds.latest[i]) ++mobile_;
  }

  /// One annealing of a schedule that lasts until a time of the clock.
  template <class KeepGoing>
  void anneal(std::vector<int> start, std::uint64_t seed, double until, Companion<H>& companion,
              KeepGoing const& go_on) {
    double const begin = clock_.seconds();
    double const value = refiner_.anneal_by(start, RefineOptions{.seed = seed}, [&] {
      double const now = clock_.seconds();
      return go_on() && !clock_.reached() && now < until ? (now - begin) / (until - begin) : 1.0;
    });
    companion.hand_over(start, value);
  }

  /// One annealing after another, each from the best schedule that the companion knows of.
  /// time_limit: of the solve, 0 for none.
  template <class KeepGoing>
  void search(double time_limit, Companion<H>& companion, KeepGoing const& go_on) {
    RandomBits random(seed_ + 0x5bd1e995);
    auto const on = [&] { return go_on() && !clock_.reached(); };
    double pace = 1e-6;
    while (on()) {
      auto start = companion.best();
      double moves = std::clamp(60.0 * mobile_ * (1 << 2 * random.below(3)), 1e5, 2e7);
      double const begin = clock_.seconds();
      if (time_limit > 0) moves = std::clamp((time_limit - begin) / pace, 1000.0, moves);
      double const value = refiner_.anneal(
          start, varied_refine_options(random(), static_cast<std::int64_t>(moves)), on);
      pace = std::max((clock_.seconds() - begin) / moves, 1e-9);
      companion.hand_over(start, value);
    }
  }

 private:
  Refiner<H> refiner_;
  StopCondition const& clock_;
  std::uint64_t seed_;
  int mobile_ = 0;
};

}  // namespace gaus::detail

#endif
