// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LOCAL_SEARCH_HPP
#define GAUS_SCHEDULE_LOCAL_SEARCH_HPP

#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/elite_pool.hpp>
#include <gaus/schedule/polish.hpp>
#include <gaus/schedule/refine.hpp>
#include <gaus/schedule/side_search.hpp>
#include <gaus/schedule/unit_counts.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// The discrete side of a solve: betters legal schedules, offers what it finds to the incumbent, and
/// keeps elites to merge. Where only their policies can evaluate the objective and the constraints,
/// a plain random descent takes the place of annealing.
template <Graph H, class BestSchedule>
class LocalSearch {
 public:
  /// iterations: of the relaxation, at the moment of an offer. model_is_whole: it stands for the
  /// objective, and all constraints are kept by construction. limits: of the resource classes.
  LocalSearch(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
              BestSchedule& incumbent, bool model_is_whole, std::int64_t const& iterations,
              StopCondition const& clock, std::uint64_t seed,
              std::vector<std::optional<double>> const& limits = {})
      : problem_(problem),
        system_(system),
        bounds_(bounds),
        incumbent_(incumbent),
        iterations_(iterations),
        clock_(clock),
        random_(seed + 77) {
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i) {
      if (bounds.earliest[i] < bounds.latest[i]) ++mobile_;
      mobility_ += bounds.latest[i] - bounds.earliest[i];
    }
    if (model_is_whole) refiner_.emplace(problem, system, bounds, incumbent.model(), limits);
    allocates_ =
        model_is_whole && limits.empty() && !problem.pipelined() && counts_units(incumbent.model());
  }

  [[nodiscard]] bool anneals() const { return refiner_.has_value(); }
  [[nodiscard]] int mobile() const { return mobile_; }
  /// Steps that operations may move by, over all of them.
  [[nodiscard]] double mobility() const { return mobility_; }
  [[nodiscard]] ElitePool& elites() { return elites_; }
  [[nodiscard]] double seconds_a_move() const { return seconds_a_move_; }
  [[nodiscard]] double seconds() const { return seconds_; }  ///< spent here

  /// Moves that suit the graph, times effort.
  [[nodiscard]] std::int64_t usual_moves(double effort) const {
    double const moves = std::clamp(60.0 * mobile_, 1e5, 2e7);
    return static_cast<std::int64_t>(std::min(effort * moves, std::max(moves, 1e7)));
  }
  /// The same, or what there is time for.
  [[nodiscard]] std::int64_t affordable(std::int64_t moves) const {
    if (clock_.limit() <= 0) return moves;
    double const most = (clock_.limit() - clock_.seconds()) / seconds_a_move_;
    return most < static_cast<double>(moves) ? static_cast<std::int64_t>(std::max(1000.0, most))
                                             : moves;
  }

  /// Each of these betters a copy of a legal schedule; the value.
  double refine(std::vector<int> const& start, std::int64_t moves, std::uint64_t seed) {
    if (refiner_) return anneal(start, varied_refine_options(seed, moves));
    return improve(start, [&](std::vector<int>& trial) { polish_some(trial, seed); });
  }
  double anneal(std::vector<int> const& start, RefineOptions settings) {
    double const begin = clock_.seconds();
    settings.moves = affordable(settings.moves);
    if (settings.cap) refiner_->cap_by(incumbent_.best());
    double const value = improve(start, [&](std::vector<int>& trial) {
      refiner_->anneal(trial, settings, [&] { return !clock_.reached(); });
    });
    seconds_a_move_ =
        std::max((clock_.seconds() - begin) / static_cast<double>(settings.moves), 1e-9);
    return value;
  }

  /// Where only numbers of units count: schedules under limits of ever fewer (schedule/unit_counts.hpp),
  /// at most so many seconds for each number.
  template <class Enough>
  void allocate(double seconds, std::uint64_t seed, Enough const& enough) {
    if (!allocates_) return;
    double const begin = clock_.seconds();
    auto const within = [&](std::vector<int> const& start) {
      bool all = true;
      for (std::size_t i = 0; i < start.size(); ++i)
        all = all && bounds_.earliest[i] <= start[i] && start[i] <= bounds_.latest[i];
      return all;
    };
    fewer_units(
        problem_, system_, bounds_, incumbent_.model(), incumbent_.best(), seconds, seed,
        [&](std::vector<int> const& start) {
          double const before = incumbent_.value();
          if (within(start)) incumbent_.offer(start, static_cast<int>(iterations_));
          return incumbent_.value() < before;
        },
        [&] { return !clock_.reached() && !enough(); });
    seconds_ += clock_.seconds() - begin;
  }

  /// Merges of what the searches so far have found, once there are so many, as long as they bring
  /// something. When several rounds have not, all but the best one are forgotten.
  template <class Enough>
  void merge(int fewest, std::int64_t moves, Enough const& enough) {
    if (!refiner_) return;
    double const before = incumbent_.value();
    int idle = 0;
    for (int round = 0; round < 60 && idle < 6 && !clock_.reached() && !enough(); ++round) {
      refiner_->cap_by(incumbent_.best());
      double const begin = clock_.seconds();
      auto const better = merge_elites(
          *refiner_, elites_, fewest, bounds_, affordable(moves), random_,
          [&] { return !clock_.reached(); },
          [&](std::vector<int> const& start, double) {
            incumbent_.offer(start, static_cast<int>(iterations_));
          });
      seconds_ += clock_.seconds() - begin;
      if (!better) return;
      idle = *better ? 0 : idle + 1;
    }
    fruitless_ = incumbent_.value() < before ? 0 : fruitless_ + 1;
    if (fruitless_ < 3) return;
    elites_.renew();
    fruitless_ = 0;
  }

 private:
  template <class Search>
  double improve(std::vector<int> const& start, Search const& search) {
    double const begin = clock_.seconds();
    bool const from_best = &start == &incumbent_.best();
    trial_ = start;
    search(trial_);
    seconds_ += clock_.seconds() - begin;
    double const value = incumbent_.offer(trial_, static_cast<int>(iterations_));
    // What comes from the best schedule is too much like it.
    if (!from_best && refiner_ && std::isfinite(value)) elites_.add(trial_, value);
    return value;
  }

  /// By excess over the constraints first, then by value.
  void polish_some(std::vector<int>& trial, std::uint64_t seed) {
    std::int64_t const work =
        problem_.graph.num_operations() + std::int64_t{problem_.graph.num_dependences()};
    std::int64_t const moves =
        std::min<std::int64_t>(20000, 10000000 / std::max<std::int64_t>(1, work));
    polish(
        system_, bounds_, trial, moves, seed,
        [&](std::vector<int> const& at_hand) {
          return std::pair(incumbent_.excess_of(at_hand), incumbent_.value_of(at_hand));
        },
        [&] { return !clock_.reached(); });
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  BestSchedule& incumbent_;
  std::int64_t const& iterations_;
  StopCondition const& clock_;
  std::optional<Refiner<H>> refiner_;
  ElitePool elites_;
  RandomBits random_;
  bool allocates_ = false;  ///< units are all that counts
  int mobile_ = 0;
  double mobility_ = 0;
  int fruitless_ = 0;  ///< rounds of merges
  double seconds_a_move_ = 1e-6;
  double seconds_ = 0;
  std::vector<int> trial_;
};

}  // namespace gaus::detail

#endif
