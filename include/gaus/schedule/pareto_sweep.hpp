// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PARETO_SWEEP_HPP
#define GAUS_SCHEDULE_PARETO_SWEEP_HPP

#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/pareto_archive.hpp>
#include <gaus/schedule/refine.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// Fronts of which one goal is a peak. A peak can be held by a cap while the other goal is minimised
// (the epsilon-constraint method: Haimes et al., 1971), which reaches every point of a front, also
// those that are best by no weights, and a schedule of one cap is nearly one of the next: sweeps
// from point to point carry what was gained at one of them along the whole front.
namespace gaus::detail {

/// Whether a goal is nothing but the peak of units in use or of memory.
inline bool is_peak(CostModel const& goal) {
  if (!goal.complete || goal.lifetime != 0 || goal.communication != 0 || goal.makespan != 0)
    return false;
  int const parts = (goal.usage != 0 ? 1 : 0) + (goal.memory != 0 ? 1 : 0) +
                    static_cast<int>(goal.usage_of.size());
  return parts == 1;
}

/// The limits of all classes, and of memory, that hold a peak down to a value of its goal.
inline std::vector<std::optional<double>> peak_limits(CostModel const& goal, int classes,
                                                      double most) {
  std::vector<std::optional<double>> limits(at(classes) + 1);
  if (goal.usage != 0) std::fill(limits.begin(), limits.end() - 1, most / goal.usage);
  if (goal.memory != 0) limits.back() = most / goal.memory;
  for (auto const& [r, weight] : goal.usage_of) limits[at(r)] = most / weight;
  return limits;
}

/// The unit that all heights of a peak are multiples of, as its goal counts it; 0: there is none.
template <Graph H>
double peak_unit(Problem<H> const& problem, CostModel const& goal) {
  double smallest = 0;
  auto const each = [&](auto&& visit) {
    for (int i = 0; i < problem.graph.num_operations(); ++i) {
      auto const demands = problem.graph.demands(i);
      for (int k = 0; goal.memory == 0 && k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (goal.usage != 0 || d.resource == goal.usage_of.front().first) visit(d.units);
      }
      if (goal.memory != 0) visit(problem.graph.size(i));
    }
  };
  each([&](double height) {
    if (height > 0 && (smallest == 0 || height < smallest)) smallest = height;
  });
  bool whole = true;
  each([&](double height) {
    whole = whole && std::abs(height / smallest - std::round(height / smallest)) < 1e-9;
  });
  double const weight =
      goal.usage + goal.memory + (goal.usage_of.empty() ? 0.0 : goal.usage_of.front().second);
  return whole ? smallest * weight : 0.0;
}

/// Settings of one search of a sweep. (No part of the class template: there nvcc 13 rewrites the types
/// of such arrays into ones that the host compiler refuses.)
inline RefineOptions sweep_options(std::uint64_t seed, double moves, bool hot) {
  RandomBits choice(seed);
  RefineOptions settings;
  settings.seed = choice();
  settings.moves = static_cast<std::int64_t>(std::clamp(moves, 1e4, 2e7));
  if (hot)
    settings.heat_first = 0.1 + 0.2 * choice.unit();
  else
    settings.heat_first = std::array{0.01, 0.03, 0.06}[at(choice.below(3))];
  settings.chain_limit = std::array{10, 30, 100}[at(choice.below(3))];
  return settings;
}

/// Sweeps along an archive of two goals, the one of number peak held by caps. Offer is asked to take
/// a schedule into the archive, from any thread.
template <Graph H, class Offer>
class ParetoSweep {
 public:
  using Entry = ParetoArchive::Entry;

  ParetoSweep(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
              std::array<CostModel, 2> const& goals, int peak,
              std::vector<std::optional<double>> limits, ParetoArchive const& archive,
              std::mutex& archive_mutex, Offer offer)
      : problem_(problem),
        system_(system),
        bounds_(bounds),
        goals_(goals),
        peak_(peak),
        limits_(std::move(limits)),
        archive_(archive),
        mutex_(archive_mutex),
        offer_(std::move(offer)) {
    for (std::size_t i = 0; i < bounds.earliest.size(); ++i)
      mobile_ += bounds.earliest[i] < bounds.latest[i] ? 1 : 0;
    unit_ = peak_unit(problem, goals[at(peak)]);
  }

  /// Goes along the front once, to smaller peaks (down) or to larger ones, with so many moves for
  /// every operation and point, fewer where the other goal hardly changes.
  template <class KeepGoing>
  void sweep(bool down, double effort, std::uint64_t seed, KeepGoing&& keep_going) {
    RandomBits random(seed);
    auto at_hand = end_of(down);
    while (at_hand && keep_going()) {
      double const peak = peak_of(*at_hand);
      auto const next = beside(peak, down);
      if (!next) return;
      double const cap = down ? peak - step() : peak_of(*next);
      double const share =
          std::min(1.0, 30 * std::abs(other_of(*at_hand) - other_of(*next)) / span());
      // From here, or hot but only between this schedule and the next one (schedule/elite_pool.hpp).
      bool const merges = random.below(2) == 0;
      auto start = merges && random.below(2) == 0 ? next->start : at_hand->start;
      StepBounds box = bounds_;
      for (std::size_t i = 0; merges && i < start.size(); ++i) {
        box.earliest[i] = std::min(at_hand->start[i], next->start[i]);
        box.latest[i] = std::max(at_hand->start[i], next->start[i]);
      }
      if (search(cap, box, start, merges, effort * (0.3 + 0.7 * share), random(), keep_going))
        offer_(start);
      at_hand = within(cap);
      // Going up, the point that was aimed at may be gone, as the one before is as good.
      if (!down && at_hand && peak_of(*at_hand) <= peak) at_hand = beside(peak, false);
    }
  }

 private:
  [[nodiscard]] double peak_of(Entry const& e) const { return peak_ == 0 ? e.first : e.second; }
  [[nodiscard]] double other_of(Entry const& e) const { return peak_ == 0 ? e.second : e.first; }
  /// The entry of the largest peak, or of the smallest.
  [[nodiscard]] std::optional<Entry> end_of(bool largest) const {
    std::scoped_lock const lock(mutex_);
    auto const& all = archive_.entries();
    if (all.empty()) return {};
    return largest == (peak_ == 0) ? all.back() : all.front();
  }
  /// From one cap to the next: the peak's unit, or where units are of many sizes, 1 % of the front.
  [[nodiscard]] double step() const {
    if (unit_ > 0) return unit_;
    std::scoped_lock const lock(mutex_);
    auto const& all = archive_.entries();
    return std::max(1e-9, 0.01 * std::abs(peak_of(all.front()) - peak_of(all.back())));
  }
  /// How much the other goal differs between the ends.
  [[nodiscard]] double span() const {
    std::scoped_lock const lock(mutex_);
    auto const& all = archive_.entries();
    return std::max(1e-300, std::abs(other_of(all.front()) - other_of(all.back())));
  }
  /// The entry with the next smaller or larger peak.
  [[nodiscard]] std::optional<Entry> beside(double peak, bool smaller) const {
    std::scoped_lock const lock(mutex_);
    Entry const* found = nullptr;
    for (auto const& e : archive_.entries()) {
      if (smaller ? peak_of(e) >= peak : peak_of(e) <= peak) continue;
      if (!found || (smaller ? peak_of(e) > peak_of(*found) : peak_of(e) < peak_of(*found)))
        found = &e;
    }
    if (!found) return {};
    return *found;
  }
  /// The entry with the largest peak that a cap allows.
  [[nodiscard]] std::optional<Entry> within(double cap) const {
    std::scoped_lock const lock(mutex_);
    Entry const* found = nullptr;
    for (auto const& e : archive_.entries())
      if (peak_of(e) <= cap && (!found || peak_of(e) > peak_of(*found))) found = &e;
    if (!found) return {};
    return *found;
  }

  /// One local search: the other goal, from a schedule, within a box, under a cap. Leaves the schedule in start;
  /// false when none was found that keeps the cap.
  template <class KeepGoing>
  bool search(double cap, StepBounds const& box, std::vector<int>& start, bool hot, double effort,
              std::uint64_t seed, KeepGoing&& keep_going) const {
    auto caps = peak_limits(goals_[at(peak_)], problem_.graph.num_resources(), cap);
    for (std::size_t r = 0; r < limits_.size(); ++r)
      if (limits_[r]) caps[r] = caps[r] ? std::min(*caps[r], *limits_[r]) : *limits_[r];
    Refiner<H> refiner(problem_, system_, box, goals_[at(1 - peak_)], caps);
    auto const settings = sweep_options(seed, effort * mobile_, hot);
    return std::isfinite(refiner.anneal(start, settings, keep_going));
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  std::array<CostModel, 2> goals_;
  int peak_;
  std::vector<std::optional<double>> limits_;  ///< of the problem itself; empty: none
  ParetoArchive const& archive_;
  std::mutex& mutex_;  ///< of the archive
  Offer offer_;
  double unit_ = 0;
  int mobile_ = 0;
};

}  // namespace gaus::detail

#endif
