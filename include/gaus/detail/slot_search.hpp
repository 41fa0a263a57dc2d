// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SLOT_SEARCH_HPP
#define GAUS_DETAIL_SLOT_SEARCH_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/detail/slot_problem.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

namespace gaus::detail {

/// Exhaustive search for a modulo schedule at one interval, by branching on start steps of the
/// variables of a SlotProblem.
///
/// Each variable keeps a range of steps. A change passes through MinDist at once (the distances are
/// closed); ends of ranges skip slots that are full; and a stretch of slots whose units are just
/// enough for the operations confined to it is closed to all others (Hall intervals on the circle of
/// slots, after Lopez-Ortiz et al., IJCAI 2003). Branching goes on with the variable that failed last
/// (Lecoutre et al., Artificial Intelligence 173, 2009), else with the smallest range relative to the
/// failures that it had a part in (Boussemart et al., ECAI 2004), and restarts.
template <Graph H>
class SlotSearch {
 public:
  enum class Answer { found, refuted, unknown };

  /// table: of the interval, used for the search and left with whatever was placed last.
  SlotSearch(H const& graph, RecurrenceDistances const& distances,
             std::vector<std::optional<double>> const& limits, ResourceTable<H>& table)
      : problem_(graph, distances, limits, table.slots()),
        table_(table),
        interval_(table.slots()),
        operations_(problem_.operations()) {
    for (int const i : operations_) occupancy_.push_back(graph.occupancy(i));
    weight_.assign(operations_.size(), 1.0);
    sum_.resize(at(interval_) + 1);
    failures_.assign(problem_.classes().size() + 1, 0);
    stale_.assign(problem_.classes().size(), 0);
  }

  /// Whether every limited operation of a recurrence is a variable. Else the answer refuted holds,
  /// but found does not.
  [[nodiscard]] bool complete() const { return problem_.complete(); }
  [[nodiscard]] int variables() const { return problem_.variables(); }

  /// The operations that were placed, and their steps after the answer found; steps of different
  /// recurrences may be shifted against each other by whole intervals.
  [[nodiscard]] std::vector<int> const& operations() const { return operations_; }
  [[nodiscard]] std::vector<int> const& steps() const { return solution_; }

  /// The class at which the search failed most often, or -1 when MinDist alone failed more often.
  [[nodiscard]] int worst_class() const {
    if (problem_.refuted()) return problem_.refuted_by();
    auto const worst = static_cast<std::size_t>(
        std::max_element(failures_.begin(), failures_.end()) - failures_.begin());
    return worst < problem_.classes().size() ? problem_.classes()[worst].resource : -1;
  }

  /// Goes on searching, as if from the beginning but with what was learnt about hard operations.
  /// keep_going() is asked every 64 nodes.
  Answer run(std::uint64_t seed, detail::KeepGoing keep_going) {
    RandomBits random(seed);
    if (!prepared_) problem_.tighten();
    prepared_ = true;
    if (problem_.refuted()) return Answer::refuted;
    for (;;) {
      Answer const answer = descend(random, keep_going);
      if (answer != Answer::unknown || !on_) return answer;
      fail_limit_ = 100 * luby(++restarts_);
      last_failed_ = -1;
      // What was learnt may mislead.
      if (restarts_ % 8 == 0) std::fill(weight_.begin(), weight_.end(), 1.0);
    }
  }

 private:
  using Class = typename SlotProblem<H>::Class;
  struct Frame {
    std::vector<int> low, high;
    std::size_t trail;
    int variable;
    bool up;  ///< tried: the lower end
    bool turned;
  };

  /// 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8 ..: many short descents and now and then a long one, since how
  /// long a descent takes is a matter of luck (Luby, Sinclair, Zuckerman, 1993).
  static std::int64_t luby(std::int64_t k) {
    for (;;) {
      std::int64_t power = 1;
      while (2 * power <= k + 1) power *= 2;
      if (power == k + 1) return power / 2;
      k -= power - 1;
    }
  }

  [[nodiscard]] int slot(int step) const {
    int const m = step % interval_;
    return m < 0 ? m + interval_ : m;
  }

  void touch(int v) {
    for (int const r : problem_.uses(v)) stale_[at(r)] = 1;
    if (queued_[at(v)]) return;
    queued_[at(v)] = 1;
    queue_.push_back(v);
  }
  bool fail(int v, std::size_t kind) {
    weight_[at(v)] += 1;
    ++failures_[kind];
    return false;
  }
  /// s_v >= t, and on to the next slot with room; false when nothing is left.
  bool raise_to(int v, int t) {
    t = std::max(t, low_[at(v)]);
    bool const blocked = placed_[at(v)] == 0 && !table_.fits(operations_[at(v)], t);
    if (t == low_[at(v)] && !blocked) return true;
    if (t <= high_[at(v)] && blocked)
      for (++t; t <= high_[at(v)] && !table_.fits(operations_[at(v)], t);) ++t;
    if (t > high_[at(v)]) return fail(v, blocked ? at(problem_.uses(v).front()) : stale_.size());
    low_[at(v)] = t;
    touch(v);
    return true;
  }
  bool lower_to(int v, int t) {
    t = std::min(t, high_[at(v)]);
    bool const blocked = placed_[at(v)] == 0 && !table_.fits(operations_[at(v)], t);
    if (t == high_[at(v)] && !blocked) return true;
    if (t >= low_[at(v)] && blocked)
      for (--t; t >= low_[at(v)] && !table_.fits(operations_[at(v)], t);) --t;
    if (t < low_[at(v)]) return fail(v, blocked ? at(problem_.uses(v).front()) : stale_.size());
    high_[at(v)] = t;
    touch(v);
    return true;
  }

  bool propagate() {
    bool sound = true;
    while (sound) {
      while (sound && !queue_.empty()) {
        int const v = queue_.back();
        queue_.pop_back();
        queued_[at(v)] = 0;
        sound = settle(v) && pass_on(v);
      }
      if (!sound) break;
      for (std::size_t r = 0; r < stale_.size(); ++r) {
        if (!stale_[r]) continue;
        stale_[r] = 0;
        sound = sound && check_stretches(r);
      }
      if (queue_.empty()) break;
    }
    if (sound) return true;
    for (int const v : queue_) queued_[at(v)] = 0;
    queue_.clear();
    return false;
  }

  /// A variable with one step left takes its units; others step aside.
  bool settle(int v) {
    if (low_[at(v)] != high_[at(v)] || placed_[at(v)]) return true;
    if (!table_.fits(operations_[at(v)], low_[at(v)])) return fail(v, at(problem_.uses(v).front()));
    table_.place(operations_[at(v)], low_[at(v)]);
    placed_[at(v)] = 1;
    trail_.push_back(v);
    for (int const r : problem_.uses(v))
      for (auto const& [u, units] : problem_.classes()[at(r)].variables)
        if (!placed_[at(u)] && !(raise_to(u, low_[at(u)]) && lower_to(u, high_[at(u)])))
          return false;
    return true;
  }

  bool pass_on(int v) {
    auto const& group = problem_.group(v);
    int const first = group.first;
    int const size = group.size;
    int const* const from = problem_.distance(group) + at(v - first) * at(size);
    int const* to = problem_.distance(group) + at(v - first);
    int const low = low_[at(v)];
    int const high = high_[at(v)];
    for (int k = 0; k < size; ++k, to += size) {
      int const u = first + k;
      if (low + from[k] > low_[at(u)] && !raise_to(u, low + from[k])) return false;
      if (high - *to < high_[at(u)] && !lower_to(u, high - *to)) return false;
    }
    return true;
  }

  /// Stretches of slots: those that ask for too much refute, those that are just full are closed.
  bool check_stretches(std::size_t row) {
    Class const& own = problem_.classes()[row];
    begins_.assign(at(interval_), 0);
    for (auto const& [v, units] : own.variables) {
      int const width = high_[at(v)] - low_[at(v)] + occupancy_[at(v)];
      if (width >= interval_) continue;
      begins_[at(slot(low_[at(v)]))] = 1;
    }
    for (int a = 0; a < interval_; ++a) {
      if (!begins_[at(a)]) continue;
      std::fill(sum_.begin(), sum_.end(), 0.0);
      for (auto const& [v, units] : own.variables) {
        int const end = slot(low_[at(v)] - a) + high_[at(v)] - low_[at(v)] + occupancy_[at(v)];
        if (end < interval_) sum_[at(end)] += units * occupancy_[at(v)];
      }
      double inside = 0;
      for (int length = 1; length < interval_; ++length) {
        if (sum_[at(length)] == 0) continue;
        inside += sum_[at(length)];
        double const room = own.limit * length;
        if (inside > room + 1e-6) {
          for (auto const& [v, units] : own.variables)
            if (slot(low_[at(v)] - a) + high_[at(v)] - low_[at(v)] + occupancy_[at(v)] <= length)
              weight_[at(v)] += 1;
          ++failures_[row];
          return false;
        }
        if (inside < room - 1e-6) continue;
        for (auto const& [v, units] : own.variables) {
          int const low = slot(low_[at(v)] - a);
          if (low + high_[at(v)] - low_[at(v)] + occupancy_[at(v)] <= length) continue;
          if (units <= 1e-6 || placed_[at(v)]) continue;
          if (low < length && !raise_to(v, low_[at(v)] + length - low)) return false;
          int const high = slot(high_[at(v)] - a);
          if (high < length && !lower_to(v, high_[at(v)] - high - 1)) return false;
        }
      }
    }
    return true;
  }

  void undo(std::size_t trail) {
    while (trail_.size() > trail) {
      int const v = trail_.back();
      trail_.pop_back();
      // Ranges are restored by the caller; until then they still hold the step.
      table_.remove(operations_[at(v)], low_[at(v)]);
      placed_[at(v)] = 0;
    }
  }

  Answer descend(RandomBits& random, detail::KeepGoing keep_going) {
    table_.clear();
    low_.resize(operations_.size());
    high_.resize(operations_.size());
    for (int v = 0; v < variables(); ++v) std::tie(low_[at(v)], high_[at(v)]) = problem_.range(v);
    placed_.assign(operations_.size(), 0);
    queued_.assign(operations_.size(), 0);
    trail_.clear();
    queue_.clear();
    depth_ = 0;
    on_ = true;
    std::int64_t fails = 0;
    std::int64_t nodes = 0;
    double const upward = random.unit();
    for (int v = 0; v < variables(); ++v) touch(v);
    bool sound = propagate();
    for (;;) {
      if (sound) {
        int const v = choose(random);
        if (v < 0) {
          solution_ = low_;
          return Answer::found;
        }
        if (depth_ == frames_.size()) frames_.emplace_back();
        auto& f = frames_[depth_++];
        f.low = low_;
        f.high = high_;
        f.trail = trail_.size();
        f.variable = v;
        f.turned = false;
        f.up = random.unit() < upward;
        sound = fix(v, f.up);
        if (!sound) last_failed_ = v;
      } else {
        ++fails;
        while (depth_ > 0 && frames_[depth_ - 1].turned) --depth_;
        if (depth_ == 0) return Answer::refuted;
        auto& f = frames_[depth_ - 1];
        undo(f.trail);
        low_ = f.low;
        high_ = f.high;
        f.turned = true;
        std::fill(stale_.begin(), stale_.end(), 0);
        if (fails > fail_limit_) return Answer::unknown;
        sound = (f.up ? raise_to(f.variable, low_[at(f.variable)] + 1)
                      : lower_to(f.variable, high_[at(f.variable)] - 1)) &&
                propagate();
        if (!sound) drop_queue();
      }
      if (++nodes % 64 == 0 && !keep_going()) {
        on_ = false;
        return Answer::unknown;
      }
    }
  }
  bool fix(int v, bool up) {
    bool const sound = (up ? lower_to(v, low_[at(v)]) : raise_to(v, high_[at(v)])) && propagate();
    if (!sound) drop_queue();
    return sound;
  }
  void drop_queue() {
    for (int const v : queue_) queued_[at(v)] = 0;
    queue_.clear();
  }

  int choose(RandomBits& random) {
    if (last_failed_ >= 0 && low_[at(last_failed_)] < high_[at(last_failed_)]) return last_failed_;
    int best = -1;
    double least_score = 0;
    for (int v = 0; v < variables(); ++v) {
      if (low_[at(v)] == high_[at(v)]) continue;
      double const score =
          (high_[at(v)] - low_[at(v)] + 1) / weight_[at(v)] * (1 + 0.2 * random.unit());
      if (best >= 0 && score >= least_score) continue;
      best = v;
      least_score = score;
    }
    return best;
  }

  SlotProblem<H> problem_;
  ResourceTable<H>& table_;
  int interval_;
  std::vector<int> const& operations_;  ///< by variable, as those that follow
  std::vector<int> occupancy_, low_, high_;
  std::vector<double> weight_;
  std::vector<char> placed_, queued_;
  std::vector<int> queue_, trail_, solution_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
  std::vector<double> sum_;
  std::vector<char> begins_, stale_;
  std::vector<long long> failures_;
  std::int64_t fail_limit_ = 100;
  std::int64_t restarts_ = 1;
  bool on_ = true;
  bool prepared_ = false;
  int last_failed_ = -1;
};

}  // namespace gaus::detail

#endif
