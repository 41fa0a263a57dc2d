// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_FOLDED_MEMORY_HPP
#define GAUS_TESTS_SUPPORT_FOLDED_MEMORY_HPP

#include <gaus/graph/builder.hpp>
#include <gaus/schedule/min_lifetime.hpp>
#include <support/problems.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

// Least folded memory of small loops, by exhaustive search.
namespace gaus_test {

/// Looks for a schedule of a connected loop, in any number of steps, that keeps the limits at an
/// interval and the folded memory at most at a given number. Sizes are whole; outputs are not held.
///
/// Operations are placed one after the other, the first one in the middle of the steps: to move all
/// of them only turns the slots. A node is cut off when the minimum of the total lifetime over all
/// that is not placed, a linear programme without the limits, passes interval * memory; when the
/// boundaries that values certainly cross make a slot too full; or when a limit is passed.
///
/// Complete: that minimum is a convex function of one more start step, so that both ways from its
/// minimiser the search ends where it first passes interval * memory. The steps do not bind: over
/// a dependence two starts differ by at most latency + delay + distance * interval + lifetime, and
/// all lifetimes together are at most interval * memory. Exponential: for tens of operations where
/// the minimum of the lifetime leaves little slack.
class FoldedMemorySearch {
 public:
  long nodes = 0;

  FoldedMemorySearch(gaus::GraphDescription const& graph, int interval, int memory)
      : g_(graph),
        interval_(interval),
        memory_(memory),
        n_(static_cast<int>(g_.operations.size())) {
    int reach = interval * memory;
    for (auto const& d : g_.dependences)
      reach += g_.operations[at(d.from)].latency + std::abs(d.delay) + d.distance * interval;
    auto const host = gaus::build_graph(g_);
    system_ = gaus::make_difference_system(host, interval);
    int longest = 1;
    for (auto const& o : g_.operations) longest = std::max({longest, o.latency, o.occupancy});
    steps_ = 2 * reach + longest;
    bounds_ = gaus::step_bounds(system_, steps_);
    problem_ = gaus::make_problem(host, host, steps_, bounds_, interval);
    use_.assign(g_.resources.size(), std::vector<double>(at(interval), 0));
    placed_.assign(at(n_), 0);
    start_.assign(at(n_), 0);
    find_order();
    middle_ = reach;
  }

  /// Least memory by lifetimes alone, whatever the limits are.
  int lower_bound() const {
    auto const least = relaxed(bounds_);
    return (static_cast<int>(std::ceil(least->bound - 1e-6)) + interval_ - 1) / interval_;
  }

  /// Start steps, the earliest 0; empty when there are none.
  std::vector<int> run() {
    if (!place(0)) return {};
    int const first = *std::min_element(start_.begin(), start_.end());
    for (int& s : start_) s -= first;
    return start_;
  }

 private:
  [[nodiscard]] int slot(int t) const { return ((t % interval_) + interval_) % interval_; }
  /// The windows that the placed operations leave, by relaxing every dependence until nothing moves;
  /// none where one is empty.
  [[nodiscard]] std::optional<gaus::StepBounds> windows() const {
    auto w = bounds_;
    for (int i = 0; i < n_; ++i)
      if (placed_[at(i)]) w.earliest[at(i)] = w.latest[at(i)] = start_[at(i)];
    for (bool moved = true; moved;) {
      moved = false;
      for (auto const& d : g_.dependences) {
        int const delta = g_.operations[at(d.from)].latency + d.delay - d.distance * interval_;
        int& low = w.earliest[at(d.to)];
        int& high = w.latest[at(d.from)];
        if (w.earliest[at(d.from)] + delta > low) {
          low = w.earliest[at(d.from)] + delta;
          moved = true;
        }
        if (w.latest[at(d.to)] - delta < high) {
          high = w.latest[at(d.to)] - delta;
          moved = true;
        }
        if (low > w.latest[at(d.to)] || high < w.earliest[at(d.from)]) return {};
      }
    }
    return w;
  }
  /// Least total lifetime in windows.
  [[nodiscard]] std::optional<gaus::LinearOptimum> relaxed(
      std::optional<gaus::StepBounds> const& within) const {
    if (!within) return {};
    return gaus::min_lifetime(problem_, system_, *within, {}, [] { return true; });
  }

  /// Every operation after a neighbour; those with most placed neighbours first.
  void find_order() {
    std::vector<int> joined(at(n_), 0);
    std::vector<char> taken(at(n_), 0);
    for (int k = 0; k < n_; ++k) {
      int best = -1;
      for (int i = 0; i < n_; ++i)
        if (!taken[at(i)] && (best < 0 || joined[at(i)] > joined[at(best)])) best = i;
      taken[at(best)] = 1;
      order_.push_back(best);
      for (auto const& d : g_.dependences) {
        if (d.from == best) ++joined[at(d.to)];
        if (d.to == best) ++joined[at(d.from)];
      }
    }
  }

  /// Whether the boundaries that values cross wherever their ends are in their windows leave every
  /// slot within the memory.
  [[nodiscard]] bool fits(gaus::StepBounds const& within) const {
    std::vector<double> live(at(interval_), 0);
    for (int i = 0; i < n_; ++i) {
      int const made = within.latest[at(i)] + std::max(g_.operations[at(i)].latency, 1) - 1;
      int last = made;
      for (auto const& d : g_.dependences)
        if (d.from == i) last = std::max(last, within.earliest[at(d.to)] + d.distance * interval_);
      for (int t = made; t < last; ++t) live[at(slot(t))] += g_.operations[at(i)].size;
    }
    return *std::max_element(live.begin(), live.end()) <= memory_;
  }

  /// Adds or takes away the units of operation i; whether every limit is kept.
  bool take(int i, double sign) {
    bool kept = true;
    for (auto const& d : g_.demands) {
      if (d.operation != i) continue;
      for (int t = 0; t < g_.operations[at(i)].occupancy; ++t) {
        double& units = use_[at(d.resource)][at(slot(start_[at(i)] + t))];
        units += sign * d.units;
        auto const& limit = g_.resources[at(d.resource)].limit;
        kept = kept && (!limit || units <= *limit);
      }
    }
    return kept;
  }

  /// Places the k-th operation at s and the rest; whether that is possible. far: s is too far away.
  bool place_at(int k, int s, bool& far) {
    ++nodes;
    int const i = order_[at(k)];
    start_[at(i)] = s;
    placed_[at(i)] = 1;
    auto const within = windows();
    auto const least = relaxed(within);
    far = !least || least->bound > interval_ * memory_ + 1e-6;
    bool found = false;
    if (!far) {
      bool const kept = take(i, 1);
      found = kept && fits(*within) && place(k + 1);
      if (!found) take(i, -1);
    }
    if (!found) placed_[at(i)] = 0;
    return found;
  }
  bool place(int k) {
    if (k == n_) return true;
    bool far = false;
    if (k == 0) return place_at(0, middle_, far);
    auto const least = relaxed(windows());
    if (!least) return false;
    int const best = least->start[at(order_[at(k)])];
    for (int s = best; !far; ++s)
      if (place_at(k, s, far)) return true;
    far = false;
    for (int s = best - 1; !far; --s)
      if (place_at(k, s, far)) return true;
    return false;
  }

  gaus::GraphDescription g_;
  int interval_;
  int memory_;
  int n_;
  int steps_ = 0;
  int middle_ = 0;
  gaus::DifferenceSystem system_;
  gaus::StepBounds bounds_;
  gaus::Problem<gaus::HostGraph> problem_;
  std::vector<int> order_;
  std::vector<int> start_;
  std::vector<char> placed_;
  std::vector<std::vector<double>> use_;
};

}  // namespace gaus_test

#endif
