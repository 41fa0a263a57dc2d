// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SIDE_SEARCH_HPP
#define GAUS_SCHEDULE_SIDE_SEARCH_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/companion.hpp>
#include <gaus/schedule/elite_pool.hpp>
#include <gaus/schedule/refine.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// Merges some of the elites (schedule/elite_pool.hpp) by one annealing of so many moves; margin is
/// drawn. Nothing when there are fewer than so many. The outcome goes into the pool and to found(start, value).
/// True when it is better than one of its parents.
template <Graph H>
std::optional<bool> merge_elites(Refiner<H>& refiner, ElitePool& elites, int fewest,
                                 StepBounds const& bounds, std::int64_t moves, RandomBits& random,
                                 KeepGoing keep_going,
                                 FunctionRef<void(std::vector<int> const&, double)> found) {
  auto const merge = elites.parents(fewest, bounds, random.below(2), random);
  if (!merge) return std::nullopt;
  auto settings = varied_refine_options(random(), moves);
  settings.heat_first = 0.1 + 0.2 * random.unit();
  auto start = merge->start;
  refiner.confine(merge->box);
  double const value = refiner.anneal(start, settings, keep_going);
  refiner.confine(bounds);
  found(start, value);
  return elites.replace(*merge, start, value);
}

/// The local search in the companion's thread, with buffers of its own. What it finds is handed over
/// to the companion. Ends with go_on() or with the solve's clock.
template <Graph H, class CompanionOfSolve = Companion<H>>
class SideSearch {
 public:
  SideSearch(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
             CostModel const& model, ElitePool& elites, StopCondition const& clock,
             std::uint64_t seed, std::vector<std::optional<double>> const& limits = {})
      : bounds_(bounds),
        refiner_(problem, system, bounds, model, limits),
        elites_(elites),
        clock_(clock),
        seed_(seed) {
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      if (bounds.earliest[i] < bounds.latest[i]) ++mobile_;
  }

  /// One annealing of a schedule that lasts until a time of the clock.
  void anneal(std::vector<int> start, std::uint64_t seed, double until, CompanionOfSolve& companion,
              KeepGoing go_on) {
    double const begin = clock_.seconds();
    double const value = refiner_.anneal_by(start, RefineOptions{.seed = seed}, [&] {
      double const now = clock_.seconds();
      return go_on() && !clock_.reached() && now < until ? (now - begin) / (until - begin) : 1.0;
    });
    if (go_on() && std::isfinite(value)) elites_.add(start, value);  // it has cooled down
    companion.hand_over(start, value);
  }

  /// One annealing after another, most of them to merge elites, the others from the best schedule
  /// that the companion knows of. time_limit: of the solve, 0 for none; pace: seconds a move.
  void search(double time_limit, double pace, CompanionOfSolve& companion, KeepGoing go_on) {
    RandomBits random(seed_ + 0x5bd1e995);
    auto const on = [&] { return go_on() && !clock_.reached(); };
    while (on()) {
      // From short to long ones; on small graphs there is time for very long ones.
      int const scale = 1 << 2 * random.below(mobile_ < 2000 ? 5 : 3);
      double moves = std::clamp(60.0 * mobile_, 3e4, 2e7);
      moves = std::clamp(scale * moves, 1e5, 2e7);
      double const begin = clock_.seconds();
      if (time_limit > 0) moves = std::clamp((time_limit - begin) / pace, 1000.0, moves);
      auto const count = static_cast<std::int64_t>(moves);
      bool const merges = random.below(4) != 0;
      refiner_.cap_by(companion.best());
      if (!merges || !merge_elites(refiner_, elites_, 3, bounds_, count, random, on,
                                   [&](auto const& start, double value) {
                                     companion.hand_over(start, value);
                                   })) {
        auto start = companion.best();
        double const value = refiner_.anneal(start, varied_refine_options(random(), count), on);
        companion.hand_over(start, value);
      }
      // A box with nothing to move in it says nothing of the pace.
      pace = std::max((clock_.seconds() - begin) / moves, 0.5 * pace);
    }
  }

 private:
  StepBounds const& bounds_;
  Refiner<H> refiner_;
  ElitePool& elites_;
  StopCondition const& clock_;
  std::uint64_t seed_;
  int mobile_ = 0;
};

}  // namespace gaus::detail

#endif
