// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_INTERVAL_SEARCH_HPP
#define GAUS_SCHEDULE_INTERVAL_SEARCH_HPP

#include <gaus/detail/message.hpp>
#include <gaus/detail/open_interval.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/stage_fill.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/optimizer/observer.hpp>
#include <gaus/schedule/interval_result.hpp>
#include <gaus/schedule/iterative_modulo.hpp>
#include <gaus/schedule/makespan_search.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <gaus/schedule/modulo_legalize.hpp>
#include <gaus/schedule/swing_modulo.hpp>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The least initiation interval: schedulers upward from MII until one succeeds, then an exhaustive
// search on the intervals left out, which finds schedules there or proves that there are none.
//
// The intervals between MII and the answer are all refuted or named as open: a larger interval may
// be infeasible where a smaller one is not, so that each of them counts.
namespace gaus {

namespace detail {

template <Graph H>
class IntervalSearch {
 public:
  IntervalSearch(H const& graph, std::vector<std::optional<double>> const& limits,
                 IntervalSearchOptions const& options)
      : graph_(graph),
        limits_(limits),
        options_(options),
        clock_(options.time_limit, options.stop) {}

  IntervalSearchResult run() {
    result_.minimum = initiation_interval(graph_, limits_, options_.names);
    ascend();
    if (options_.only > 0)
      insist();
    else if (result_.found)
      close_gap();
    else if (options_.max_interval == 0 && options_.sequential)
      one_after_another();
    if (result_.found) shorten();
    explain();
    result_.seconds = clock_.seconds();
    return std::move(result_);
  }

 private:
  using Answer = typename SlotSearch<H>::Answer;
  static constexpr std::size_t most_kept = 128;    ///< searches kept for a second look
  static constexpr int largest_search = 3000;      ///< variables
  static constexpr std::int64_t first_slice = 16;  ///< of the exhaustive search, in 64 nodes

  [[nodiscard]] bool on() const { return !clock_.reached(); }

  void ascend() {
    int interval = options_.only > 0 ? options_.only : result_.minimum.interval;
    int const last = options_.only > 0 ? options_.only
                                       : largest_interval(graph_, result_.minimum.interval,
                                                          options_.max_interval);
    for (int tried = 0; interval <= last; ++tried) {
      if (tried > 0 && !on()) return;
      auto own = std::make_unique<OpenInterval<H>>(graph_, limits_, interval);
      if (try_all(*own)) return;
      if (open_.size() < most_kept) open_.emplace(interval, std::move(own));
      // Long in vain: in larger steps, and what was left out is seen to afterwards.
      bool const late =
          tried >= 32 || (clock_.limit() > 0 && clock_.seconds() > clock_.limit() / 5);
      interval += late ? std::max(1, interval / 8) : 1;
    }
  }

  /// Every scheduler at one interval; once there is an answer, as long as others take little time.
  bool try_all(OpenInterval<H>& own) {
    auto& problem = own.problem;
    if (!problem.feasible) {
      own.refuted = true;
      return false;
    }
    bool found = graph_.num_operations() == 0;
    if (found) keep(problem.interval, {});
    double const begin = clock_.seconds();
    auto const wanted = [&] { return on() && (!found || clock_.seconds() - begin < 0.05); };
    auto const offer = [&](std::vector<int> const& start) {
      if (!start.empty() && keep(problem.interval, start)) found = true;
    };
    auto const go_on = [&] { return on(); };
    if (!found) offer(iterative_modulo(problem, {.seed = options_.seed}, go_on));
    if (wanted()) offer(swing_modulo(problem, go_on));
    if (!found && on()) found = slots(own, first_slice);
    if (own.refuted) return false;
    if (wanted())
      offer(iterative_modulo(problem, {.priority = ModuloPriority::height, .seed = options_.seed},
                             go_on));
    if (wanted())
      offer(iterative_modulo(problem, {.reversed = true, .seed = options_.seed}, go_on));
    if (wanted())
      offer(iterative_modulo(problem, {.priority = ModuloPriority::mobility, .seed = options_.seed},
                             go_on));
    if (wanted()) legalise(problem, offer);
    return found;
  }

  /// The legaliser from ASAP, ALAP and minimum-lifetime targets, and within a short latency.
  template <class Offer>
  void legalise(ModuloProblem<H>& problem, Offer&& offer) {
    auto const go_on = [&] { return on(); };
    std::vector<int> start;
    std::vector<double> const asap(problem.earliest.begin(), problem.earliest.end());
    std::vector<double> const alap(problem.latest.begin(), problem.latest.end());
    StepBounds const none;
    ModuloLegalizer<H> free(graph_, problem.system, none, problem.table, problem.interval);
    for (auto const* target : {&asap, &alap})
      if (free.run(*target, start, {.attempts = 4, .seed = options_.seed}, go_on)) offer(start);
    int const steps = critical_path(problem.system, problem.earliest) + problem.interval;
    StepBounds const bounds = step_bounds(problem.system, steps);
    ModuloLegalizer<H> bounded(graph_, problem.system, bounds, problem.table, problem.interval);
    if (bounded.run(asap, start, {.attempts = 4, .seed = options_.seed}, go_on)) offer(start);
    double const entries = (steps + 1.0) * std::max(1, graph_.num_resources());
    if (graph_.num_operations() > 5000 || entries > 1e7 || !on()) return;
    auto const whole = make_problem(graph_, graph_, steps, bounds, problem.interval);
    auto const optimum = min_lifetime(whole, problem.system, bounds, {}, go_on);
    std::vector<double> const target(optimum.start.begin(), optimum.start.end());
    if (bounded.run(target, start, {.attempts = 4, .seed = options_.seed}, go_on)) offer(start);
  }

  /// The exhaustive search for so many times 64 nodes.
  bool slots(OpenInterval<H>& own, std::int64_t slice) {
    auto& search = *own.search;
    if (search.variables() > largest_search) return false;
    Answer const answer = search.run(options_.seed + static_cast<std::uint64_t>(slice),
                                     [&] { return --slice > 0 && on(); });
    own.refuted = answer == Answer::refuted;
    if (answer != Answer::found || !search.complete()) return false;
    auto const& problem = own.problem;
    auto const start = fill_stages(problem.system, *problem.distances, own.problem.table,
                                   search.operations(), search.steps());
    if (start.empty()) return false;
    return keep(problem.interval, start);
  }

  /// Makes a schedule keep the latency bound, if there is one; false: not possible.
  bool squeeze(int interval, std::vector<int>& start) {
    if (options_.steps <= 0 || length_of(graph_, start) <= options_.steps) return true;
    ModuloProblem<H> problem(graph_, limits_, interval);
    if (critical_path(problem.system, problem.earliest) > options_.steps) return false;
    StepBounds const bounds = step_bounds(problem.system, options_.steps);
    ModuloLegalizer<H> legalizer(graph_, problem.system, bounds, problem.table, interval);
    std::vector<int> const given = start;
    for (auto const* from : {&given, &bounds.earliest, &bounds.latest}) {
      std::vector<double> const target(from->begin(), from->end());
      if (legalizer.run(target, start, {.seed = options_.seed}, [&] { return on(); })) return true;
    }
    return false;
  }

  /// Takes a schedule if it is better than the one at hand; false when it is too long.
  bool keep(int interval, std::vector<int> start) {
    if (!squeeze(interval, start)) return false;
    int const length = length_of(graph_, start);
    if (result_.found &&
        (interval > result_.interval || (interval == result_.interval && length >= result_.length)))
      return true;
    result_.found = true;
    result_.interval = interval;
    result_.start = std::move(start);
    result_.length = length;
    return true;
  }

  /// Rounds over the intervals that are still open, each longer than the one before: MII first, then
  /// down from the best.
  void close_gap() {
    RandomBits random(options_.seed);
    // Without a clock a few rounds have to do.
    int const rounds = clock_.limit() > 0 ? 60 : 5;
    std::int64_t slice = 4 * first_slice;
    for (int round = 0; round < rounds && on(); ++round, slice = longer(slice)) {
      std::vector<int> todo;
      for (int k = result_.interval - 1; k > result_.minimum.interval; --k) todo.push_back(k);
      if (result_.interval > result_.minimum.interval)
        todo.insert(todo.begin(), result_.minimum.interval);
      bool any = false;
      for (int const interval : todo) {
        if (!on()) return;
        if (interval >= result_.interval) continue;
        auto& own = open_[interval];
        if (!own) {
          own = std::make_unique<OpenInterval<H>>(graph_, limits_, interval);
          if (try_all(*own)) continue;
        }
        if (own->refuted) continue;
        any = true;
        insist(*own, slice, random);
        if (open_.size() > most_kept && interval != result_.minimum.interval && !own->refuted)
          open_.erase(interval);
      }
      if (!any) return;
    }
  }

  /// The exhaustive search for a while, then chance. True: a schedule was found.
  bool insist(OpenInterval<H>& own, std::int64_t slice, RandomBits& random) {
    if (own.refuted || !own.problem.feasible) return false;
    if (slots(own, slice)) return true;
    if (own.refuted) return false;
    // Where the exhaustive search does not see everything, chance has to help.
    int const tries = own.search->complete() ? 1 : 4;
    for (int k = 0; k < tries && on(); ++k) {
      auto start = iterative_modulo(own.problem,
                                    {.budget_ratio = 20,
                                     .priority = ModuloPriority(random.below(3)),
                                     .reversed = random.below(2) == 1,
                                     .noise = 0.5 * random.unit(),
                                     .seed = random()},
                                    [&] { return on(); });
      if (!start.empty() && keep(own.problem.interval, std::move(start))) return true;
    }
    return false;
  }

  /// The next round's share of nodes; rounds that end at once must not take it out of range.
  static std::int64_t longer(std::int64_t slice) {
    return std::min(2 * slice, std::int64_t{1} << 40);
  }

  /// The one interval that is asked for, for as long as it takes.
  void insist() {
    if (result_.found || open_.empty()) return;
    RandomBits random(options_.seed);
    auto& own = *open_.begin()->second;
    int const rounds = clock_.limit() > 0 ? 60 : 8;
    std::int64_t slice = 4 * first_slice;
    for (int round = 0; round < rounds && on() && !own.refuted; ++round, slice = longer(slice))
      if (insist(own, slice, random)) return;
  }

  /// Where time ran out: iterations that do not overlap, at the interval that one of them takes.
  void one_after_another() {
    auto const plain = make_difference_system(graph_, 0);
    auto const first =
        minimize_makespan(graph_, plain, limits_, {.time_limit = 0}, [&] { return on(); });
    if (!first.found) return;
    int const interval = std::max(result_.minimum.interval, length_of(graph_, first.start_steps));
    auto const system = make_difference_system(graph_, interval);
    auto start = first.start_steps;
    if (raise(system, start) && start == first.start_steps) keep(interval, start);
  }

  /// A shorter schedule of the interval: the legaliser within ever fewer steps.
  void shorten() {
    int const n = graph_.num_operations();
    if (n == 0) return;
    ModuloProblem<H> problem(graph_, limits_, result_.interval);
    int const least = critical_path(problem.system, problem.earliest);
    if (result_.length <= least) return;
    StepBounds bounds = step_bounds(problem.system, result_.length);
    ModuloLegalizer<H> legalizer(graph_, problem.system, bounds, problem.table, result_.interval);
    double const end = clock_.seconds() + 0.2;
    auto const go_on = [&] { return on() && clock_.seconds() < end; };
    std::vector<int> start;
    int low = least;  // bisection, though feasibility need not be monotone in it
    while (low < result_.length && go_on()) {
      int const steps = low + (result_.length - low) / 2;
      bounds = step_bounds(problem.system, steps);
      bool shorter = false;
      for (int k = 0; k < 4 && !shorter && go_on(); ++k) {
        auto const& from = k == 0   ? result_.start
                           : k == 1 ? bounds.earliest
                           : k == 2 ? bounds.latest
                                    : result_.start;
        std::vector<double> target(from.begin(), from.end());
        if (k == 3)
          for (double& t : target) t *= static_cast<double>(steps) / result_.length;
        shorter = legalizer.run(target, start, {.seed = options_.seed + at(k)}, go_on);
      }
      if (!shorter) {
        low = steps + 1;
        continue;
      }
      normalise(start);
      keep(result_.interval, start);
    }
  }

  void explain() {
    auto const& minimum = result_.minimum;
    std::string const mii = std::to_string(minimum.interval);
    if (options_.only > 0) {
      explain_one();
      return;
    }
    std::vector<int> refuted;
    std::vector<int> unsettled;
    int const end = result_.found   ? result_.interval
                    : open_.empty() ? 0
                                    : open_.rbegin()->first + 1;
    for (int k = minimum.interval; k < end; ++k) {
      auto const own = open_.find(k);
      bool const closed = own != open_.end() && own->second && own->second->refuted;
      (closed ? refuted : unsettled).push_back(k);
    }
    result_.open = static_cast<int>(unsettled.size());
    result_.proven = result_.found && unsettled.empty();
    std::string const here = std::to_string(result_.interval);
    if (!result_.found) {
      result_.text = "No schedule was found at intervals from MII " + mii + " on" +
                     (refuted.empty() ? "" : "; refuted: " + number_ranges(refuted)) + ". ";
    } else if (result_.interval == minimum.interval) {
      result_.text = "II " + here + " is minimal, it equals MII. ";
    } else if (result_.proven) {
      result_.text = "II " + here + " is minimal: an exhaustive search refutes " +
                     number_ranges(refuted) + ". ";
      result_.text += obstacle(refuted.back()) + " ";
    } else {
      result_.text = "II " + here + " is the least found; open: " + number_ranges(unsettled);
      result_.text += refuted.empty() ? ". " : "; refuted: " + number_ranges(refuted) + ". ";
      result_.text += obstacle(unsettled.back()) + " ";
    }
    result_.text += minimum.text;
  }

  /// The same where one interval was asked for.
  void explain_one() {
    int const minimum = result_.minimum.interval;
    std::string const here = detail::message({"II ", options_.only});
    result_.proven = result_.found && options_.only == minimum;
    bool const refuted = !open_.empty() && open_.begin()->second->refuted;
    if (result_.found)
      result_.text = here + (result_.proven ? " is minimal, it equals MII. " : " as asked for. ");
    else if (refuted)
      result_.text = "no schedule of " + here + " exists: an exhaustive search refutes it. ";
    else
      result_.text =
          "no schedule of " + here + " was found" +
          (options_.steps > 0 ? detail::message({" within ", options_.steps, " steps"}) : "") +
          ". ";
    if (!result_.found && !open_.empty()) result_.text += obstacle(options_.only) + " ";
    result_.text += result_.minimum.text;
  }

  [[nodiscard]] std::string obstacle(int interval) const {
    auto const found = open_.find(interval);
    if (found == open_.end() || !found->second)
      return detail::message({"At ", interval, " dependences alone allow no schedule."});
    return found->second->obstacle(options_.names);
  }

  H const& graph_;
  std::vector<std::optional<double>> const& limits_;
  IntervalSearchOptions const& options_;
  StopCondition clock_;
  std::map<int, std::unique_ptr<OpenInterval<H>>> open_;  ///< below the answer, by interval
  IntervalSearchResult result_;
};

}  // namespace detail

/// The least initiation interval that is found, with a schedule, under limits (one a class, none for
/// unlimited) and no bound on the latency. Never larger than what iterative_modulo() and
/// swing_modulo() find, unless time runs out. Where the constraints hold maximum distances no schedule
/// may exist; found is false then. Ends when the answer is proven minimal, or at the time limit. The
/// same seed gives the same answer wherever time does not decide. Throws as initiation_interval().
template <Graph H>
IntervalSearchResult interval_search(H const& graph,
                                     std::vector<std::optional<double>> const& limits,
                                     IntervalSearchOptions const& options = {}) {
  return detail::IntervalSearch<H>(graph, limits, options).run();
}

/// The same for a description, checked, with its limits and in its names; compiled on use alone.
template <std::same_as<GraphDescription> Description>
IntervalSearchResult interval_search(Description const& description,
                                     IntervalSearchOptions options = {}) {
  if (options.names == nullptr) options.names = &description;
  return interval_search(build_graph(description), description.limits(), options);
}

}  // namespace gaus

#endif
