// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SOLVER_HPP
#define GAUS_SCHEDULE_SOLVER_HPP

#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/batch_descent.hpp>
#include <gaus/schedule/classical_starts.hpp>
#include <gaus/schedule/companion.hpp>
#include <gaus/schedule/incumbent.hpp>
#include <gaus/schedule/legalize.hpp>
#include <gaus/schedule/limit_legalize.hpp>
#include <gaus/schedule/local_search.hpp>
#include <gaus/schedule/portfolio.hpp>
#include <gaus/schedule/relaxation_run.hpp>
#include <gaus/schedule/side_search.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

// The solve: cheap schedules first, then descents of the relaxation in turn, each watched by
// snapshots that round and legalise its means, each followed by discrete refinement. The best legal
// schedule is kept throughout; there is one from the first moment on, and the result is never worse
// than any start. Pipelines and limits take the same way, with a legaliser that knows slots and units
// (schedule/limit_legalize.hpp); there the caller should give a start.
namespace gaus {

/// What a solve may use, and how it is watched.
struct SolverOptions {
  std::uint64_t seed = 0;        ///< of all random numbers
  double time_limit = 0;         ///< seconds of wall time; 0: none
  std::int64_t iterations = 0;   ///< of the relaxation, over all descents; 0: no limit
  int stall = 0;                 ///< descents without improvement after which to stop; 0: never
  std::optional<Recipe> recipe;  ///< for experts: play this one alone
  int snapshot = 20;             ///< iterations between snapshots
  bool bound = true;             ///< look for a lower bound too
  bool stop_when_proven = true;  ///< the value has met that bound
  Observer observer;             ///< called at every snapshot
  std::atomic<bool> const* stop = nullptr;  ///< raised from outside to end the solve
  int batch = 0;  ///< descents at once, where the policies serve a batch; 0: chosen
};

/// Seconds spent in each part of a solve.
struct PhaseTimes {
  double starts = 0;      ///< classical schedules to begin with
  double iterations = 0;  ///< descents on the device
  double snapshots = 0;   ///< rounding and legalising
  double refinement = 0;  ///< local search
};

namespace detail {
/// One solve. G: graph of the kernels, H: its host-readable twin.
template <class ExecutionSpace, class Real, Graph G, Graph H, class ObjectivePolicy,
          class... Policies>
class Solver {
 public:
  using ConstraintList = Constraints<Policies...>;
  static constexpr bool knows_limits = (declares_limits<Policies> || ...);
  using Beside = Companion<H, knows_limits>;  // pipelined solves have limits

  Solver(ExecutionSpace const& exec, Problem<G> const& problem, Problem<H> const& host_problem,
         DifferenceSystem const& system, StepBounds const& bounds, ObjectivePolicy const& objective,
         ConstraintList const& constraints, SolverOptions const& options,
         StopCondition const& clock)
      : host_problem_(host_problem),
        system_(system),
        bounds_(bounds),
        options_(options),
        clock_(clock),
        limits_(declared_limits(constraints)),
        legalizer_(host_problem, system, bounds, limits_, clock),
        incumbent_(host_problem, objective, constraints, clock),
        run_(exec, descent_problem<ExecutionSpace, ObjectivePolicy, Policies...>(problem, options),
             objective, constraints),
        portfolio_(options.recipe ? Portfolio(options.seed, *options.recipe)
                                  : Portfolio(options.seed, default_iterations)),
        search_(host_problem, system, bounds, incumbent_,
                incumbent_.model().complete && (declared<H, Policies> && ...), iterations_, clock,
                options.seed, limits_) {
    auto const& model = incumbent_.model();
    if (options.bound && model.complete && LowerBound<H>::applies(model))
      bound_.emplace(host_problem, system, bounds, model, limits_, &clock_);
  }

  /// The companion's thread uses all the rest.
  ~Solver() {
    if (bound_) bound_->end();
  }
  Solver(Solver const&) = delete;
  Solver& operator=(Solver const&) = delete;
  void offer(std::vector<int> const& start) { incumbent_.offer(start, 0); }
  /// Runs to a stop. start: a schedule to improve on, or empty.
  StopReason solve(std::vector<int> const& start) {
    cheap_starts(start);
    if (search_.mobile() == 0)  // one schedule is all there is
      return incumbent_.feasible() ? StopReason::optimal : StopReason::stalled;
    if (auto const stop = report()) return *stop;
    double const cheap = incumbent_.value();
    double const probe = probe_annealing();
    if constexpr (may_count_units<ObjectivePolicy>)
      if (options_.iterations <= 0)  // by the clock alone
        search_.allocate(options_.time_limit > 0 ? 0.05 * options_.time_limit : 0.5, options_.seed,
                         [this] { return proven(); });
    large_ = too_large_for_all();
    anneals_beside_ = large_;
    if (large_) launch_companion();
    int idle = 0;
    while (true) {
      if (auto const stop = report()) return *stop;
      double const before = incumbent_.value();
      // None where their means cannot be legalised.
      int const descents = legalizer_.failures() > 2 ? 0 : relaxation_pays_ ? 2 : 1;
      if (large_ && portfolio_.turns() >= descents)
        refine_from(incumbent_.best(), usual_moves());  // nothing gains more in little time
      else if (auto const stop = descend(portfolio_.next()))
        return *stop;
      if (portfolio_.turns() <= 3)
        relaxation_pays_ = probe - portfolio_.best() > 0.1 * std::max(0.0, cheap - probe);
      // Where it clearly loses; small graphs need the time for a proof.
      if (portfolio_.turns() == 1 && search_.mobile() > 2000)
        anneals_beside_ = large_ || portfolio_.best() - probe > 0.05 * std::max(0.0, cheap - probe);
      exchange();
      search_.merge(large_ ? 3 : 5, 2 * search_.usual_moves(1), [this] { return proven(); });
      idle = incumbent_.value() < before ? 0 : idle + 1;
      if (options_.stall > 0 && idle >= options_.stall) return StopReason::stalled;
      // Where nothing moves, longer searches take the place of more.
      effort_ = idle == 0 ? 1 : std::min(options_.time_limit > 0 ? 64.0 : 8.0, effort_ * 1.2);
    }
  }

  /// The best bound, the one that only work without a clock gives included; takes in what the
  /// companion has found.
  double final_bound() {
    if (search_.mobile() == 0) return incumbent_.value();
    if (!bound_) return -std::numeric_limits<double>::infinity();
    bound_->end();
    auto const found = bound_->take_found();
    if (!found.empty()) incumbent_.offer(found, static_cast<int>(iterations_));
    if (options_.iterations > 0 && incumbent_.feasible()) {
      bound_->offer(incumbent_.best(), incumbent_.value());
      bound_->work(20, [&] { return !clock_.reached(); });
    }
    return bound_->value();
  }

  [[nodiscard]] auto const& incumbent() const { return incumbent_; }
  [[nodiscard]] auto bound_trace() { return bound_ ? bound_->trace() : std::vector<TracePoint>(); }
  [[nodiscard]] std::int64_t iterations() const { return iterations_; }
  [[nodiscard]] PhaseTimes times() const {
    return {times_.starts, times_.iterations, times_.snapshots, search_.seconds()};
  }

 private:
  static constexpr int default_iterations = 600;  ///< of a descent
  static constexpr int shortest_descent = 60;
  static constexpr double shortest_company = 0.01;  ///< seconds that are worth a thread

  void cheap_starts(std::vector<int> const& start) {
    double const begin = clock_.seconds();
    auto const offer = [&](std::vector<int> const& trial) { incumbent_.offer(trial, 0); };
    auto const within = [&](double share) {
      double const until = clock_.seconds() + share * options_.time_limit;
      return [this, until] {
        return !clock_.requested() && (options_.time_limit <= 0 || clock_.seconds() < until);
      };
    };
    if (!start.empty()) {
      given_ = start;
      legalize(system_, bounds_, Direction::forward, given_);
      offer(given_);
    }
    if (legalizer_.limited() || host_problem_.pipelined()) {
      for (auto const* target : {&bounds_.earliest, &bounds_.latest}) offer_near(*target);
    } else {
      classical_starts(host_problem_, system_, bounds_, incumbent_.model(), offer, within,
                       [&] { return !clock_.reached() && !proven(); });
    }
    if (bound_ && !clock_.reached()) {
      linear_ = bound_->begin(within(0.15)).start;
      if (!linear_.empty()) offer_near(linear_);
    }
    cheap_ = incumbent_.best();
    times_.starts += clock_.seconds() - begin;
  }

  /// Offers start steps that keep the constraints, and under limits a schedule near them.
  void offer_near(std::vector<int> const& start) {
    incumbent_.offer(start, 0);
    if (!legalizer_.limited() || clock_.reached()) return;
    legalizer_.candidates(std::span<int const>(start),
                          [&](auto const& trial) { incumbent_.offer(trial, 0); });
  }

  /// Anneals the best of the cheap schedules, a tenth of the time at most; the value to be beaten.
  double probe_annealing() {
    std::int64_t const rehearsal = std::min<std::int64_t>(usual_moves(), 100000);
    double value = refine_from(linear_.empty() ? cheap_ : linear_, rehearsal);
    if (!search_.anneals()) return value;
    RefineOptions settings{.moves = usual_moves(), .seed = options_.seed};
    double const moves = 0.1 * options_.time_limit / search_.seconds_a_move();
    if (options_.time_limit > 0 && moves < static_cast<double>(settings.moves))
      settings.moves = std::max(rehearsal, static_cast<std::int64_t>(moves));
    return std::min(value, search_.anneal(cheap_, settings));
  }

  [[nodiscard]] bool proven() const {
    return options_.stop_when_proven && bound_ && incumbent_.feasible() &&
           bound_->tight(incumbent_.value());
  }

  /// Whether time will not do for the whole portfolio: then a descent or two, and annealings.
  [[nodiscard]] bool too_large_for_all() const {
    double const left = options_.time_limit - clock_.seconds();
    double const needed =
        portfolio_.size() * static_cast<double>(usual_moves()) * search_.seconds_a_move();
    return search_.anneals() && options_.iterations <= 0 && options_.time_limit > 0 &&
           needed > 0.25 * left;
  }

  /// Starts the companion, unless iterations must repeat or time is all but up: a third of the time
  /// limit for the bound, then a second search; first one long annealing where the relaxation loses
  /// or may lack time, or, under limits, that search.
  void launch_companion() {
    double const now = clock_.seconds();
    double const left = options_.time_limit - now;
    bool const too_late = options_.time_limit > 0 && left < shortest_company;
    if (!bound_ || options_.iterations > 0 || !incumbent_.feasible() || too_late) return;
    bound_->offer(incumbent_.best(), incumbent_.value());
    double const annealed = anneals_beside_ ? now + 0.8 * left : 0;
    double const bounded = now + (anneals_beside_ ? 0.92 * left : 0.33 * options_.time_limit);
    auto const side = [this] {
      return SideSearch<H, Beside>(host_problem_, system_, bounds_, incumbent_.model(),
                                   search_.elites(), clock_, options_.seed, limits_);
    };
    auto const search = [this, side, pace = search_.seconds_a_move()](auto const& go_on) {
      if (search_.anneals()) side().search(options_.time_limit, pace, *bound_, go_on);
    };
    bound_->launch(
        [this, side, search, annealed](auto const& go_on) {
          if (annealed <= 0) return;
          auto const on = [&] { return go_on() && !(large_ && relaxation_pays_); };
          if (legalizer_.limited())  // too scarce to come back from great heat
            search([&] { return on() && clock_.seconds() < annealed; });
          else if (search_.anneals())
            side().anneal(cheap_, options_.seed, annealed, *bound_, on);
        },
        [this, bounded, begin = now] {
          // Where the annealing was given up there is more time for the bound.
          double const end = large_ && relaxation_pays_ ? begin + 0.6 * (bounded - begin) : bounded;
          if (options_.time_limit <= 0) return true;
          // To build the cuts takes time, and nothing ends it.
          return clock_.seconds() < end &&
                 options_.time_limit - clock_.seconds() > 3e-7 * search_.mobility();
        },
        search);
  }

  /// Exchanges schedules with the companion.
  void exchange() {
    if (!bound_ || options_.iterations > 0 || !incumbent_.feasible()) return;
    bound_->offer(incumbent_.best(), incumbent_.value());
    launch_companion();
    auto const found = bound_->take_found();
    if (!found.empty()) incumbent_.offer(found, static_cast<int>(iterations_));
    auto const start = bound_->take_minimiser();
    if (!start.empty() && !clock_.reached()) refine_from(start, usual_moves());
  }

  /// One descent with refinement; a reason when the solve must end.
  std::optional<StopReason> descend(PortfolioEntry& entry) {
    Recipe recipe = entry.recipe;
    if (options_.iterations > 0)
      recipe.iterations = shortened(recipe, options_.iterations - iterations_, run_.batch());
    recipe.iterations = std::max(1, recipe.iterations);
    int const wanted = recipe.iterations;
    fit_into_time(recipe);
    if (recipe.iterations < std::min(wanted, shortest_descent)) {
      refine_from(incumbent_.best(), 4 * usual_moves());  // too little time for a descent
      return report();
    }
    begin_batch(portfolio_, entry, run_.batch(), bounds_, incumbent_.best(), linear_, means_);
    if (portfolio_.turns() == 1) std::copy(given_.begin(), given_.end(), means_.begin());
    double begin = clock_.seconds();
    run_.begin(recipe, means_);
    run_value_ = std::numeric_limits<double>::infinity();
    std::optional<StopReason> stop;
    int looked = 0;  // iterations at the last snapshot
    while (!run_.done() && !stop) {
      run_.step();
      iterations_ += run_.batch();
      if (run_.iteration() % options_.snapshot != 0 && !run_.done() && !clock_.out_of_time())
        continue;
      auto const means = run_.means();
      double const now = clock_.seconds();
      times_.iterations += now - begin;
      seconds_an_iteration_ = (now - begin) / std::max(1, run_.iteration() - looked);
      looked = run_.iteration();
      each_descent(run_, options_.snapshot, means, [&](auto const& own) {
        legalizer_.candidates(own, [&](auto const& trial) { offer_of_run(trial); });
      });
      begin = clock_.seconds();
      times_.snapshots += begin - now;
      stop = report();
      if (run_.iteration() == options_.snapshot) {  // shows what an iteration costs
        fit_into_time(recipe);
        run_.shorten(std::max(recipe.iterations, std::min(wanted, shortest_descent)));
      }
    }
    ++entry.runs;
    if (stop) return stop;
    if (std::isfinite(run_value_)) {
      double const refined = refine_from(run_best_, usual_moves());
      entry.best = std::min(entry.best, std::min(run_value_, refined));
      if (portfolio_.turns() % 4 == 0) refine_from(incumbent_.best(), 2 * usual_moves());
    }
    return report();
  }

  void offer_of_run(std::vector<int> const& trial) {
    double const value = incumbent_.offer(trial, static_cast<int>(iterations_));
    if (value >= run_value_) return;
    run_value_ = value;
    run_best_ = trial;
  }

  /// A descent takes at most a quarter of the time limit, on large graphs the later ones half of
  /// that, and none more than what is left.
  void fit_into_time(Recipe& recipe) const {
    if (options_.time_limit <= 0 || seconds_an_iteration_ <= 0) return;
    double const left = options_.time_limit - clock_.seconds();
    double const share = large_ && portfolio_.turns() > 1 ? 0.12 : 0.25;
    double const budget = std::min(share * options_.time_limit, 0.8 * left);
    double const affordable = budget / seconds_an_iteration_;
    if (affordable < recipe.iterations)
      recipe.iterations = static_cast<int>(std::max(0.0, affordable));
  }

  [[nodiscard]] std::int64_t usual_moves() const { return search_.usual_moves(effort_); }
  double refine_from(std::vector<int> const& start, std::int64_t moves) {
    return search_.refine(start, moves, portfolio_.draw());
  }
  /// Tells the observer; a reason when the solve must end.
  std::optional<StopReason> report() {
    if (options_.observer) {
      Progress progress;
      progress.iteration = static_cast<int>(iterations_);
      progress.seconds = clock_.seconds();
      progress.value = incumbent_.value();
      if (bound_) progress.lower_bound = bound_->value();
      if (options_.time_limit > 0) progress.fraction = progress.seconds / options_.time_limit;
      if (options_.iterations > 0)
        progress.fraction =
            std::max(progress.fraction,
                     static_cast<double>(iterations_) / static_cast<double>(options_.iterations));
      if (options_.observer(progress)) return StopReason::request;
    }
    if (proven()) return StopReason::optimal;
    if (clock_.requested()) return StopReason::request;
    if (clock_.out_of_time()) return StopReason::time_limit;
    if (options_.iterations > 0 && iterations_ >= options_.iterations)
      return StopReason::iterations;
    return std::nullopt;
  }

  Problem<H> const& host_problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  SolverOptions const& options_;
  StopCondition const& clock_;
  std::vector<std::optional<double>> limits_;  ///< empty: none
  std::conditional_t<knows_limits, LimitLegalizer<H>, FreeLegalizer<H>> legalizer_;
  Incumbent<H, ObjectivePolicy, ConstraintList> incumbent_;
  DescentRun<ExecutionSpace, G, Real, ObjectivePolicy, Policies...> run_;
  Portfolio portfolio_;
  LocalSearch<H, Incumbent<H, ObjectivePolicy, ConstraintList>> search_;
  std::vector<int> linear_;  ///< schedule of least linear costs
  std::vector<int> cheap_;   ///< best of the schedules to begin with
  double effort_ = 1;        ///< factor on the moves of a refinement
  bool large_ = false;
  bool anneals_beside_ = false;               ///< the companion begins with a long annealing
  std::atomic<bool> relaxation_pays_{false};  ///< it clearly beats annealing of a cheap schedule
  std::int64_t iterations_ = 0;
  double seconds_an_iteration_ = 0;
  std::vector<double> means_;
  std::vector<int> given_;  ///< the caller's start, made legal; the first descent begins there
  std::vector<int> run_best_;
  double run_value_ = 0;
  PhaseTimes times_;             ///< but for the refinement
  std::optional<Beside> bound_;  ///< last: its thread uses the others
};
}  // namespace detail
}  // namespace gaus

#endif
