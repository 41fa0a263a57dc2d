// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SLOT_SEARCH_HPP
#define GAUS_DETAIL_SLOT_SEARCH_HPP

#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/recurrence_distances.hpp>
#include <gaus/graph.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/resource_table.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace gaus::detail {

/// Exhaustive search for a modulo schedule at one interval, by branching on start steps.
///
/// Without a bound on the latency only recurrences and units matter: constraints between recurrences
/// are met by starting one of them some intervals later, which no slot notices. So the variables are
/// the limited operations of recurrences, tied by MinDist, and those operations outside that cannot
/// be trusted to fill up what is left (busy for several steps, several classes, or units of various
/// sizes in a class). All others fit into any rest, by counting. Turning all slots changes nothing:
/// the most critical recurrence begins in slot 0.
///
/// Each variable keeps a range of steps. A change passes through MinDist at once (the distances are
/// closed); ends of ranges skip slots that are full; and a stretch of slots whose units are just
/// enough for the operations confined to it is closed to all others (Hall intervals on the circle of
/// slots, after Lopez-Ortiz et al., IJCAI 2003). Branching takes the smallest range relative to the
/// failures it had a part in (Boussemart et al., ECAI 2004) and restarts.
template <Graph H>
class SlotSearch {
 public:
  enum class Answer { found, refuted, unknown };

  /// table: of the interval, used for the search and left empty or with its solution.
  SlotSearch(H const& graph, RecurrenceDistances const& distances,
             std::vector<std::optional<double>> const& limits, ResourceTable<H>& table)
      : graph_(graph), distances_(distances), table_(table), interval_(table.slots()) {
    make_classes(limits);
    for (int const c : distances.order()) {
      auto const& own = distances.all()[at(c)];
      complete_ = complete_ && own.known;
      if (own.known) add_group(own.limited, &own);
    }
    std::vector<char> inside(at(graph.num_operations()), 0);
    for (int const i : operations_) inside[at(i)] = 1;
    for (int i = 0; i < graph.num_operations(); ++i)
      if (table.limited(i) && !inside[at(i)] && !fills_up(i)) add_group({i}, nullptr);
    list_uses();
  }

  /// Whether every limited operation of a recurrence is a variable: the answer refuted holds for the
  /// graph then. (It holds otherwise, too; found does not.)
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] int variables() const { return static_cast<int>(operations_.size()); }

  /// The operations that were placed, and their steps after the answer found; steps of different
  /// recurrences may be shifted against each other by whole intervals.
  [[nodiscard]] std::vector<int> const& operations() const { return operations_; }
  [[nodiscard]] std::vector<int> const& steps() const { return solution_; }

  /// The class at which the search failed most often, or -1 when MinDist alone failed more often.
  [[nodiscard]] int worst_class() const {
    auto const worst = std::max_element(failures_.begin(), failures_.end()) - failures_.begin();
    return at(static_cast<int>(worst)) < classes_.size()
               ? classes_[at(static_cast<int>(worst))].resource
               : -1;
  }

  /// Goes on searching, as if from the beginning but with what was learnt about hard operations.
  /// keep_going() is asked every 64 nodes.
  template <class KeepGoing>
  Answer run(std::uint64_t seed, KeepGoing&& keep_going) {
    RandomBits random(seed);
    if (over_full_) return Answer::refuted;
    for (;;) {
      Answer const answer = descend(random, keep_going);
      if (answer != Answer::unknown || !on_) return answer;
      fail_limit_ = std::min<std::int64_t>(fail_limit_ + fail_limit_ / 4, std::int64_t{1} << 40);
    }
  }

 private:
  struct Class {
    int resource = -1;
    double limit = 0;     ///< units at once; of a class in which all ask for the same: operations
    bool uniform = true;  ///< whether all ask for the same number of units
    double units = 0;
    std::vector<std::pair<int, double>> variables;
    bool stale = false;  ///< whether a range changed since the last look
  };
  struct Frame {
    std::vector<int> low, high;
    std::size_t trail;
    int variable;
    bool up;  ///< tried: the lower end
    bool turned;
  };

  void make_classes(std::vector<std::optional<double>> const& limits) {
    row_.assign(limits.size(), -1);
    for (std::size_t r = 0; r < limits.size(); ++r) {
      if (!limits[r]) continue;
      row_[r] = static_cast<int>(classes_.size());
      classes_.emplace_back();
      classes_.back().resource = static_cast<int>(r);
      classes_.back().limit = *limits[r] + 1e-9 * std::max(1.0, *limits[r]);
    }
    std::vector<double> work(classes_.size(), 0.0);
    each_use([&](int i, Class& own, double units) {
      if (own.units == 0) own.units = units;
      own.uniform = own.uniform && own.units == units;
      work[static_cast<std::size_t>(&own - classes_.data())] += units * graph_.occupancy(i);
    });
    for (std::size_t k = 0; k < classes_.size(); ++k) {
      auto& own = classes_[k];
      if (own.units == 0) continue;
      if (own.uniform) {  // count operations: what is left of a slot is lost
        own.limit = std::floor(own.limit / own.units);
        work[k] /= own.units;
      }
      over_full_ = over_full_ || work[k] > own.limit * interval_ + 1e-6;
    }
    failures_.assign(classes_.size() + 1, 0);
  }

  /// visit(operation, class, units) for all demands of limited classes.
  template <class Visit>
  void each_use(Visit&& visit) {
    for (int i = 0; i < graph_.num_operations(); ++i) each_use_of(i, visit);
  }
  template <class Visit>
  void each_use_of(int i, Visit&& visit) {
    auto const row = graph_.demands(i);
    for (int k = 0; k < row.size(); ++k) {
      Demand const d = row[k];
      if (d.units > 0 && graph_.occupancy(i) > 0 && row_[at(d.resource)] >= 0)
        visit(i, classes_[at(row_[at(d.resource)])], d.units);
    }
  }

  bool fills_up(int i) {
    int uses = 0;
    bool uniform = true;
    each_use_of(i, [&](int, Class& own, double) {
      ++uses;
      uniform = uniform && own.uniform;
    });
    return graph_.occupancy(i) == 1 && uses == 1 && uniform;
  }

  void add_group(std::vector<int> const& operations, Recurrence const* own) {
    if (operations.empty()) return;
    int const first = variables();
    int const size = static_cast<int>(operations.size());
    std::size_t const base = distance_.size();
    distance_.resize(base + at(size) * at(size), 0);
    for (int a = 0; a < size; ++a) {
      group_first_.push_back(first);
      group_size_.push_back(size);
      group_base_.push_back(base);
      operations_.push_back(operations[at(a)]);
      for (int b = 0; own != nullptr && b < size; ++b)
        distance_[base + at(a) * at(size) + at(b)] = distances_.after(a, operations[at(b)]);
      int const turn = first == 0 ? 0 : interval_ - 1;
      root_low_.push_back(distance_[base + at(a)]);
      root_high_.push_back(turn - distance_[base + at(a) * at(size)]);
    }
  }

  void list_uses() {
    uses_.resize(operations_.size());
    for (int v = 0; v < variables(); ++v)
      each_use_of(operations_[at(v)], [&](int, Class& own, double units) {
        own.variables.emplace_back(v, own.uniform ? 1.0 : units);
        uses_[at(v)].push_back(static_cast<int>(&own - classes_.data()));
      });
    weight_.assign(operations_.size(), 1.0);
    occupancy_.resize(operations_.size());
    for (int v = 0; v < variables(); ++v) occupancy_[at(v)] = graph_.occupancy(operations_[at(v)]);
    sum_.resize(at(interval_) + 1);
  }

  [[nodiscard]] int least(int a, int b) const {  // s_b - s_a, of one group
    int const first = group_first_[at(a)];
    return distance_[group_base_[at(a)] + at(a - first) * at(group_size_[at(a)]) + at(b - first)];
  }
  [[nodiscard]] int slot(int step) const {
    int const m = step % interval_;
    return m < 0 ? m + interval_ : m;
  }

  void touch(int v) {
    for (int const r : uses_[at(v)]) classes_[at(r)].stale = true;
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
    if (t > high_[at(v)]) return fail(v, blocked ? at(uses_[at(v)].front()) : classes_.size());
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
    if (t < low_[at(v)]) return fail(v, blocked ? at(uses_[at(v)].front()) : classes_.size());
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
      for (auto& own : classes_) {
        if (!own.stale) continue;
        own.stale = false;
        sound = sound && check_stretches(own);
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
    if (!table_.fits(operations_[at(v)], low_[at(v)])) return fail(v, at(uses_[at(v)].front()));
    table_.place(operations_[at(v)], low_[at(v)]);
    placed_[at(v)] = 1;
    trail_.push_back(v);
    for (int const r : uses_[at(v)])
      for (auto const& [u, units] : classes_[at(r)].variables)
        if (!placed_[at(u)] && !(raise_to(u, low_[at(u)]) && lower_to(u, high_[at(u)])))
          return false;
    return true;
  }

  bool pass_on(int v) {
    int const first = group_first_[at(v)];
    int const size = group_size_[at(v)];
    int const* const from = distance_.data() + group_base_[at(v)] + at(v - first) * at(size);
    int const* to = distance_.data() + group_base_[at(v)] + at(v - first);
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
  bool check_stretches(Class& own) {
    begins_.assign(at(interval_), 0);
    for (auto const& [v, units] : own.variables) {
      int const width = high_[at(v)] - low_[at(v)] + occupancy_[at(v)];
      if (width >= interval_) continue;
      begins_[at(slot(low_[at(v)]))] = 1;
    }
    auto const row = static_cast<std::size_t>(&own - classes_.data());
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

  template <class KeepGoing>
  Answer descend(RandomBits& random, KeepGoing&& keep_going) {
    table_.clear();
    low_ = root_low_;
    high_ = root_high_;
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
      } else {
        ++fails;
        while (depth_ > 0 && frames_[depth_ - 1].turned) --depth_;
        if (depth_ == 0) return Answer::refuted;
        auto& f = frames_[depth_ - 1];
        undo(f.trail);
        low_ = f.low;
        high_ = f.high;
        f.turned = true;
        for (auto& own : classes_) own.stale = false;
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

  H const& graph_;
  RecurrenceDistances const& distances_;
  ResourceTable<H>& table_;
  int interval_;
  bool complete_ = true;
  bool over_full_ = false;
  std::vector<int> row_;
  std::vector<Class> classes_;
  std::vector<int> operations_, occupancy_;  ///< by variable, as all that follow
  std::vector<int> group_first_, group_size_;
  std::vector<std::size_t> group_base_;
  std::vector<int> distance_;  ///< matrices, a group each
  std::vector<int> root_low_, root_high_, low_, high_;
  std::vector<std::vector<int>> uses_;
  std::vector<double> weight_;
  std::vector<char> placed_, queued_;
  std::vector<int> queue_, trail_, solution_;
  std::vector<Frame> frames_;
  std::size_t depth_ = 0;
  std::vector<double> sum_;
  std::vector<char> begins_;
  std::vector<long long> failures_;
  std::int64_t fail_limit_ = 200;
  bool on_ = true;
};

}  // namespace gaus::detail

#endif
