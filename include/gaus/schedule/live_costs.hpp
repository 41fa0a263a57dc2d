// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_LIVE_COSTS_HPP
#define GAUS_SCHEDULE_LIVE_COSTS_HPP

#include <gaus/detail/row_maxima.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace gaus {

/// The exact costs of a schedule, plain or pipelined (folded), kept up to date while operations
/// move, and by how much limited classes are overdrawn.
///
/// move() changes one start step and costs O(units that change place + degree). energy() is the
/// objective with peaks smoothed by log-sum-exp, O(1); a makespan enters exact() alone. exact() is
/// the objective itself; it needs settle() after moves, which brings a maximum tree up to date,
/// O(log D) a changed slot. A move that was tried and taken back leaves no trace but rounding,
/// which set_smoothing() clears. excess() is what limited classes lack, summed over steps or slots;
/// it enters energy() with a weight of its own.
template <Graph H>
class LiveCosts {
 public:
  /// limits: one a class, none for unlimited, and perhaps one more of the memory; empty: no limits.
  LiveCosts(Problem<H> const& problem, CostModel const& model,
            std::vector<std::optional<double>> const& limits = {})
      : problem_(problem),
        model_(model),
        rows_(problem.graph.num_resources()),
        slots_(problem.slots()) {
    int const n = problem.graph.num_operations();
    limit_.assign(detail::at(rows_) + 1, std::numeric_limits<double>::infinity());
    for (std::size_t r = 0; r < limits.size(); ++r)
      if (limits[r]) limit_[r] = *limits[r] + 1e-9 * std::max(1.0, *limits[r]);
    limited_ = std::any_of(limit_.begin(), limit_.end(), [](double x) { return std::isfinite(x); });
    class_weight_.assign(detail::at(rows_), 0.0);
    for (auto const& [r, weight] : model.usage_of) class_weight_[detail::at(r)] += weight;
    costs_usage_ = model.usage != 0 || !model.usage_of.empty();
    uses_usage_ = costs_usage_ || limited_;
    keeps_memory_ = model.memory != 0 || std::isfinite(limit_.back());
    uses_life_ = keeps_memory_ || model.lifetime != 0;
    pull_.assign(detail::at(n), 0.0);
    for (int i = 0; i < n; ++i) {
      auto const row = problem.graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (!problem.binds(d)) continue;
        pull_[detail::at(i)] -= d.weight;
        pull_[detail::at(d.operation)] += d.weight;
      }
    }
  }

  /// Starts anew from a schedule.
  void load(std::vector<int> const& start) {
    start_ = start;
    std::span<int const> const steps(start_);
    communication_ = model_.communication != 0 ? communication(problem_, steps) : 0;
    lifetime_ = 0;
    makespan_ = makespan(problem_, steps);
    level_.assign(detail::at(rows_ + 1) * detail::at(slots_), 0.0);
    if (uses_usage_) {
      auto const usage = usage_profile(problem_, steps);
      for (int r = 0; r < rows_; ++r) copy_row(usage, r, r);
    }
    if (uses_life_) {
      auto const live = live_profile(problem_, steps);
      copy_row(live, 0, rows_);
      int const n = problem_.graph.num_operations();
      last_use_.assign(detail::at(n), 0);
      for (int i = 0; i < n; ++i) last_use_[detail::at(i)] = last_use(i);
      lifetime_ = total_lifetime(problem_, steps);
    }
    changed_.clear();
    maxima_.build(level_, rows_ + 1, slots_);
    sum_overdrawn();
    set_smoothing(smoothing_);
  }

  /// Units that limited classes lack, summed over steps or slots; 0: the limits hold.
  [[nodiscard]] double excess() const { return overdrawn_ > 1e-6 ? overdrawn_ : 0.0; }

  /// What a unit of excess() costs in energy().
  void set_excess_weight(double weight) { excess_weight_ = weight; }

  /// The start steps at present.
  [[nodiscard]] std::vector<int> const& start() const { return start_; }

  /// The schedule whose peaks set_caps() goes by from now on; empty: the present one.
  void cap_by(std::vector<int> const& reference) {
    reference_.clear();
    if (reference.empty()) return;
    std::span<int const> const steps(reference);
    reference_.assign(detail::at(rows_) + 1, 0.0);
    if (uses_usage_) {
      auto const usage = usage_profile(problem_, steps);
      for (int r = 0; r < rows_; ++r) reference_[detail::at(r)] = usage.peak(r);
    }
    if (uses_life_) reference_.back() = live_profile(problem_, steps).peak(0);
  }

  /// Replaces the smooth maxima in energy() by caps: the peaks (cap_by), moved by shift steps of a
  /// unit or half a percent, plus what every step has above them. Below the cap a profile is then
  /// free to have any form. only >= 0: of the classes with a weight of their own one alone has its
  /// cap moved, the one of that number, counted round and round.
  void set_caps(int shift, int only = -1) {
    capped_ = true;
    int weighted = 0;
    for (double const w : class_weight_) weighted += w != 0 ? 1 : 0;
    int const chosen = only >= 0 && weighted > 1 ? only % weighted : -1;
    double top = 0;
    row_cap_.assign(detail::at(rows_) + 1, 0.0);
    int number = 0;
    for (int r = 0; r <= rows_; ++r) {
      double const peak = reference_.empty() ? row_maximum(r) : reference_[detail::at(r)];
      bool const own = r < rows_ && class_weight_[detail::at(r)] != 0;
      bool const kept = chosen >= 0 && own && number++ != chosen;
      row_cap_[detail::at(r)] = moved_cap(peak, kept ? 0 : shift);
      if (r < rows_) top = std::max(top, peak);
    }
    usage_cap_ = moved_cap(top, shift);
    sum_above_caps();
  }

  /// Smoothing of peaks, relative to the present peak; recomputes the smooth sums.
  void set_smoothing(double relative) {
    capped_ = false;
    smoothing_ = relative;
    double top = 0;
    for (int r = 0; r < rows_; ++r) top = std::max(top, row_maximum(r));
    usage_top_ = std::max(top, 1e-12);
    memory_top_ = std::max(row_maximum(rows_), 1e-12);
    usage_tau_ = relative * usage_top_;
    memory_tau_ = relative * memory_top_;
    weight_.resize(level_.size());
    row_sum_.assign(detail::at(rows_) + 1, 0.0);
    for (int r = 0; r <= rows_; ++r)
      for (int t = 0; t < slots_; ++t) {
        auto const c = detail::at(r) * detail::at(slots_) + detail::at(t);
        weight_[c] = std::exp((level_[c] - (r < rows_ ? usage_top_ : memory_top_)) /
                              (r < rows_ ? usage_tau_ : memory_tau_));
        row_sum_[detail::at(r)] += weight_[c];
      }
  }

  /// The objective with smoothed peaks.
  [[nodiscard]] double energy() const {
    double e = model_.communication * communication_ + model_.lifetime * lifetime_ +
               excess_weight_ * overdrawn_;
    if (capped_) return e + above_caps_;
    if (model_.memory != 0)
      e += model_.memory * memory_tau_ * std::log(std::max(row_sum_[detail::at(rows_)], 1e-300));
    if (costs_usage_) {
      double all = 0;
      for (int r = 0; r < rows_; ++r) {
        double const sum = row_sum_[detail::at(r)];
        all += sum;
        if (class_weight_[detail::at(r)] != 0)
          e += class_weight_[detail::at(r)] * usage_tau_ * std::log(std::max(sum, 1e-300));
      }
      e += model_.usage * usage_tau_ * std::log(std::max(all, 1e-300));
    }
    return e;
  }

  /// The objective, exactly; settled.
  [[nodiscard]] double exact() const {
    double value = model_.communication * communication_ + model_.lifetime * lifetime_ +
                   model_.makespan * makespan_;
    if (model_.memory != 0) value += model_.memory * row_maximum(rows_);
    if (costs_usage_) {
      double top = 0;
      for (int r = 0; r < rows_; ++r) {
        top = std::max(top, row_maximum(r));
        value += class_weight_[detail::at(r)] * row_maximum(r);
      }
      value += model_.usage * top;
    }
    return value;
  }

  /// Brings the maxima up to date; returns exact().
  double settle() {
    for (auto const c : changed_) maxima_.set(c, level_[c]);
    changed_.clear();
    if (model_.makespan != 0) makespan_ = makespan(problem_, std::span<int const>(start_));
    return exact();
  }

  /// Moves one operation.
  void move(int i, int to) {
    auto const& graph = problem_.graph;
    int const from = start_[detail::at(i)];
    start_[detail::at(i)] = to;
    communication_ += pull_[detail::at(i)] * (to - from);
    if (uses_usage_) {
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        shift(d.resource, from, from + graph.occupancy(i), to, to + graph.occupancy(i), d.units);
      }
    }
    if (!uses_life_) return;
    int const made = std::max(graph.latency(i), 1) - 1;
    relive(i, from + made, last_use_[detail::at(i)], to + made, last_use(i));
    auto const row = graph.incoming(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem_.uses(d)) continue;
      int const u = d.operation;
      int const before = last_use_[detail::at(u)];
      int const shift = problem_.shift(d);
      if (to + shift < before && from + shift < before) continue;
      int const after = to + shift >= before ? to + shift : last_use(u);
      int const begin = start_[detail::at(u)] + std::max(graph.latency(u), 1) - 1;
      relive(u, begin, before, begin, after);
    }
  }

 private:
  /// A profile may be longer than the steps: what takes no time can start at the end itself.
  void copy_row(DiscreteProfile const& profile, int from, int to) {
    std::copy_n(profile.values.begin() + static_cast<std::ptrdiff_t>(from) * profile.slots, slots_,
                level_.begin() + static_cast<std::ptrdiff_t>(to) * slots_);
  }
  [[nodiscard]] int last_use(int i) const {
    return detail::live_span(problem_, std::span<int const>(start_), i, problem_.steps).second;
  }
  void relive(int i, int from, int until, int to, int new_until) {
    double const size = problem_.graph.size(i);
    last_use_[detail::at(i)] = new_until;
    lifetime_ += size * (std::max(0, new_until - to) - std::max(0, until - from));
    if (keeps_memory_) shift(rows_, from, std::max(from, until), to, std::max(to, new_until), size);
  }

  /// Replaces a box [from, until) by [to, new_until), touching only where they differ.
  void shift(int row, int from, int until, int to, int new_until, double height) {
    if (height == 0) return;
    int const common_first = std::max(from, to);
    int const common_last = std::min(until, new_until);
    if (common_first >= common_last) {
      add(row, from, until, -height);
      add(row, to, new_until, height);
      return;
    }
    add(row, from, common_first, -height);
    add(row, to, common_first, height);
    add(row, common_last, until, -height);
    add(row, common_last, new_until, height);
  }
  [[nodiscard]] int slot_of(int step) const { return problem_.pipelined() ? step % slots_ : step; }
  /// The slot after; of a plain schedule the step after.
  [[nodiscard]] int next(int slot) const {
    return ++slot == slots_ && problem_.pipelined() ? 0 : slot;
  }
  void change_level(std::size_t c, double height, double limit) {
    double const before = level_[c];
    level_[c] += height;
    if (std::max(before, level_[c]) > limit)
      overdrawn_ += std::max(0.0, level_[c] - limit) - std::max(0.0, before - limit);
  }
  void add(int row, int first, int last, double height) {
    if (first >= last) return;
    double const limit = limit_[detail::at(row)];
    auto const base = detail::at(row) * detail::at(slots_);
    bool const costs = row == rows_ ? model_.memory != 0
                                    : model_.usage != 0 || class_weight_[detail::at(row)] != 0;
    if (!costs) {
      for (int t = first, slot = slot_of(first); t < last; ++t, slot = next(slot))
        change_level(base + detail::at(slot), height, limit);  // limited, without a cost
      return;
    }
    if (capped_) {
      add_capped(row, first, last, height);
      return;
    }
    double const top = row < rows_ ? usage_top_ : memory_top_;
    double const tau = row < rows_ ? usage_tau_ : memory_tau_;
    bool const moderate = std::abs(height) < 300 * tau;
    double const factor = moderate ? growth(row == rows_, height, tau) : 1;
    double change = 0;
    for (int t = first, slot = slot_of(first); t < last; ++t, slot = next(slot)) {
      auto const c = base + detail::at(slot);
      change_level(c, height, limit);
      // A factor beyond the range of double would stay as infinity times zero when taken back.
      double const w = moderate && weight_[c] > 0
                           ? weight_[c] * factor
                           : std::exp(std::min((level_[c] - top) / tau, 600.0));
      change += w - weight_[c];
      weight_[c] = w;
      changed_.push_back(c);
    }
    double& sum = row_sum_[detail::at(row)];
    sum += change;
    // Where a spike came or went, rounding is all that this leaves of the rest.
    if (!(std::abs(change) < 1e8 * sum))
      sum = std::accumulate(weight_.begin() + static_cast<std::ptrdiff_t>(base),
                            weight_.begin() + static_cast<std::ptrdiff_t>(base) + slots_, 0.0);
  }

  /// exp(height / tau); most heights are those of the last calls.
  double growth(bool memory, double height, double tau) {
    Growth& g = growth_[memory ? 1 : 0][height < 0 ? 1 : 0];
    if (g.height != height || g.tau != tau) g = {height, tau, std::exp(height / tau)};
    return g.factor;
  }

  /// Cost of one entry of a row above its caps: less than the peak's own, as a cap is passed in
  /// many steps at once and swaps must get across.
  [[nodiscard]] double excess_at(int row, double level) const {
    constexpr double share = 0.3;
    double const own = share * std::max(0.0, level - row_cap_[detail::at(row)]);
    if (row == rows_) return model_.memory * own;
    return class_weight_[detail::at(row)] * own +
           share * model_.usage * std::max(0.0, level - usage_cap_);
  }
  void add_capped(int row, int first, int last, double height) {
    auto const base = detail::at(row) * detail::at(slots_);
    for (int t = first, slot = slot_of(first); t < last; ++t, slot = next(slot)) {
      auto const c = base + detail::at(slot);
      double const before = level_[c];
      change_level(c, height, limit_[detail::at(row)]);
      above_caps_ += excess_at(row, level_[c]) - excess_at(row, before);
      changed_.push_back(c);
    }
  }
  void sum_above_caps() {
    above_caps_ = model_.usage * usage_cap_ + model_.memory * row_cap_[detail::at(rows_)];
    for (int r = 0; r < rows_; ++r)
      above_caps_ += class_weight_[detail::at(r)] * row_cap_[detail::at(r)];
    for (int r = 0; r <= rows_; ++r)
      for (int t = 0; t < slots_; ++t)
        above_caps_ += excess_at(r, level_[detail::at(r) * detail::at(slots_) + detail::at(t)]);
  }
  void sum_overdrawn() {
    overdrawn_ = 0;
    for (int r = 0; limited_ && r <= rows_; ++r)
      for (int t = 0; t < slots_; ++t)
        overdrawn_ += std::max(0.0, level_[detail::at(r) * detail::at(slots_) + detail::at(t)] -
                                        limit_[detail::at(r)]);
  }
  [[nodiscard]] static double moved_cap(double peak, int shift) {
    double const step = std::max(1.0, std::floor(0.005 * peak));
    return std::max(0.0, peak + shift * step);
  }

  [[nodiscard]] double row_maximum(int row) const { return maxima_.top(row); }

  Problem<H> const& problem_;
  CostModel model_;
  int rows_;
  int slots_;
  bool costs_usage_ = false;
  bool uses_usage_ = false;
  bool limited_ = false;
  bool keeps_memory_ = false;  ///< its profile
  bool uses_life_ = false;
  std::vector<double> class_weight_;
  std::vector<double> pull_;  ///< change of communication a step: weight in minus weight out
  std::vector<int> start_;
  std::vector<int> last_use_;
  double communication_ = 0;
  double lifetime_ = 0;
  int makespan_ = 0;
  std::vector<double> level_;   ///< usage rows, then memory
  std::vector<double> weight_;  ///< exp((level - top) / tau)
  std::vector<double> row_sum_;
  std::vector<double> limit_;  ///< by class, infinity for unlimited; then of memory
  double overdrawn_ = 0;       ///< summed over limited classes and slots
  double excess_weight_ = 0;
  bool capped_ = false;
  std::vector<double> reference_;  ///< peaks by class, then of memory
  std::vector<double> row_cap_;    ///< by class, then memory
  double usage_cap_ = 0;           ///< over all classes
  double above_caps_ = 0;          ///< cost of the caps and of what lies above them
  double smoothing_ = 0.05;
  double usage_top_ = 1, memory_top_ = 1, usage_tau_ = 1, memory_tau_ = 1;
  struct Growth {
    double height = 0, tau = 0, factor = 1;
  };
  Growth growth_[2][2];  ///< the last ones: usage and memory, up and down
  std::vector<std::size_t> changed_;
  detail::RowMaxima maxima_;
};

}  // namespace gaus

#endif
