// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ANCHORED_BOUND_HPP
#define GAUS_DETAIL_ANCHORED_BOUND_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/price_bound.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>
#include <gaus/schedule/legalize.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace gaus::detail {

/// The price bound of a pipelined problem. Schedules may be shifted in time as a whole, which turns
/// their folded profiles: prices, which cannot tell one turn from another, average over all of them,
/// and the bound comes down to the mean of the profile. So one operation, the anchor, is held at one
/// step, and all others keep the distances to it that the step bounds leave: every schedule has a
/// shifted copy of the same cost there. Which anchor is best only trying tells.
template <Graph H>
class AnchoredBound {
 public:
  /// Whether costs stay the same when a schedule is shifted, so that this bound holds.
  static bool applies(Problem<H> const& problem, CostModel const& model) {
    return problem.pipelined() && !problem.hold_outputs && model.makespan == 0;
  }

  /// References are kept. start: a legal schedule, for the first prices.
  AnchoredBound(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
                CostModel const& model, std::vector<std::optional<double>> const& limits,
                std::span<int const> start)
      : problem_(problem), system_(system), bounds_(bounds) {
    std::int64_t room = PriceBound<H>::size_limit;
    for (int const i : candidates()) {
      long long const away = bounds.latest[at(i)] - bounds.earliest[at(i)];
      if (profile_entries(problem.graph.num_resources(), problem.steps + away) >
          most_profile_entries)
        continue;  // no such problem can be made
      auto own = std::make_unique<Anchor>();
      own->operation = i;
      hold(*own, i);
      auto const form = separable_form(own->problem, system, own->bounds,
                                       model.memory != 0 || model.lifetime != 0, false);
      std::int64_t const size = StepClosure::size(form.low, form.high, form.rules);
      if (size > room) break;
      room -= size;
      own->prices =
          std::make_unique<PriceBound<H>>(own->problem, system, own->bounds, model, limits);
      std::vector<int> shifted(start.begin(), start.end());
      for (int& s : shifted) s += own->step - start[at(i)];
      own->prices->set_prices(shifted);
      anchors_.push_back(std::move(own));
    }
  }

  /// One cut for one of the anchors. False when nothing more is to be had, or nothing ever was.
  bool step(double upper, detail::KeepGoing keep_going) {
    Anchor* next = nullptr;
    // All in turn to begin with; then the best one, and every third time one after the other.
    for (auto const& a : anchors_)
      if (a->more && a->steps < trial && (!next || a->steps < next->steps)) next = a.get();
    if (!next) {
      ++turn_;
      for (std::size_t k = 0; turn_ % 3 == 0 && k < anchors_.size() && !next; ++k) {
        auto& a = anchors_[(at(turn_ / 3) + k) % anchors_.size()];
        if (a->more) next = a.get();
      }
      for (auto const& a : anchors_)
        if (turn_ % 3 != 0 && a->more && (!next || a->prices->bound() > next->prices->bound()))
          next = a.get();
    }
    if (!next) return false;
    ++next->steps;
    next->more = next->prices->step(upper, keep_going);
    best_ = std::max(best_, next->prices->bound());
    minimiser_ = next->prices->minimiser();
    shift_back(minimiser_);
    return std::any_of(anchors_.begin(), anchors_.end(), [](auto const& a) { return a->more; });
  }

  /// No schedule costs less.
  [[nodiscard]] double bound() const { return best_; }
  /// A schedule near the one that is least for the last prices, within the bounds.
  [[nodiscard]] std::vector<int> const& minimiser() const { return minimiser_; }

 private:
  static constexpr int trial = 12;         ///< cuts that every anchor gets
  static constexpr std::size_t most = 12;  ///< anchors

  struct Anchor {
    int operation = 0;
    int step = 0;
    StepBounds bounds;
    Problem<H> problem;
    std::unique_ptr<PriceBound<H>> prices;
    int steps = 0;
    bool more = true;
  };

  /// Operations with many operands, many users, much of either, and little freedom.
  [[nodiscard]] std::vector<int> candidates() const {
    int const n = problem_.graph.num_operations();
    std::vector<int> order(at(n));
    std::vector<int> chosen;
    std::array<std::function<int(int)>, 4> const merits{
        [&](int i) { return problem_.graph.incoming(i).size(); },
        [&](int i) { return problem_.graph.outgoing(i).size(); },
        [&](int i) { return -(bounds_.latest[at(i)] - bounds_.earliest[at(i)]); },
        [&](int i) {
          return problem_.graph.incoming(i).size() + problem_.graph.outgoing(i).size();
        }};
    std::array<std::vector<int>, 4> lists;
    for (std::size_t k = 0; k < merits.size(); ++k) {
      for (int i = 0; i < n; ++i) order[at(i)] = i;
      std::size_t const count = std::min(order.size(), most);
      std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                        order.end(), [&](int a, int b) {
                          int const x = merits[k](a);
                          int const y = merits[k](b);
                          return x != y ? x > y : a < b;
                        });
      lists[k].assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count));
    }
    for (std::size_t place = 0; place < most; ++place)
      for (auto const& list : lists)
        if (place < list.size() && chosen.size() < most &&
            std::find(chosen.begin(), chosen.end(), list[place]) == chosen.end())
          chosen.push_back(list[place]);
    return chosen;
  }

  /// Holds an operation at its latest step; all others keep what the bounds leave.
  void hold(Anchor& own, int i) const {
    int const away = bounds_.latest[at(i)] - bounds_.earliest[at(i)];
    own.step = bounds_.latest[at(i)];
    own.bounds = bounds_;
    for (int& s : own.bounds.latest) s += away;
    own.bounds.earliest[at(i)] = own.bounds.latest[at(i)] = own.step;
    raise(system_, own.bounds.earliest);
    lower(system_, own.bounds.latest);
    own.problem = make_problem(problem_.graph, problem_.graph, problem_.steps + away, own.bounds,
                               problem_.initiation_interval);
  }

  /// Shifts a schedule into the step bounds, and pushes what does not fit.
  void shift_back(std::vector<int>& start) const {
    int away = std::numeric_limits<int>::min();
    for (std::size_t i = 0; i < start.size(); ++i)
      away = std::max(away, start[i] - bounds_.latest[i]);
    for (int& s : start) s -= away;
    legalize(system_, bounds_, Direction::forward, start);
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  StepBounds const& bounds_;
  std::vector<std::unique_ptr<Anchor>> anchors_;
  int turn_ = 0;
  double best_ = -std::numeric_limits<double>::infinity();
  std::vector<int> minimiser_;
};

}  // namespace gaus::detail

#endif
