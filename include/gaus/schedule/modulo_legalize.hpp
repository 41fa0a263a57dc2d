// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_MODULO_LEGALIZE_HPP
#define GAUS_SCHEDULE_MODULO_LEGALIZE_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/modulo_placement.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <queue>
#include <string>
#include <utility>
#include <vector>

// From targets, which know neither slots nor limits, to a legal schedule near them: pipelined or
// plain.
//
// The targets are rounded and made to satisfy the constraints (the average of pushing later and
// pushing earlier). Then operations are placed one after another, critical recurrences first and
// else in the order of their targets, each at the free slot nearest to its target inside the window
// that its placed neighbours leave (and in a recurrence the MinDist to all placed members). Where
// none is free it displaces what is in its way, as in iterative modulo scheduling.
//
// In the order of time an operation can wait but hardly start earlier, so that late targets fail for
// want of steps; in reversed order it is early targets that fail. Hence several attempts: both orders;
// then with others making room for it in chains of moves, as augmenting paths do; then with targets
// drawn towards the end that leaves steps. At last each operation moves to the free slot nearest to
// its target once more: others have moved away meanwhile.
namespace gaus {

/// Settings of a legalisation.
struct ModuloLegalizeOptions {
  double budget_ratio = 1;  ///< placements an operation, on average, beyond the first
  int chain_limit = 20;     ///< operations that a search for room in a window looks at
  int attempts = 8;         ///< orders and targets to try, each with the budget
  int first_attempt = 0;    ///< the one to begin with: attempt() of the last time, if much alike
  int sweeps = 2;           ///< over all operations at the end, towards their targets
  std::uint64_t seed = 0;   ///< of choices where no slot is free
};

/// Legalises one set of targets after another, buffers kept. The graph, the constraints (of
/// make_difference_system() with the same interval), the bounds and the table are kept by reference.
template <Graph H>
class ModuloLegalizer {
 public:
  /// bounds: earliest and latest start steps that satisfy the constraints; both empty for a
  /// pipelined schedule of any length. table: of the interval, or of the steps of a plain schedule
  /// (interval 0), which needs bounds. Throws InvalidInput where these do not fit together.
  ModuloLegalizer(H const& graph, DifferenceSystem const& system, StepBounds const& bounds,
                  ResourceTable<H>& table, int interval)
      : system_(system),
        bounds_(bounds),
        table_(table),
        interval_(interval),
        distances_(system, limited(system, table)),
        placement_(graph, system, distances_, table, interval > 0) {
    using detail::at;
    auto const n = at(system.operations);
    bounded_ = !bounds.earliest.empty();
    if (bounded_ && (bounds.earliest.size() != n || bounds.latest.size() != n))
      throw InvalidInput(detail::message(
          {"step bounds of ", bounds.earliest.size(), " operations are given, the graph has ", n}));
    if (interval == 0 && !bounded_ && n > 0)
      throw InvalidInput("a plain schedule is legalised within step bounds, none are given");
    if (interval > 0 && table.slots() != interval)
      throw InvalidInput(detail::message({"the reservation table has ", table.slots(),
                                          " slots, the initiation interval is ", interval}));
    group_.assign(n, 0);
    auto const& order = distances_.order();
    auto const groups = static_cast<int>(order.size());
    for (int i = 0; i < system.operations; ++i) group_[at(i)] = 2 * groups;
    for (int g = 0; g < groups; ++g)
      for (int const i : distances_.all()[at(order[at(g)])].members)
        group_[at(i)] = 2 * g + (table.limited(i) ? 0 : 1);
    key_.resize(n);
    last_.resize(n);
    tries_.resize(n);
  }

  /// Legal start steps near the targets; without bounds the first one is 0. False: none was found
  /// within the budget, and start is left as it was. O((V + evictions) (degree + slots looked at) +
  /// V log V). keep_going() is asked every 256 placements.
  bool run(std::vector<double> const& target, std::vector<int>& start,
           ModuloLegalizeOptions const& options, detail::KeepGoing keep_going) {
    using detail::at;
    if (target.size() != at(system_.operations))
      throw InvalidInput(detail::message({target.size(), " targets are given, the graph has ",
                                          system_.operations, " operations"}));
    if (target.empty()) {
      start.clear();
      return true;
    }
    if (!round(target)) return false;
    bool complete = false;
    for (int k = 0; k < std::max(1, options.attempts) && !complete; ++k) {
      if (k > 0 && !keep_going()) return false;
      attempt_ = (options.first_attempt + k) % std::max(1, options.attempts);
      aim(attempt_);
      complete = place(options, attempt_, keep_going);
    }
    if (!complete) return false;
    for (int sweep = 0; sweep < options.sweeps; ++sweep)
      if (!tighten(sweep % 2 == 1)) break;
    start = placement_.starts();
    if (!bounded_) {
      int const first = *std::min_element(start.begin(), start.end());
      for (int& s : start) s -= first;
    }
    return true;
  }
  /// The same without a limit on its time.
  bool run(std::vector<double> const& target, std::vector<int>& start,
           ModuloLegalizeOptions const& options = {}) {
    return run(target, start, options, [] { return true; });
  }

  /// Which attempt succeeded last.
  [[nodiscard]] int attempt() const { return attempt_; }

 private:
  static constexpr int unbounded = detail::max_steps_ahead;
  static constexpr int never = std::numeric_limits<int>::min();

  static std::vector<char> limited(DifferenceSystem const& system, ResourceTable<H> const& table) {
    std::vector<char> all(detail::at(system.operations), 0);
    for (int i = 0; i < system.operations; ++i) all[detail::at(i)] = table.limited(i) ? 1 : 0;
    return all;
  }
  [[nodiscard]] int earliest(int i) const {
    return bounded_ ? bounds_.earliest[detail::at(i)] : -unbounded;
  }
  [[nodiscard]] int latest(int i) const {
    return bounded_ ? bounds_.latest[detail::at(i)] : unbounded;
  }

  /// Rounded targets that satisfy the constraints and bounds, in base_. False for a positive cycle.
  bool round(std::vector<double> const& target) {
    using detail::at;
    base_.resize(target.size());
    double constexpr far = detail::max_steps_ahead / 4.0;
    for (int i = 0; i < system_.operations; ++i) {
      double const t = std::isnan(target[at(i)]) ? 0.0 : target[at(i)];
      base_[at(i)] = std::clamp(static_cast<int>(std::lround(std::clamp(t, -far, far))),
                                std::max(earliest(i), -unbounded), latest(i));
    }
    later_ = base_;
    if (!raise(system_, later_) || !lower(system_, base_)) return false;
    for (std::size_t i = 0; i < base_.size(); ++i) base_[i] = (base_[i] + later_[i]) >> 1;
    return true;
  }

  /// Where an attempt would have the operations. In the order of time they can only be put off, in
  /// reversed order only be put forward: later attempts leave more steps for that.
  void aim(int attempt) {
    aim_ = base_;
    if (!bounded_ || attempt < 4) return;
    int const share = attempt / 2 - 1;  // of 3
    auto const& end = attempt % 2 == 0 ? bounds_.earliest : bounds_.latest;
    for (std::size_t i = 0; i < aim_.size(); ++i) aim_[i] += (end[i] - aim_[i]) * share / 3;
    // A mean of legal schedules, but for the rounding.
    if (attempt % 2 == 0)
      lower(system_, aim_);
    else
      raise(system_, aim_);
  }

  bool place(ModuloLegalizeOptions const& options, int attempt, detail::KeepGoing keep_going) {
    using detail::at;
    int const n = system_.operations;
    bool const backwards = attempt % 2 == 1;
    detail::RandomBits random(options.seed + at(attempt));
    placement_.clear();
    queue_ = {};
    constexpr long long wide = 1LL << 36;
    for (int i = 0; i < n; ++i) {
      key_[at(i)] =
          group_[at(i)] * wide + 16LL * (backwards ? -aim_[at(i)] : aim_[at(i)]) + random.below(8);
      placement_.set_rank(i, key_[at(i)]);
      queue_.emplace(key_[at(i)], i);
      last_[at(i)] = never;
      tries_[at(i)] = 0;
    }
    auto budget = static_cast<std::int64_t>(options.budget_ratio * n) + n;
    int const patience = table_.slots() > 4096 ? 1 : 256;  // a placement may look at every slot
    while (!queue_.empty()) {
      if (--budget < 0 || (budget % patience == 0 && !keep_going())) return false;
      int const i = queue_.top().second;
      queue_.pop();
      int const low = std::max(placement_.low(i), earliest(i));
      int const high = std::min(placement_.high(i), latest(i));
      int t = placement_.nearest_fit(i, low, high, aim_[at(i)]);
      if (t != unbounded) {
        last_[at(i)] = t;
        placement_.put(i, t);
        continue;
      }
      auto const bounds = [&](int j) { return std::pair(earliest(j), latest(j)); };
      // Takes time: where displacing alone has failed.
      if (attempt >= 2 && placement_.make_room(i, low, high, options.chain_limit, bounds,
                                               [&](int j) { return aim_[at(j)]; })) {
        last_[at(i)] = placement_.start(i);
        continue;
      }
      t = displace(i, low, high, backwards, random);
      last_[at(i)] = t;
      if (!placement_.force(i, t, [&](int j) { queue_.emplace(key_[at(j)], j); })) return false;
    }
    return true;
  }

  /// Where an operation without a free slot goes.
  int displace(int i, int low, int high, bool reversed, detail::RandomBits& random) {
    using detail::at;
    int const turn = interval_ > 0 ? interval_ : table_.slots();
    int const tries = tries_[at(i)]++;
    // What is open to one side, or to both, ends a turn away from the target.
    if (high == unbounded) high = std::max(low, aim_[at(i)]) + turn;
    if (low == -unbounded) low = std::min(high, aim_[at(i)]) - turn;
    int const last = last_[at(i)];
    // Inside its window, which others leave: another place than the last time.
    if (low <= high && tries % 3 != 2) {
      int const end = std::min(high, low + turn - 1);
      int const begin = std::max(low, end - turn + 1);
      return last >= begin && last < end ? last + 1
                                         : begin + (tries > 0 ? 0 : random.below(end - begin + 1));
    }
    // Behind its predecessors at a slot that is free, else later than the last time; where steps
    // are bounded, before its successors every other time.
    int const first = std::min(low, latest(i));
    bool const backwards = bounded_ ? (tries % 2 == 1) != reversed : reversed;
    int const begin = backwards ? std::max(earliest(i), std::max(high, earliest(i)) - turn + 1)
                                : std::max(first, earliest(i));
    int const end = backwards ? std::max(high, begin) : std::min(latest(i), begin + turn - 1);
    int const t = placement_.nearest_fit(i, begin, end, backwards ? end : begin);
    if (t != unbounded && t != last) return t;
    if (!bounded_ && last == never) return backwards ? end : begin;
    if (!bounded_) return backwards ? std::min(end, last - 1) : std::max(begin, last + 1);
    return begin + random.below(end - begin + 1);
  }

  /// Moves every operation to the free slot nearest to its target. False: nothing moved.
  bool tighten(bool backwards) {
    using detail::at;
    bool moved = false;
    auto const n = system_.order.size();
    for (std::size_t k = 0; k < n; ++k) {
      int const i = system_.order[backwards ? n - 1 - k : k];
      int const before = placement_.start(i);
      if (before == base_[at(i)]) continue;
      placement_.take(i);
      int const low = std::max(placement_.low(i), earliest(i));
      int const high = std::min(placement_.high(i), latest(i));
      int t = placement_.nearest_fit(i, low, high, base_[at(i)]);
      if (t == unbounded || std::abs(t - base_[at(i)]) >= std::abs(before - base_[at(i)]))
        t = before;
      moved = moved || t != before;
      placement_.put(i, t);
    }
    return moved;
  }

  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  ResourceTable<H>& table_;
  int interval_;
  bool bounded_ = false;
  int attempt_ = 0;
  detail::RecurrenceDistances distances_;
  detail::ModuloPlacement<H> placement_;
  std::vector<int> group_;
  std::vector<long long> key_;
  std::vector<int> last_, tries_;
  std::vector<int> base_, later_, aim_;
  std::priority_queue<std::pair<long long, int>, std::vector<std::pair<long long, int>>,
                      std::greater<>>
      queue_;
};

/// Legalises once; see ModuloLegalizer. budget: placements an operation, on average, beyond the
/// first. table is left with the schedule in it.
template <Graph H>
bool modulo_legalize(H const& graph, DifferenceSystem const& system, StepBounds const& bounds,
                     ResourceTable<H>& table, int interval, std::vector<double> const& target,
                     std::vector<int>& start, double budget = 4, std::uint64_t seed = 0) {
  ModuloLegalizer<H> legalizer(graph, system, bounds, table, interval);
  return legalizer.run(target, start, {.budget_ratio = budget, .seed = seed});
}

}  // namespace gaus

#endif
