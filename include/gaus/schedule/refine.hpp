// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_REFINE_HPP
#define GAUS_SCHEDULE_REFINE_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/live_costs.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

// Discrete local search on a legal schedule: simulated annealing (Kirkpatrick et al., 1983) over
// moves of one operation within its slack and of chains, an operation together with all those that
// it pushes. The energy is the exact objective with its peaks smoothed by log-sum-exp, kept up to
// date move by move (schedule/live_costs.hpp); the best schedule is the one of least exact cost.
// Every schedule on the way keeps all difference constraints and its steps. Limits of resource
// classes are passed on the way, at a price that grows, and kept by what is returned.
//
// In a pipelined schedule steps that are a whole number of intervals apart share a slot: exchanges
// are between slots, and chains may move by whole intervals, which leaves all usage as it is.
namespace gaus {

/// Settings of one annealing.
struct RefineOptions {
  std::int64_t moves = 200000;  ///< proposals
  double heat_first = 0.3;      ///< temperature in units of the mean change that a move makes
  double heat_last = 0.003;     ///< the last one, geometric in between
  double peak_first = 0.05;     ///< smoothing of peaks relative to the peak
  double peak_last = 0.01;      ///< the last one, geometric in between
  std::optional<int> cap{};     ///< caps at so many steps beside the peaks (of the start, or of
                                ///< cap_by()) instead of smooth maxima
  int cap_class = -1;           ///< >= 0: only this one of the classes that count has its cap moved
  double chain_share = 0.25;    ///< of the proposals that push a chain
  int chain_limit = 100;        ///< operations in a chain
  double drag_share = 0.15;     ///< of the chains that drag along what is tight behind them
  double swap_share = 0.2;      ///< of the proposals that exchange the steps of two operations
  double excess_first = 0.5;    ///< price of a unit above a limit, like heat_first
  double excess_last = 30;      ///< the last one, geometric in between
  std::uint64_t seed = 0;       ///< of the random numbers
};

/// Settings that suit some graph: a portfolio to draw from, as none suits all. A good schedule is
/// spoilt by much heat, so that many begin cold.
inline RefineOptions varied_refine_options(std::uint64_t seed, std::int64_t moves) {
  detail::RandomBits choice(seed);
  RefineOptions options;
  options.seed = seed;
  options.moves = moves;
  options.heat_first = std::array{0.03, 0.05, 0.1, 0.3, 0.3}[detail::at(choice.below(5))];
  options.peak_last = std::array{0.01, 0.003}[detail::at(choice.below(2))];
  options.swap_share = std::array{0.05, 0.2, 0.4}[detail::at(choice.below(3))];
  options.chain_share = std::array{0.05, 0.25}[detail::at(choice.below(2))];
  options.chain_limit = std::array{10, 30, 100}[detail::at(choice.below(3))];
  if (choice.below(4) == 0) {
    options.cap = choice.below(2) - 1;
    options.cap_class = choice.below(64) - 32;
  }
  return options;
}

/// Local search around one schedule after another, buffers kept.
template <Graph H>
class Refiner {
 public:
  /// limits: of the resource classes, none for unlimited; empty: no limits.
  Refiner(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
          CostModel const& model, std::vector<std::optional<double>> const& limits = {})
      : graph_(problem.graph),
        system_(system),
        interval_(problem.initiation_interval),
        limited_(!limits.empty()),
        costs_(problem, model, limits) {
    confine(bounds);
    planned_.assign(detail::at(system.operations), 0);
    planned_by_.assign(detail::at(system.operations), 0);
  }

  /// From now on operations stay within these steps, in which some legal schedule must lie: the step
  /// bounds of the problem or a part of them. The caller keeps them alive.
  void confine(StepBounds const& bounds) {
    bounds_ = &bounds;
    mobile_.clear();
    for (int i = 0; i < system_.operations; ++i)
      if (bounds.earliest[detail::at(i)] < bounds.latest[detail::at(i)]) mobile_.push_back(i);
  }

  /// The schedule whose peaks RefineOptions::cap goes by: a good one, where starts may be bad. Empty:
  /// the start of each search.
  void cap_by(std::vector<int> const& reference) { costs_.cap_by(reference); }

  /// Anneals from a legal schedule; returns the best value seen and leaves its schedule in start. A
  /// start that passes limits alone is a start too: infinity, and start as it was, when no schedule
  /// on the way keeps them.
  /// keep_going() is asked every 250 moves.
  double anneal(std::vector<int>& start, RefineOptions const& options,
                detail::KeepGoing keep_going) {
    std::int64_t const stage = std::max<std::int64_t>(1000, options.moves / 100);
    std::int64_t done = -stage;
    auto const fraction = [&] {
      done += stage;
      return static_cast<double>(done) / static_cast<double>(options.moves);
    };
    return anneal_through(start, options, stage, fraction, keep_going);
  }

  /// The same for as long as a clock says: options.moves has no say, fraction() is how much of the
  /// annealing is over, from 0 to 1.
  double anneal_by(std::vector<int>& start, RefineOptions const& options,
                   detail::FunctionRef<double()> fraction) {
    // Short: a clock has the last word.
    auto const stage = std::clamp<std::int64_t>(std::int64_t(mobile_.size()), 1000, 4000);
    return anneal_through(start, options, stage, fraction, [] { return true; });
  }

 private:
  double anneal_through(std::vector<int>& start, RefineOptions const& options, std::int64_t stage,
                        detail::FunctionRef<double()> fraction, detail::KeepGoing keep_going) {
    detail::RandomBits random(options.seed);
    std::fill(planned_by_.begin(), planned_by_.end(), 0);
    plan_number_ = 0;
    costs_.load(start);
    double best = costs_.excess() > 0 ? std::numeric_limits<double>::infinity() : costs_.exact();
    if (mobile_.empty()) return best;
    best_ = start;
    since_best_.clear();
    fill_steps();
    if (options.cap)
      costs_.set_caps(*options.cap, options.cap_class);
    else
      costs_.set_smoothing(options.peak_first);
    costs_.set_excess_weight(0);
    energy_ = costs_.energy();
    double const typical = typical_change(random);
    bool on = keep_going();
    for (double x = fraction(); on && x < 1; x = fraction()) {
      double const heat =
          typical * options.heat_first * std::pow(options.heat_last / options.heat_first, x);
      if (!options.cap)
        costs_.set_smoothing(options.peak_first *
                             std::pow(options.peak_last / options.peak_first, x));
      costs_.set_excess_weight(typical * options.excess_first *
                               std::pow(options.excess_last / options.excess_first, x));
      energy_ = costs_.energy();
      for (std::int64_t k = 0; k < stage; ++k) {
        if (k % 250 == 249 && !(on = keep_going())) break;
        if (!propose(random, options)) continue;
        double const change = costs_.energy() - energy_;
        if (change <= 0 || random.unit() < std::exp(-change / heat)) {
          energy_ = costs_.energy();
          // On large graphs a copy of all would cost more than the move.
          if (since_best_.size() < best_.size())
            for (auto const& [i, from] : moved_) since_best_.push_back(i);
          double const value = costs_.settle();
          if (costs_.excess() == 0 &&
              (value < best - 1e-9 * std::abs(best) || !std::isfinite(best))) {
            best = value;
            keep_best();
          }
        } else {
          undo();
        }
      }
    }
    start = best_;
    return best;
  }

  /// Takes over the present schedule, or what has changed since the last best one.
  void keep_best() {
    if (since_best_.size() >= best_.size())
      best_ = costs_.start();
    else
      for (int const i : since_best_) best_[detail::at(i)] = costs_.start()[detail::at(i)];
    since_best_.clear();
  }

  /// Mean size of the change of energy that a random move makes.
  double typical_change(detail::RandomBits& random) {
    double sum = 0;
    int count = 0;
    RefineOptions const single{.chain_share = 0, .swap_share = 0};
    for (int k = 0; k < 500; ++k) {
      if (!propose(random, single)) continue;
      sum += std::abs(costs_.energy() - energy_);
      ++count;
      undo();
    }
    return count > 0 && sum > 0 ? sum / count : 1.0;
  }

  /// Makes a random move; false when there was nothing to move.
  bool propose(detail::RandomBits& random, RefineOptions const& options) {
    using detail::at;
    moved_.clear();
    int const i = mobile_[at(random.below(static_cast<int>(mobile_.size())))];
    int const now = costs_.start()[at(i)];
    double const kind_of_move = random.unit();
    if (kind_of_move < options.chain_share) {
      bool const later = random.below(2) == 0;
      int const room = later ? bounds_->latest[at(i)] - now : now - bounds_->earliest[at(i)];
      if (room <= 0) return false;
      int const reach = random.below(4) == 0 ? std::min(room, 8) : 1;
      bool const whole = interval_ > 0 && interval_ <= room && random.below(2) == 0;
      int const by = whole ? interval_ : 1 + random.below(reach);
      bool const drag = random.unit() < options.drag_share;
      return push(i, later ? now + by : now - by, options.chain_limit, whole ? interval_ : 1,
                  drag ? &random : nullptr);
    }
    auto const [low, high] = room_of(i);
    if (low >= high) return false;
    int to = low + random.below(high - low);
    to += to >= now ? 1 : 0;  // anywhere but here
    if (kind_of_move < options.chain_share + options.swap_share) return swap(i, to, random);
    int const kind = random.below(4);
    if (kind == 0) to = now + 1 > high || (now > low && random.below(2) == 0) ? now - 1 : now + 1;
    if (kind == 1 && now != low) to = low;
    if (kind == 2 && now != high) to = high;
    if (interval_ > 0 && random.below(4) == 0) {  // the same slot of another iteration
      bool const later = now - interval_ < low || (now + interval_ <= high && random.below(2) == 0);
      int const there = later ? now + interval_ : now - interval_;
      if (there >= low && there <= high) to = there;
    }
    relocate(i, to);
    return true;
  }

  /// Steps between which an operation may start as the others stand.
  [[nodiscard]] std::pair<int, int> room_of(int i) const {
    using detail::at;
    int low = bounds_->earliest[at(i)];
    int high = bounds_->latest[at(i)];
    for (int k = system_.in_offset[at(i)]; k < system_.in_offset[at(i) + 1]; ++k)
      low = std::max(low, costs_.start()[at(system_.in_from[at(k)])] + system_.in_delta[at(k)]);
    for (int k = system_.out_offset[at(i)]; k < system_.out_offset[at(i) + 1]; ++k)
      high = std::min(high, costs_.start()[at(system_.out_to[at(k)])] - system_.out_delta[at(k)]);
    return {low, high};
  }

  /// Moves an operation, and one that starts at its new step (or slot) to its old one: profiles of
  /// equal operations stay as they are.
  bool swap(int i, int to, detail::RandomBits& random) {
    auto const& others = at_step_[detail::at(slot_of(to))];
    if (others.empty()) return false;
    int j = others[detail::at(random.below(static_cast<int>(others.size())))];
    for (int tries = 0; limited_ && tries < 4 && !alike(i, j); ++tries)
      j = others[detail::at(random.below(static_cast<int>(others.size())))];
    if (j == i) return false;
    int const now = costs_.start()[detail::at(i)];
    int there = costs_.start()[detail::at(j)] + now - to;
    relocate(i, to);
    auto const [low, high] = room_of(j);
    if (interval_ > 0) {
      if (there < low) there += (low - there + interval_ - 1) / interval_ * interval_;
      if (there > high) there -= (there - high + interval_ - 1) / interval_ * interval_;
    }
    if (there < low || there > high) {
      undo();
      return false;
    }
    relocate(j, there);
    return true;
  }
  /// Whether two operations ask for the same class first.
  [[nodiscard]] bool alike(int i, int j) const {
    auto const a = graph_.demands(i);
    auto const b = graph_.demands(j);
    return a.size() > 0 && b.size() > 0 && Demand(a[0]).resource == Demand(b[0]).resource;
  }
  [[nodiscard]] int slot_of(int step) const { return interval_ > 0 ? step % interval_ : step; }

  void relocate(int i, int to) {
    moved_.push_back({i, costs_.start()[detail::at(i)]});
    place(i, to);
  }
  void place(int i, int to) {
    using detail::at;
    auto& from = at_step_[at(slot_of(costs_.start()[at(i)]))];
    int const last = from.back();
    from[at(rank_[at(i)])] = last;
    rank_[at(last)] = rank_[at(i)];
    from.pop_back();
    auto& target = at_step_[at(slot_of(to))];
    rank_[at(i)] = static_cast<int>(target.size());
    target.push_back(i);
    costs_.move(i, to);
  }
  /// Lists the operations of every step or slot.
  void fill_steps() {
    using detail::at;
    int last = 0;
    for (int const s : costs_.start()) last = std::max(last, s);
    for (int const s : bounds_->latest) last = std::max(last, s);
    for (auto& step : at_step_) step.clear();
    at_step_.resize(at(interval_ > 0 ? interval_ : last + 1));
    rank_.resize(costs_.start().size());
    for (std::size_t i = 0; i < rank_.size(); ++i) {
      auto& step = at_step_[at(slot_of(costs_.start()[i]))];
      rank_[i] = static_cast<int>(step.size());
      step.push_back(static_cast<int>(i));
    }
  }

  /// Moves an operation and, transitively, all those in its way; with drag also some of those that
  /// are tight behind, so that a cluster moves as one. Each moves by a multiple of so many steps.
  /// False when the chain would leave its windows or grow beyond the limit. It is planned as a whole
  /// before any cost is touched.
  bool push(int first, int to, int limit, int multiple, detail::RandomBits* drag) {
    using detail::at;
    bool const later = to > costs_.start()[at(first)];
    plan_.clear();
    if (++plan_number_ == 0) {  // once in 2^32 chains
      std::fill(planned_by_.begin(), planned_by_.end(), 0);
      plan_number_ = 1;
    }
    queue_.assign(1, {first, to});
    for (std::size_t k = 0; k < queue_.size(); ++k) {
      int const i = queue_[k].first;
      int const now = planned(i);
      int const away = later ? queue_[k].second - now : now - queue_[k].second;
      if (away <= 0) continue;
      int const by = (away + multiple - 1) / multiple * multiple;
      int const t = later ? now + by : now - by;
      if (t < bounds_->earliest[at(i)] || t > bounds_->latest[at(i)]) return false;
      if (planned_by_[at(i)] != plan_number_) {
        if (static_cast<int>(plan_.size()) >= limit) return false;
        planned_by_[at(i)] = plan_number_;
        plan_.push_back(i);
      }
      planned_[at(i)] = t;
      if (drag != nullptr) drag_along(i, now, t, *drag);
      for (int e = system_.out_offset[at(i)]; later && e < system_.out_offset[at(i) + 1]; ++e)
        if (planned(system_.out_to[at(e)]) < t + system_.out_delta[at(e)])
          queue_.emplace_back(system_.out_to[at(e)], t + system_.out_delta[at(e)]);
      for (int e = system_.in_offset[at(i)]; !later && e < system_.in_offset[at(i) + 1]; ++e)
        if (planned(system_.in_from[at(e)]) > t - system_.in_delta[at(e)])
          queue_.emplace_back(system_.in_from[at(e)], t - system_.in_delta[at(e)]);
    }
    for (int const i : plan_) relocate(i, planned_[at(i)]);
    return !plan_.empty();
  }
  void drag_along(int i, int from, int to, detail::RandomBits& random) {
    using detail::at;
    bool const later = to > from;
    auto const& offset = later ? system_.in_offset : system_.out_offset;
    auto const& other = later ? system_.in_from : system_.out_to;
    auto const& delta = later ? system_.in_delta : system_.out_delta;
    for (int e = offset[at(i)]; e < offset[at(i) + 1]; ++e) {
      int const j = other[at(e)];
      int const now = planned(j);
      if ((later ? now + delta[at(e)] : now - delta[at(e)]) == from && random.below(2) == 0)
        queue_.emplace_back(j, now + to - from);
    }
  }
  /// Where an operation starts by the chain that is being planned.
  [[nodiscard]] int planned(int i) const {
    return planned_by_[detail::at(i)] == plan_number_ ? planned_[detail::at(i)]
                                                      : costs_.start()[detail::at(i)];
  }

  void undo() {
    for (auto m = moved_.rbegin(); m != moved_.rend(); ++m) place(m->first, m->second);
    costs_.settle();
    moved_.clear();
  }

  H const& graph_;
  DifferenceSystem const& system_;
  int interval_;
  bool limited_;
  StepBounds const* bounds_ = nullptr;
  LiveCosts<H> costs_;
  std::vector<int> mobile_;
  std::vector<int> best_;
  std::vector<int> since_best_;            ///< what has moved since; as many as there are: anything
  std::vector<std::vector<int>> at_step_;  ///< operations by start step
  std::vector<int> rank_;                  ///< place of an operation among those of its step
  std::vector<std::pair<int, int>> moved_;
  std::vector<std::pair<int, int>> queue_;
  std::vector<int> plan_;     ///< operations of the chain that is being planned
  std::vector<int> planned_;  ///< their start steps
  std::vector<std::uint32_t> planned_by_;
  std::uint32_t plan_number_ = 0;
  double energy_ = 0;
};

}  // namespace gaus

#endif
