// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PARETO_HPP
#define GAUS_SCHEDULE_PARETO_HPP

#include <gaus/objective/weighted_sum.hpp>
#include <gaus/schedule.hpp>
#include <gaus/schedule/list.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/pareto_search.hpp>
#include <gaus/schedule/pareto_steps.hpp>
#include <gaus/schedule/pareto_sweep.hpp>
#include <gaus/schedule/polish.hpp>
#include <gaus/schedule/refine.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

// What two goals cost each other: the schedules of which none is better in both.
//
//   auto const front = gaus::pareto_front(exec, graph, gaus::PeakUsage{}, gaus::Communication{},
//                                         {.slack = 1.2, .time_limit = 60});
//   for (auto const& point : front.points) use(point.first, point.second, point.schedule);
//
//   auto const sweep = gaus::pareto_over_steps(exec, graph, gaus::MemoryFootprint{}, {.slack = 2});
//
// Weighted sums of the two are solved by schedule(): the ends of the front first, then, for the gap
// that promises most, the weights at which its two ends are equally good (dichotomic search; Aneja
// and Nair, 1979), each solve from the best schedule known for its weights. Weighted sums reach only
// the convex part of a front. The rest is filled by local search from the schedules in between:
// since floor((1 - x) a + x b) of two legal schedules a, b is legal for every x in [0, 1], neighbours
// are joined by a path of legal schedules. Over steps, each number of steps is a solve of its own.
namespace gaus {

namespace detail {

/// Two objectives against each other.
template <class First, class Second, class Real, class ExecutionSpace, Graph G, Graph H,
          class... Policies>
class TwoObjectives : public ParetoSearch<Real, ExecutionSpace, G, H, Policies...> {
  using Base = ParetoSearch<Real, ExecutionSpace, G, H, Policies...>;
  using Base::archive_, Base::archive_mutex_, Base::bounds_, Base::clock_, Base::ended,
      Base::front_, Base::limit_, Base::short_, Base::limits_, Base::options_, Base::problem_,
      Base::steps_, Base::system_;

 public:
  TwoObjectives(First const& first, Second const& second, ExecutionSpace const& exec,
                G const& graph, H host, Constraints<Policies...> const& constraints,
                ParetoOptions const& options)
      : Base(exec, graph, std::move(host), constraints, options), first_(first), second_(second) {
    describe(first, models_[0], 1.0);
    describe(second, models_[1], 1.0);
  }

  ParetoFront run() {
    cheap_points();
    for (int goal : {0, 1}) linear_point(goal);
    // Each end counts the other goal as well, so little that it decides between equals alone.
    constexpr double little = 1e-4;
    double const ratio = scale_[0] / scale_[1];
    weighted_solve(1, little * ratio, 0.04);
    weighted_solve(little / ratio, 1, proved_[1] ? 0.03 : 0.08);
    bool const fills = models_[0].complete && models_[1].complete && (declared<H, Policies> && ...);
    int const peak = is_peak(models_[0]) ? 0 : is_peak(models_[1]) ? 1 : -1;
    double const solving = !fills ? 1.0 : peak >= 0 ? 0.6 : 0.75;  // of the time
    // Sweeps carry a good point along the front: then few solves, each of them longer.
    int const planned = fills && peak >= 0 ? std::max(2, options_.solves / 2) : options_.solves;
    while (front_.solves < planned && !ended()) {
      auto const gap = next_gap();
      if (!gap) break;
      // The first gaps are the widest: what is found there serves all points beside it.
      int const left = planned - front_.solves;
      double share = front_.solves < 4 && left > 3 ? 0.35 : 1.0 / left;
      if (limit_ > 0)
        share *= std::max(0.05, solving * limit_ - clock_.seconds()) / (limit_ - clock_.seconds());
      auto const [a, b] = weights(*gap);
      join(gap->left, gap->right);
      weighted_solve(a, b, share);
    }
    if (fills) improve(peak);
    return this->finish();
  }

 private:
  std::pair<double, double> values(std::vector<int> const& start) const {
    std::span<int const> const s(start);
    return {first_.exact(problem_, s), second_.exact(problem_, s)};
  }
  bool offer(std::vector<int> const& start) {
    return Base::offer([&](auto const& s) { return values(s); }, start, steps_, problem_);
  }

  void cheap_points() {
    auto middle = bounds_.earliest;
    for (std::size_t i = 0; i < middle.size(); ++i)
      middle[i] = (bounds_.earliest[i] + bounds_.latest[i]) >> 1;
    double const until = 0.05 * limit_;
    auto const list = list_schedule(problem_.graph, system_, bounds_, steps_,
                                    [&] { return limit_ <= 0 || clock_.seconds() < until; });
    scale_ = {1e-300, 1e-300};
    std::vector<std::vector<int>> starts{bounds_.earliest, bounds_.latest, middle, list};
    if (short_.found) starts.push_back(short_.start_steps);
    for (auto const& start : starts) {
      auto const [first, second] = values(start);
      if (std::isfinite(first)) scale_[0] = std::max(scale_[0], std::abs(first));
      if (std::isfinite(second)) scale_[1] = std::max(scale_[1], std::abs(second));
      offer(start);
    }
    for (double& x : scale_)
      if (x <= 1e-300) x = 1;
  }

  /// The exact minimum of the part of a goal that is linear in the start steps.
  void linear_point(int goal) {
    CostModel const& model = models_[at(goal)];
    LinearWeights const linear{model.lifetime, model.communication, model.makespan};
    if (linear.lifetime + linear.communication + linear.makespan == 0 || ended()) return;
    double const until = 0.15 * limit_ + clock_.seconds();
    auto const least = min_lifetime(problem_, system_, bounds_, linear, [&] {
      return !clock_.requested() && (limit_ <= 0 || clock_.seconds() < until);
    });
    offer(least.start);
    bool const all =
        model.complete && model.usage == 0 && model.usage_of.empty() && model.memory == 0;
    proved_[at(goal)] = all && least.optimal;
    if (all) this->add_plane(goal == 0 ? 1 : 0, goal == 0 ? 0 : 1, least.bound);
  }

  /// Two neighbours of the front, and how often it was tried to come between them.
  struct Gap {
    ParetoArchive::Entry left;
    ParetoArchive::Entry right;
    int visits = 0;
  };
  /// The gap that promises most.
  std::optional<Gap> next_gap() {
    std::scoped_lock const lock(archive_mutex_);
    int visits = 0;
    auto const gap = archive_.next_gap(visits);
    if (!gap) return {};
    return Gap{archive_.entries()[*gap], archive_.entries()[*gap + 1], visits};
  }
  /// The weights at which both ends of a gap are equally good; later visits lean to one of them.
  [[nodiscard]] std::pair<double, double> weights(Gap const& gap) const {
    static constexpr double lean[] = {1, 2, 0.5, 1.4, 0.7};
    double const even = (gap.left.second - gap.right.second) / (gap.right.first - gap.left.first);
    return {lean[gap.visits % 5] * even, 1.0};
  }

  /// The entry of the archive that is best by weights.
  [[nodiscard]] std::vector<int> best_by(double a, double b) const {
    double least = std::numeric_limits<double>::infinity();
    std::vector<int> const* best = nullptr;
    for (auto const& e : archive_.entries()) {
      double const value = a * e.first + b * e.second;
      if (value >= least && best) continue;
      least = value;
      best = &e.start;
    }
    return best ? *best : std::vector<int>{};
  }

  void weighted_solve(double a, double b, double share) {
    // Unqualified: an objective of one's own may know a cheaper sum of two of its kind.
    auto const sum = weighted_sum(weighted(a, first_), weighted(b, second_));
    auto const result = this->solve(sum, steps_, best_by(a, b), share);
    if (!result) return;
    offer(result->schedule.start_steps);
    this->add_plane(a, b, proved_bound(*result));
  }

  /// Offers schedules on the path between the ends of a gap; returns the best by its weights.
  std::vector<int> join(ParetoArchive::Entry const& left, ParetoArchive::Entry const& right) {
    double const a = (left.second - right.second) / (right.first - left.first);
    constexpr int parts = 16;
    std::vector<int> trial(left.start.size());
    std::vector<int> best = left.start;
    double least = std::numeric_limits<double>::infinity();
    for (int k = 1; k < parts && !clock_.reached(); ++k) {
      for (std::size_t i = 0; i < trial.size(); ++i)  // both >= 0: the division rounds down
        trial[i] = static_cast<int>(
            (std::int64_t{left.start[i]} * (parts - k) + std::int64_t{right.start[i]} * k) / parts);
      auto const [first, second] = values(trial);
      offer(trial);
      double const value = a * first + second;
      if (!(value < least)) continue;
      least = value;
      best = trial;
    }
    return best;
  }

  /// Local search alone: in the gaps, and where one goal is a peak along the front; with a clock the
  /// two side by side.
  void improve(int peak) {
    if (peak >= 0 && limit_ <= 0) sweep(peak, [&] { return !ended(); });
    struct Beside {  // joins however fill() ends
      std::atomic<bool> over{false};
      std::thread thread;
      ~Beside() {
        over = true;
        if (thread.joinable()) thread.join();
      }
    } beside;
    if (peak >= 0 && limit_ > 0)
      beside.thread = std::thread([&] {
        try {
          sweep(peak, [&] { return !clock_.reached() && !beside.over; });
        } catch (std::exception const&) {
          // Out of memory: the front so far stands.
        }
      });
    fill();
  }

  /// Sweeps along the front and back, the goal of number peak capped, with ever more moves.
  template <class KeepGoing>
  void sweep(int peak, KeepGoing&& keep_going) {
    auto const take = [this](std::vector<int> const& start) { offer(start); };
    ParetoSweep<H, decltype(take)> along(problem_, system_, bounds_, models_, peak, limits_,
                                         archive_, archive_mutex_, take);
    RandomBits random(options_.seed + 2);
    bool down = true;
    int const sweeps = limit_ > 0 ? std::numeric_limits<int>::max() : 2;
    double effort = limit_ > 0 ? 6 : 20;
    for (int k = 0; k < sweeps && keep_going(); ++k, effort *= 1.3, down = !down)
      along.sweep(down, effort, random(), keep_going);
  }

  /// Local search in one gap after another: from between its ends, from its right end, its left.
  void fill() {
    RandomBits random(options_.seed + 1);
    std::int64_t mobile = 0;
    for (std::size_t i = 0; i < bounds_.earliest.size(); ++i)
      mobile += bounds_.earliest[i] < bounds_.latest[i] ? 1 : 0;
    for (int fills = 0; limit_ > 0 || fills < 8 * options_.solves; ++fills) {
      if (ended()) return;
      auto const gap = next_gap();
      if (!gap) return;
      auto const& [left, right, visits] = *gap;
      auto const [a, b] = weights(*gap);
      std::vector<int> start = visits % 3 == 1 ? right.start : left.start;
      if (visits % 3 == 0) start = join(left, right);
      CostModel model;
      describe(first_, model, a);
      describe(second_, model, b);
      Refiner<H> refiner(problem_, system_, bounds_, model, limits_);
      RefineOptions settings;
      settings.seed = random();
      settings.moves = std::clamp<std::int64_t>((40 + 20 * visits) * mobile, 20000, 3000000);
      settings.heat_first = visits % 2 == 0 ? 0.05 : 0.15;
      refiner.anneal(start, settings, [&] { return !clock_.reached(); });
      offer(start);
      balance(left, right, visits % 2 == 0 ? left.start : right.start, random());
    }
    front_.stopped_by = StopReason::iterations;
  }

  /// Looks for points of the front that are best by no weights: a descent by the larger distance
  /// from the corner of a gap, each goal in units of the gap (Chebyshev scalarisation).
  void balance(ParetoArchive::Entry const& left, ParetoArchive::Entry const& right,
               std::vector<int> start, std::uint64_t seed) {
    std::int64_t const work =
        1 + problem_.graph.num_operations() + std::int64_t{problem_.graph.num_dependences()};
    polish(
        system_, bounds_, start, std::clamp<std::int64_t>(2000000 / work, 20, 2000), seed,
        [&](std::vector<int> const& trial) {
          auto const [first, second] = values(trial);
          double const x = (first - left.first) / (right.first - left.first);
          double const y = (second - right.second) / (left.second - right.second);
          return std::pair(std::max(x, y), x + y);
        },
        [&] { return !clock_.reached(); });
    offer(start);
  }

  First const& first_;
  Second const& second_;
  std::array<CostModel, 2> models_;
  std::array<bool, 2> proved_{};  ///< the least value of a goal is known, and its schedule
  std::array<double, 2> scale_{};
};

}  // namespace detail

/// The front between two objectives within a number of steps, best effort: verified schedules none
/// of which dominates another, of any two weights of the goals the best that was found. There is at
/// least one point, unless a constraint is never met. Throws as schedule() does, and InvalidInput for
/// less than 2 solves.
template <class Real = float, class ExecutionSpace, Graph G, class First, class Second,
          class... Policies>
ParetoFront pareto_front(ExecutionSpace const& exec, G const& graph, First const& first,
                         Second const& second, Constraints<Policies...> const& constraints,
                         ParetoOptions const& options = {}) {
  check_graph<G>();
  check_objective<First, ExecutionSpace, G, Real>();
  check_objective<Second, ExecutionSpace, G, Real>();
  auto host = detail::host_graph(exec, graph);
  return detail::TwoObjectives<First, Second, Real, ExecutionSpace, G, decltype(host), Policies...>(
             first, second, exec, graph, std::move(host), constraints, options)
      .run();
}

/// The front between two objectives under the dependences alone.
template <class Real = float, class ExecutionSpace, Graph G, class First, class Second>
ParetoFront pareto_front(ExecutionSpace const& exec, G const& graph, First const& first,
                         Second const& second, ParetoOptions const& options = {}) {
  return pareto_front<Real>(exec, graph, first, second, Constraints<>{}, options);
}

/// The front between an objective and the steps, from the critical path to options.steps (or slack
/// times the critical path): a solve each for up to options.solves numbers of steps.
template <class Real = float, class ExecutionSpace, Graph G, class ObjectivePolicy,
          class... Policies>
ParetoFront pareto_over_steps(ExecutionSpace const& exec, G const& graph,
                              ObjectivePolicy const& objective,
                              Constraints<Policies...> const& constraints,
                              ParetoOptions const& options = {}) {
  check_graph<G>();
  check_objective<ObjectivePolicy, ExecutionSpace, G, Real>();
  auto host = detail::host_graph(exec, graph);
  return detail::OverSteps<ObjectivePolicy, Real, ExecutionSpace, G, decltype(host), Policies...>(
             objective, exec, graph, std::move(host), constraints, options)
      .run();
}

/// The front between an objective and the steps under the dependences alone.
template <class Real = float, class ExecutionSpace, Graph G, class ObjectivePolicy>
ParetoFront pareto_over_steps(ExecutionSpace const& exec, G const& graph,
                              ObjectivePolicy const& objective, ParetoOptions const& options = {}) {
  return pareto_over_steps<Real>(exec, graph, objective, Constraints<>{}, options);
}

}  // namespace gaus

#endif
