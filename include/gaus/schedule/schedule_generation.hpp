// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_SCHEDULE_GENERATION_HPP
#define GAUS_SCHEDULE_SCHEDULE_GENERATION_HPP

#include <gaus/detail/limited_project.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

// Schedule generation: from an order of operations to a legal schedule under resource limits
// (Kolisch 1996, European Journal of Operational Research 90).
//
//   serial    one operation after another, each at the first step at which its constraints and the
//             limits admit it: active schedules, among which one is of least makespan, as long as
//             no lag lets an operation start before one that it waits for
//   parallel  one step after another, each filled with what fits: non-delay schedules, good ones
//             where resources are scarce, but perhaps none of least makespan
//
// An order comes as a priority an operation, the least first, such as the means of the
// differentiable relaxation. An operation waits for all operations that constrain it, whatever its
// priority. Backward, the same is done from the end of time. justify() reads the order off a
// schedule and repeats it backward and forward (double justification; Valls, Ballestin and
// Quintanilla 2005, European Journal of Operational Research 165): never longer, often shorter.
//
// Constraints are minimum distances of any sign; they may not form a cycle. For maximum distances
// see schedule/time_lag_search.hpp.
namespace gaus {

namespace detail {

/// Builds schedules of one direction of time; holds the buffers.
class SerialGenerator {
 public:
  explicit SerialGenerator(LimitedProject const& project)
      : p_(project), left_(at(project.operations)), placed_(at(project.operations)) {
    if (p_.operations > most_without_skips && p_.words > 0) find_kinds();
  }

  /// Serial scheme in the order of a list of all operations. One that stands before an operation
  /// that it waits for pulls that one forward. Returns the makespan.
  /// O(V * demands + E + steps searched).
  int list(std::vector<int> const& order, std::vector<int>& start) {
    begin(start);
    for (int const first : order) {
      if (placed_[at(first)]) continue;
      stack_.assign(1, first);
      while (!stack_.empty()) {
        int const i = stack_.back();
        std::size_t const before = stack_.size();
        auto const& s = p_.system;
        for (int k = s.in_offset[at(i)]; k < s.in_offset[at(i) + 1]; ++k)
          if (!placed_[at(s.in_from[at(k)])]) stack_.push_back(s.in_from[at(k)]);
        if (stack_.size() > before) continue;
        stack_.pop_back();
        if (!placed_[at(i)]) place(i, first_fit(i, earliest(i, start)), start);
      }
    }
    return makespan_;
  }

  /// Serial scheme by keys, the least first; of equals the one that comes first in the order of the
  /// constraints. O(V log V) more.
  template <class Key>
  int keys(std::vector<Key> const& key, std::vector<int>& start) {
    order_ = p_.system.order;
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return key[at(a)] < key[at(b)]; });
    return list(order_, start);
  }

  /// Serial scheme among eligible operations, the least priority first: the textbook's.
  template <class Priority>
  int serial(std::vector<Priority> const& priority, std::vector<int>& start) {
    begin(start);
    count_waiting();
    std::vector<int> rank(at(p_.operations));
    for (int k = 0; k < p_.operations; ++k) rank[at(p_.system.order[at(k)])] = k;
    using Entry = std::pair<Priority, int>;  // priority, rank
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> eligible;
    for (int i = 0; i < p_.operations; ++i)
      if (left_[at(i)] == 0) eligible.emplace(priority[at(i)], rank[at(i)]);
    while (!eligible.empty()) {
      int const i = p_.system.order[at(eligible.top().second)];
      eligible.pop();
      place(i, first_fit(i, earliest(i, start)), start);
      release_successors(i, [&](int j) { eligible.emplace(priority[at(j)], rank[at(j)]); });
    }
    return makespan_;
  }

  /// Parallel scheme. O(V) for each of the at most 2 V steps at which something happens, mostly
  /// far less.
  template <class Priority>
  int parallel(std::vector<Priority> const& priority, std::vector<int>& start) {
    begin(start);
    count_waiting();
    std::vector<int> rank(at(p_.operations));
    for (int k = 0; k < p_.operations; ++k) rank[at(p_.system.order[at(k)])] = k;
    auto const before = [&](int a, int b) {
      return priority[at(a)] != priority[at(b)] ? priority[at(a)] < priority[at(b)]
                                                : rank[at(a)] < rank[at(b)];
    };
    std::vector<int> eligible;
    std::vector<int> fresh;
    std::vector<int> kept;
    std::vector<int> wake(at(p_.operations), 0);
    std::priority_queue<int, std::vector<int>, std::greater<>> events;
    for (int i = 0; i < p_.operations; ++i)
      if (left_[at(i)] == 0) fresh.push_back(i);
    int t = 0;
    for (;;) {
      // What becomes eligible by an operation that starts now may start now as well.
      do {
        for (int const j : fresh) {
          wake[at(j)] = earliest(j, start);
          if (wake[at(j)] > t) events.push(wake[at(j)]);
        }
        eligible.insert(eligible.end(), fresh.begin(), fresh.end());
        fresh.clear();
        std::sort(eligible.begin(), eligible.end(), before);
        kept.clear();
        for (int const i : eligible) {
          if (wake[at(i)] > t || !fits(i, t)) {
            kept.push_back(i);
            continue;
          }
          place(i, t, start);
          if (p_.busy[at(i)] > 0) events.push(t + p_.busy[at(i)]);
          release_successors(i, [&](int j) { fresh.push_back(j); });
        }
        eligible.swap(kept);
      } while (!fresh.empty());
      if (eligible.empty()) return makespan_;
      while (events.top() <= t) events.pop();
      t = events.top();
    }
  }

 private:
  static constexpr int most_without_skips = 5000;  ///< operations
  static constexpr std::size_t most_kinds = 16;    ///< each costs four bytes a step

  /// Operations by what they take: a step that does not admit one does not admit the others, and
  /// never will while a schedule is built. None where there are many kinds.
  void find_kinds() {
    std::vector<int> first;  // of each kind
    kind_.resize(at(p_.operations));
    auto const row = [&](int i) {
      return p_.demand.begin() + static_cast<std::ptrdiff_t>(at(i) * at(p_.words));
    };
    for (int i = 0; i < p_.operations; ++i) {
      auto const same = std::find_if(first.begin(), first.end(), [&](int j) {
        return std::equal(row(i), row(i) + p_.words, row(j));
      });
      kind_[at(i)] = static_cast<int>(same - first.begin());
      if (same != first.end()) continue;
      first.push_back(i);
      if (first.size() > most_kinds) return kind_.clear();
    }
    next_.resize(first.size());
  }
  /// first_fit() past the steps that are known not to admit such an operation: O(busy) and the steps
  /// that turn out so, each once a kind.
  [[nodiscard]] int first_fit_by_kind(int i, int t, std::uint64_t const* d, int end) {
    auto& next = next_[at(kind_[at(i)])];
    for (int u = static_cast<int>(next.size()); u <= end; ++u) next.push_back(u);
    int run = 0;
    while (t < end && run < p_.busy[at(i)]) {
      if (run == 0)
        while (next[at(t)] != t) t = next[at(t)] = next[at(next[at(t)])];
      if (t >= end) break;
      bool const fit = fits_step(d, t);
      run = fit ? run + 1 : 0;
      if (!fit) next[at(t)] = t + 1;
      ++t;
    }
    return t - run;
  }

  void begin(std::vector<int>& start) {
    for (auto& steps : next_) steps.clear();
    start.resize(at(p_.operations));
    std::fill(placed_.begin(), placed_.end(), char{0});
    for (std::size_t c = 0; c < used_; c += at(std::max(1, p_.words)))
      std::copy(p_.full.begin(), p_.full.end(), free_.begin() + static_cast<std::ptrdiff_t>(c));
    used_ = 0;
    makespan_ = 0;
  }
  void count_waiting() {
    auto const& s = p_.system;
    for (int i = 0; i < p_.operations; ++i)
      left_[at(i)] = s.in_offset[at(i) + 1] - s.in_offset[at(i)];
  }
  template <class Ready>
  void release_successors(int i, Ready&& ready) {
    auto const& s = p_.system;
    for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
      if (--left_[at(s.out_to[at(k)])] == 0) ready(s.out_to[at(k)]);
  }
  [[nodiscard]] int earliest(int i, std::vector<int> const& start) const {
    auto const& s = p_.system;
    int t = p_.release[at(i)];
    for (int k = s.in_offset[at(i)]; k < s.in_offset[at(i) + 1]; ++k)
      t = std::max(t, start[at(s.in_from[at(k)])] + s.in_delta[at(k)]);
    return t;
  }
  /// Makes the table reach a step.
  void extend(int steps) {
    std::size_t const old = free_.size();
    std::size_t const wanted = at(steps) * at(p_.words);
    if (wanted <= old) return;
    free_.resize(std::max(wanted, 2 * old));
    for (std::size_t c = old; c < free_.size(); ++c) free_[c] = p_.full[c % at(p_.words)];
  }
  [[nodiscard]] bool fits_step(std::uint64_t const* d, int step) const {
    std::uint64_t const* const f = free_.data() + at(step) * at(p_.words);
    for (int w = 0; w < p_.words; ++w)
      if (((f[w] - d[w]) & p_.guard[at(w)]) != p_.guard[at(w)]) return false;
    return true;
  }
  [[nodiscard]] bool fits(int i, int t) {
    int const busy = p_.busy[at(i)];
    if (busy == 0) return true;
    extend(t + busy);
    std::uint64_t const* const d = p_.demand.data() + at(i) * at(p_.words);
    for (int u = t; u < t + busy; ++u)
      if (!fits_step(d, u)) return false;
    return true;
  }
  [[nodiscard]] int first_fit(int i, int t) {
    int const busy = p_.busy[at(i)];
    if (busy == 0) return t;
    std::uint64_t const* const d = p_.demand.data() + at(i) * at(p_.words);
    int const end = static_cast<int>(used_ / at(p_.words));  // all is free from here on
    if (!kind_.empty()) return first_fit_by_kind(i, t, d, end);
    int run = 0;
    if (p_.words == 1) {
      std::uint64_t const need = d[0];
      std::uint64_t const guard = p_.guard[0];
      for (; t < end && run < busy; ++t)
        run = ((free_[at(t)] - need) & guard) == guard ? run + 1 : 0;
    } else {
      for (; t < end && run < busy; ++t) run = fits_step(d, t) ? run + 1 : 0;
    }
    return t - run;
  }
  void place(int i, int t, std::vector<int>& start) {
    start[at(i)] = t;
    placed_[at(i)] = 1;
    makespan_ = std::max(makespan_, t + p_.system.length[at(i)]);
    int const busy = p_.busy[at(i)];
    if (busy == 0) return;
    extend(t + busy);
    used_ = std::max(used_, at(t + busy) * at(p_.words));
    std::uint64_t const* const d = p_.demand.data() + at(i) * at(p_.words);
    std::uint64_t* f = free_.data() + at(t) * at(p_.words);
    for (int u = 0; u < busy; ++u)
      for (int w = 0; w < p_.words; ++w) *f++ -= d[w];
  }

  LimitedProject const& p_;
  std::vector<std::uint64_t> free_;  ///< by step, a row of words, guard bits set
  std::size_t used_ = 0;             ///< entries that may differ from an empty table
  int makespan_ = 0;
  std::vector<int> left_;
  std::vector<char> placed_;
  std::vector<int> stack_;
  std::vector<int> order_;
  std::vector<int> kind_;  ///< by operation; empty: no steps are passed over
  std::vector<std::vector<int>>
      next_;  ///< by kind and step: a step on the way to the next one that may do
};

/// Keys by which the other direction of time repeats a schedule: what ends last comes first.
inline void keys_by_end(LimitedProject const& p, std::vector<int> const& start,
                        std::vector<int>& key) {
  key.resize(start.size());
  for (int i = 0; i < p.operations; ++i) key[at(i)] = -(start[at(i)] + p.busy[at(i)]);
}

}  // namespace detail

/// Which of the two schemes.
enum class GenerationScheme { serial, parallel };

/// From which end of time a schedule is built.
enum class TimeDirection { forward, backward };

/// Makes schedules of one project; keeps its buffers, so that many schedules cost no allocation.
class ScheduleGeneration {
 public:
  /// A host-readable graph, its difference constraints and the limits, one a class, none for
  /// unlimited. Throws Infeasible for an operation that takes more than a limit, InvalidInput for
  /// constraints that form a cycle, and for another number of limits.
  template <Graph H>
  ScheduleGeneration(H const& graph, DifferenceSystem const& system,
                     std::vector<std::optional<double>> const& limits)
      : ScheduleGeneration(detail::make_limited_project(graph, system, limits)) {}

  /// Of a project that is made already.
  explicit ScheduleGeneration(detail::LimitedProject project)
      : forward_(std::move(project)),
        backward_(detail::mirrored(forward_)),
        ahead_(forward_),
        back_(backward_) {
    if (!forward_.system.acyclic)
      throw InvalidInput(
          "schedule generation: the difference constraints form a cycle (maximum distances); "
          "search_time_lags() knows these");
  }
  ScheduleGeneration(ScheduleGeneration const&) = delete;
  ScheduleGeneration& operator=(ScheduleGeneration const&) = delete;

  /// A legal schedule whose operations go in the order of their priorities, the least first. Of
  /// backward schedules too the least priority starts early: the greatest is placed first, and the
  /// schedule is moved so that it begins at step 0. Serial: O(V log V + E + steps searched).
  /// Throws InvalidInput for another number of priorities, or one that is no number.
  std::vector<int> generate(std::vector<double> const& priority,
                            GenerationScheme scheme = GenerationScheme::serial,
                            TimeDirection direction = TimeDirection::forward) {
    using detail::at;
    if (priority.size() != at(forward_.operations))
      throw InvalidInput(detail::message({priority.size(), " priorities are given, the graph has ",
                                          forward_.operations, " operations"}));
    for (std::size_t i = 0; i < priority.size(); ++i)
      if (std::isnan(priority[i]))
        throw InvalidInput(detail::message({"the priority of operation ", i, " is not a number"}));
    std::vector<int> start;
    bool const ahead = direction == TimeDirection::forward;
    std::vector<double> key = priority;
    if (!ahead)
      for (double& x : key) x = -x;
    auto& generator = ahead ? ahead_ : back_;
    int const makespan = scheme == GenerationScheme::serial ? generator.serial(key, start)
                                                            : generator.parallel(key, start);
    if (!ahead) turn(makespan, start);
    return start;
  }

  /// Double justification: backward in the order of ends, then forward in the order of starts.
  /// Never longer than what it is given, where that is a schedule of serial generation or of this.
  std::vector<int> justify(std::vector<int> const& start) {
    using detail::at;
    if (start.size() != at(forward_.operations))
      throw InvalidInput(
          detail::message({"the schedule has ", start.size(), " start steps, the graph has ",
                           forward_.operations, " operations"}));
    std::vector<int> key;
    std::vector<int> turned;
    detail::keys_by_end(forward_, start, key);
    back_.keys(key, turned);
    detail::keys_by_end(backward_, turned, key);
    std::vector<int> result;
    ahead_.keys(key, result);
    return result;
  }

  /// The makespan of start steps, in steps. O(V).
  [[nodiscard]] int makespan(std::vector<int> const& start) const {
    return critical_path(forward_.system, start);
  }

 private:
  void turn(int makespan, std::vector<int>& start) const {
    detail::mirror_steps(forward_, makespan, start);
    if (start.empty()) return;
    int const first = *std::min_element(start.begin(), start.end());
    for (int& s : start) s -= first;
  }

  detail::LimitedProject forward_;
  detail::LimitedProject backward_;
  detail::SerialGenerator ahead_;
  detail::SerialGenerator back_;
};

}  // namespace gaus

#endif
