// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PORTFOLIO_HPP
#define GAUS_SCHEDULE_PORTFOLIO_HPP

#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/sorting.hpp>
#include <gaus/graph/step_bounds.hpp>
#include <gaus/schedule/relaxation_run.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

// Which descent to make next. No single setting suits every graph: deep chains want a strong penalty
// and narrow Gaussians, packing problems a weak one and wide Gaussians, and on small graphs chance
// decides. So the solver asks for no hyperparameters; it plays a portfolio of recipes in turn, then
// mostly the ones that did best on this very graph, from starts that differ.
namespace gaus {

/// Where a descent begins.
enum class DescentStart {
  middle,     ///< middle of every window
  linear,     ///< the schedule of least linear costs, drawn a little to the middle
  perturbed,  ///< middle with noise
  random,     ///< uniform in every window
  best,       ///< the best schedule so far, with noise
};

/// A recipe with its start and its record.
struct PortfolioEntry {
  Recipe recipe;                                          ///< how it descends
  DescentStart start = DescentStart::middle;              ///< where it begins
  double best = std::numeric_limits<double>::infinity();  ///< value that it has reached
  int runs = 0;                                           ///< that it has had
};

/// The recipes, and the choice among them.
class Portfolio {
 public:
  /// iterations: length of the usual descent.
  explicit Portfolio(std::uint64_t seed, int iterations) : random_(seed * 2 + 1) {
    auto const add = [&](double penalty, double scale, double high, double rate, DescentStart start,
                         int length) {
      Recipe recipe;
      recipe.iterations = length;
      recipe.penalty = penalty;
      recipe.spread.scale = scale;
      recipe.spread.high = high;
      recipe.rate_first = rate;
      entries_.push_back({recipe, start});
    };
    // On large graphs the first ones may be all that time allows: from the exact minimum of the linear
    // costs, then a short, fast and narrow one.
    add(1.0, 0.1, 4, 0.02, DescentStart::linear, iterations);
    add(0.1, 0.1, 1, 0.2, DescentStart::middle, iterations / 2);
    add(1.0, 0.1, 4, 0.02, DescentStart::middle, iterations);
    add(0.03, 0.1, 4, 0.02, DescentStart::middle, iterations);
    add(1.0, 0.3, 4, 0.02, DescentStart::middle, iterations);
    add(3.0, 0.1, 2, 0.01, DescentStart::perturbed, iterations);
    add(0.3, 0.3, 4, 0.02, DescentStart::random, iterations);
    add(1.0, 0.05, 1, 0.003, DescentStart::best, iterations);
    add(0.1, 0.3, 16, 0.03, DescentStart::random, iterations);
    add(0.3, 0.1, 1, 0.01, DescentStart::best, iterations);
  }

  /// One recipe only, for experts.
  Portfolio(std::uint64_t seed, Recipe const& recipe) : random_(seed * 2 + 1) {
    entries_.push_back({recipe, DescentStart::middle});
    entries_.push_back({recipe, DescentStart::perturbed});
  }

  /// The next one to play: each once, then by turns the best ones and any.
  PortfolioEntry& next() {
    auto const size = static_cast<int>(entries_.size());
    int const turn = turns_++;
    if (turn < size) return entries_[static_cast<std::size_t>(turn)];
    if (turn % 3 == 0) return entries_[static_cast<std::size_t>(random_.below(size))];
    std::vector<int> rank(entries_.size());
    for (int k = 0; k < size; ++k) rank[static_cast<std::size_t>(k)] = k;
    detail::sort_numbers(rank, [&](int a, int b) {
      double const own = entries_[static_cast<std::size_t>(a)].best;
      double const other = entries_[static_cast<std::size_t>(b)].best;
      return own != other ? own < other : a < b;
    });
    return entries_[static_cast<std::size_t>(rank[static_cast<std::size_t>(turn % 3 - 1)])];
  }

  /// Descents chosen so far.
  [[nodiscard]] int turns() const { return turns_; }
  /// The best value that any of them has reached.
  [[nodiscard]] double best() const {
    double value = std::numeric_limits<double>::infinity();
    for (auto const& entry : entries_) value = std::min(value, entry.best);
    return value;
  }
  /// Number of recipes.
  [[nodiscard]] int size() const { return static_cast<int>(entries_.size()); }

  /// Means to begin at.
  void begin(PortfolioEntry const& entry, StepBounds const& bounds, std::vector<int> const& best,
             std::vector<int> const& linear, std::vector<double>& means) {
    means.resize(bounds.earliest.size());
    auto start = entry.start;
    if (start == DescentStart::linear && linear.empty()) start = DescentStart::middle;
    // A recipe that is played again must not repeat itself.
    if (start == DescentStart::middle && entry.runs > 0) start = DescentStart::perturbed;
    double const pull = entry.runs > 0 ? 0.3 * random_.unit() : 0.1;
    for (std::size_t i = 0; i < means.size(); ++i) {
      double const low = bounds.earliest[i];
      double const mobility = bounds.latest[i] - bounds.earliest[i];
      double const middle = low + 0.5 * mobility;
      double const noise = random_.unit() - 0.5;
      switch (start) {
        // Never quite the middle: operations that are alike would have the same gradient for ever.
        case DescentStart::middle:
          means[i] = middle + 0.02 * mobility * noise;
          break;
        case DescentStart::linear:
          means[i] = linear[i] + pull * (middle - linear[i]) + 0.02 * mobility * noise;
          means[i] = std::clamp(means[i], low, low + mobility);
          break;
        case DescentStart::perturbed:
          means[i] = middle + 0.4 * mobility * noise;
          break;
        case DescentStart::random:
          means[i] = middle + mobility * noise;
          break;
        case DescentStart::best:
          means[i] = std::clamp(best[i] + 0.1 * mobility * noise, low, low + mobility);
          break;
      }
    }
  }

  /// The next random bits.
  std::uint64_t draw() { return random_(); }

 private:
  std::vector<PortfolioEntry> entries_;
  detail::RandomBits random_;
  int turns_ = 0;
};

}  // namespace gaus

#endif
