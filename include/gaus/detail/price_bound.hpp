// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_PRICE_BOUND_HPP
#define GAUS_DETAIL_PRICE_BOUND_HPP

#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/separable.hpp>
#include <gaus/detail/step_closure.hpp>
#include <gaus/problem.hpp>
#include <gaus/schedule/cost.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace gaus::detail {

/// Lagrangian lower bound of a weighted sum of the shipped costs, peaks included.
///
/// A peak is at least the average of its profile under any prices q >= 0 that sum to 1: alpha *
/// max_t U(t) >= alpha * sum_t q(t) U(t). With prices in place of the peaks the objective is a sum
/// of functions of single start steps and last uses, and its exact minimum over all schedules is
/// one minimum cut (detail/step_closure.hpp). The prices are improved by exponentiated subgradient
/// steps of Polyak's length (Kivinen and Warmuth, 1997; Polyak, 1969); good ones to begin with are
/// the weights that a smooth maximum gives to the profile of a good schedule. Each step's cut
/// starts from the flow of the last.
///
/// A limit on units in use takes part with a multiplier lambda >= 0 a step or slot: what is above
/// the limit is priced, sum_t lambda(t) (U(t) - limit), which no legal schedule has above 0. The
/// multipliers have any sum, else they move like prices.
template <Graph H>
class PriceBound {
 public:
  /// Larger closures are not built: points and implications, of some 20 bytes each.
  static constexpr std::int64_t size_limit = 24'000'000;

  /// limits: one a class, none for unlimited; empty: no limits.
  PriceBound(Problem<H> const& problem, DifferenceSystem const& system, StepBounds const& bounds,
             CostModel const& model, std::vector<std::optional<double>> const& limits = {})
      : problem_(problem),
        system_(system),
        model_(model),
        form_(separable_form(problem, system, bounds, model.memory != 0 || model.lifetime != 0,
                             model.makespan != 0)),
        closure_(form_.low, form_.high, form_.rules),
        weight_(at(closure_.points()), 0),
        cost_(at(form_.nodes())) {
    int const rows = problem.graph.num_resources();
    if (model.usage != 0 && rows > 0) groups_.push_back({0, rows, model.usage, {}, {}});
    for (auto const& [r, w] : model.usage_of)
      if (w != 0) groups_.push_back({r, 1, w, {}, {}});
    if (model.memory != 0) groups_.push_back({-1, 1, model.memory, {}, {}});
    for (std::size_t r = 0; r < limits.size(); ++r)
      if (limits[r]) groups_.push_back({static_cast<int>(r), 1, 1.0, {}, {}, *limits[r]});
    for (Group& g : groups_) {
      std::size_t const cells = at(g.rows) * at(std::max(1, problem.slots()));
      g.price.assign(cells, g.limit >= 0 ? 0.0 : 1.0 / static_cast<double>(cells));
    }
    double total = 1;
    for (int v = 0; v < form_.nodes(); ++v) total += form_.high[at(v)] - form_.low[at(v)];
    for (Group const& g : groups_)
      total += g.weight * (g.first < 0 ? problem.total_size : problem.total_units);
    double pull = 1;
    for (int i = 0; i < form_.operations; ++i)
      pull = std::max(pull, model.communication * std::abs(problem.net_weight(i)));
    for (auto const& v : form_.values) pull = std::max(pull, model.lifetime * v.size);
    pull = std::max(pull, model.makespan);
    int exponent = 0;
    std::frexp(total * pull, &exponent);
    scale_ = std::ldexp(1.0, std::clamp(50 - exponent, 0, 24));
  }

  /// Whether there is a closure to cut and it is not too large.
  static bool worthwhile(Problem<H> const& problem, DifferenceSystem const& system,
                         StepBounds const& bounds, CostModel const& model) {
    auto const form = separable_form(problem, system, bounds,
                                     model.memory != 0 || model.lifetime != 0, model.makespan != 0);
    return StepClosure::size(form.low, form.high, form.rules) <= size_limit;
  }

  /// Prices by the profile of a good schedule: softmax at a few percent of the peak.
  void set_prices(std::span<int const> start) {
    for (Group& g : groups_) {
      if (g.limit >= 0) continue;
      profile_of(g, start);
      double const peak = *std::max_element(g.profile.begin(), g.profile.end());
      double sum = 0;
      for (std::size_t c = 0; c < g.price.size(); ++c)
        sum += g.price[c] = std::exp((g.profile[c] - peak) / std::max(0.03 * peak, 1e-12));
      for (double& q : g.price) q /= sum;
    }
    kept_.clear();
  }

  /// One cut at the present prices, then better prices. upper: a value that some schedule has.
  /// False when nothing more is to be had. After it, bound() and minimiser() tell.
  bool step(double upper, detail::KeepGoing keep_going) {
    load_weights();
    // What a cut may still gain but is not worth the time.
    double const worth = scale_ * (std::isfinite(best_) ? std::max(0.0, 0.01 * (upper - best_))
                                                        : 1e-5 * std::abs(upper));
    closure_.solve([&](double unsettled) { return keep_going() && unsettled > worth; });
    double const value =
        (static_cast<double>(constant_) + static_cast<double>(closure_.bound())) / scale_ -
        0.5 * static_cast<double>(form_.nodes() + 1) / scale_;
    closure_.solution(minimiser_);
    minimiser_.resize(at(form_.operations));
    raise(system_, minimiser_);  // where the cut was ended early, its side is no closure
    if (!std::isfinite(best_) || value > best_ + 1e-3 * std::max(0.0, upper - best_)) {
      idle_ = 0;
    } else if (++idle_ >= patience) {
      idle_ = 0;
      boldness_ *= 0.5;
    }
    bool const back = idle_ == 0 && value <= best_ && !kept_.empty();
    if (value > best_) {
      best_ = value;
      kept_.clear();
      for (Group const& g : groups_) kept_.push_back(g.price);
    } else if (back) {
      for (std::size_t k = 0; k < groups_.size(); ++k) groups_[k].price = kept_[k];
      return boldness_ > 1e-3;  // the next cut is at the best prices, the one after it goes on
    }
    return move_prices(upper - value) && boldness_ > 1e-3;
  }

  /// No schedule costs less.
  [[nodiscard]] double bound() const { return best_; }
  /// Legal, and least for the last prices when their cut was finished.
  [[nodiscard]] std::vector<int> const& minimiser() const { return minimiser_; }

 private:
  static constexpr int patience = 6;

  /// Prices of one peak, or multipliers of one limit. first: class, or -1 for memory.
  struct Group {
    int first;
    int rows;
    double weight;
    std::vector<double> price;
    std::vector<double> profile;
    double limit = -1;  ///< < 0: a peak
  };

  /// What a unit of all peaks costs, or of time where there are none.
  [[nodiscard]] double unit_cost() const {
    double sum = model_.usage + model_.memory;
    for (auto const& [r, w] : model_.usage_of) sum += w;
    return sum > 0 ? sum : model_.lifetime + model_.communication + model_.makespan;
  }

  void profile_of(Group& g, std::span<int const> start) const {
    auto const all = g.first < 0 ? live_profile(problem_, start) : usage_profile(problem_, start);
    int const slots = std::max(1, problem_.slots());
    g.profile.assign(g.price.size(), 0.0);
    for (int r = 0; r < g.rows; ++r)
      for (int t = 0; t < std::min(slots, all.slots); ++t)
        g.profile[at(r) * at(slots) + at(t)] = all(std::max(0, g.first) + r, t);
  }

  /// Cumulative prices of a row over unfolded time: sum of q(tau) for tau < t.
  void accumulate(Group const& g, int row) {
    int const slots = std::max(1, problem_.slots());
    int const last = problem_.horizon() + 1;
    cumulative_.assign(at(last) + 1, 0.0);
    for (int t = 0; t < last; ++t) {
      bool const inside = problem_.pipelined() || t < slots;
      cumulative_[at(t) + 1] =
          cumulative_[at(t)] + (inside ? g.price[at(row) * at(slots) + at(t % slots)] : 0.0);
    }
  }
  [[nodiscard]] double total_price(int until) const {
    return cumulative_[at(std::clamp(until, 0, static_cast<int>(cumulative_.size()) - 1))];
  }

  /// Adds factor * f(t) to the cost of a node over its window.
  template <class F>
  void add_cost(int node, double factor, F const& f) {
    auto& cost = cost_[at(node)];
    for (int t = form_.low[at(node)]; t <= form_.high[at(node)]; ++t)
      cost[at(t - form_.low[at(node)])] += factor * f(t);
  }

  /// Costs of all nodes at the present prices, as weights of the closure's points.
  void load_weights() {
    for (int v = 0; v < form_.nodes(); ++v)
      cost_[at(v)].assign(at(form_.high[at(v)] - form_.low[at(v)] + 1), 0.0);
    auto const& graph = problem_.graph;
    double fixed = model_.communication * problem_.carried_weight;
    for (int i = 0; model_.communication != 0 && i < form_.operations; ++i)
      add_cost(i, model_.communication * problem_.net_weight(i), [](int t) { return t; });
    if (form_.makespan >= 0) add_cost(form_.makespan, model_.makespan, [](int t) { return t; });
    for (auto const& v : form_.values) {
      if (model_.lifetime == 0) break;
      double const w = model_.lifetime * v.size;
      add_cost(v.producer, -w, [](int t) { return t; });
      if (v.user >= 0) add_cost(v.user, w, [](int t) { return t; });
      fixed += w * (v.offset - v.made);
    }
    for (Group const& g : groups_)
      for (int row = 0; row < g.rows; ++row) {
        accumulate(g, row);
        if (g.limit >= 0) fixed -= g.limit * std::accumulate(g.price.begin(), g.price.end(), 0.0);
        if (g.first < 0) {
          for (auto const& v : form_.values) {
            double const w = g.weight * v.size;
            add_cost(v.producer, -w, [&](int t) { return total_price(t + v.made); });
            if (v.user >= 0)
              add_cost(v.user, w, [&](int t) { return total_price(t + v.offset); });
            else
              fixed += w * total_price(v.offset);
          }
          continue;
        }
        for (int i = 0; i < form_.operations; ++i) {
          auto const demands = graph.demands(i);
          for (int k = 0; k < demands.size(); ++k) {
            Demand const d = demands[k];
            if (d.resource != g.first + row) continue;
            int const busy = graph.occupancy(i);
            add_cost(i, g.weight * d.units,
                     [&](int t) { return total_price(t + busy) - total_price(t); });
          }
        }
      }
    constant_ = static_cast<StepClosure::Amount>(std::floor(fixed * scale_));
    for (int v = 0; v < form_.nodes(); ++v) {
      auto const& cost = cost_[at(v)];
      auto previous = std::llround(cost[0] * scale_);
      constant_ += previous;
      int p = closure_.first_point(v);
      for (std::size_t k = 1; k < cost.size(); ++k, ++p) {
        auto const now = std::llround(cost[k] * scale_);
        StepClosure::Amount const w = now - previous;
        previous = now;
        if (w == weight_[at(p)]) continue;
        closure_.add_weight(p, w - weight_[at(p)]);
        weight_[at(p)] = w;
      }
    }
  }

  /// A step along the profiles of the minimiser that would close the gap if the bound were linear.
  /// Prices move by factors; multipliers, which may be 0, by as much as if they were a little above.
  bool move_prices(double gap) {
    double power = 0;
    double largest = 0;
    for (Group& g : groups_) {
      profile_of(g, minimiser_);
      double mean = g.limit;
      if (g.limit < 0) {
        mean = 0;
        for (std::size_t c = 0; c < g.price.size(); ++c) mean += g.price[c] * g.profile[c];
      }
      double const least = least_pace(g);
      for (std::size_t c = 0; c < g.price.size(); ++c) {
        g.profile[c] -= mean;
        if (g.limit >= 0 && g.price[c] == 0 && g.profile[c] <= 0) continue;  // stays at 0
        double const pace = std::max(g.price[c], least);
        power += g.weight * g.weight * pace * g.profile[c] * g.profile[c];
        largest = std::max(largest, g.weight * std::abs(g.profile[c]));
      }
    }
    if (!(power > 0) || !(gap > 0)) return false;
    double const length = std::min(boldness_ * gap / power, 1.0 / largest);
    for (Group& g : groups_) {
      double const least = least_pace(g);
      double sum = 0;
      for (std::size_t c = 0; c < g.price.size(); ++c) {
        if (g.limit >= 0)
          g.price[c] =
              std::max(0.0, g.price[c] + length * std::max(g.price[c], least) * g.profile[c]);
        else
          sum += g.price[c] =
              std::max(g.price[c], 1e-12) * std::exp(length * g.weight * g.profile[c]);
      }
      if (g.limit >= 0) continue;
      for (double& q : g.price) q /= sum;
    }
    return true;
  }
  /// A multiplier that matters: a share of what a unit of all peaks costs.
  [[nodiscard]] double least_pace(Group const& g) const {
    return g.limit < 0 ? 0.0 : 0.1 * unit_cost() / static_cast<double>(g.price.size());
  }

  Problem<H> const& problem_;
  DifferenceSystem const& system_;
  CostModel model_;
  SeparableForm form_;
  StepClosure closure_;
  std::vector<StepClosure::Amount> weight_;  ///< of each point, as it stands in the closure
  std::vector<std::vector<double>> cost_;    ///< of each node over its window
  std::vector<Group> groups_;
  std::vector<std::vector<double>> kept_;  ///< the best prices so far, by group
  std::vector<double> cumulative_;
  std::vector<int> minimiser_;
  StepClosure::Amount constant_ = 0;
  double scale_ = 1;
  double best_ = -std::numeric_limits<double>::infinity();
  double boldness_ = 1;
  int idle_ = 0;
};

}  // namespace gaus::detail

#endif
