// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTING_EXPECTATION_HPP
#define GAUS_TESTING_EXPECTATION_HPP

#include <gaus/detail/host_graph.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/policy_probe.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/objective.hpp>
#include <gaus/testing/gradient.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <vector>

// Is the value of an objective what its exact cost is on average? Start steps are independent
// Gaussians, X_i ~ N(mean_i, spread_i^2). What a value is the expectation of differs by objective:
//
//   rounded      E exact(S), S_i = clamp(round(X_i), earliest_i, latest_i): the random schedule of
//                start_steps.hpp, for values made from P(S_i <= t) and E S_i
//   unrounded    E exact(X), neither rounded nor clamped: for closed forms in mean and spread, such
//                as normal_hinge() and all of PerDependence. Between whole steps exact() is linear:
//                all X_i of a sample are rounded down after the same offset, uniform in [0, 1), is
//                added, which on average gives that for costs of one start or of one difference. A
//                curved cost (a square) is off by what the curve leaves between steps: that is what
//                bias is for.
//   certain      no expectation, such as a smooth maximum of an expected profile: with means at the
//                steps of a schedule and spreads near 0 the value must be exact() of it, up to bias
namespace gaus {

/// What the value of an objective stands for.
enum class Expectation {
  rounded,    ///< the mean of exact() over rounded and clamped start steps
  unrounded,  ///< over start steps as they are, exact() linear between whole steps
  certain,    ///< exact() itself, where nothing is uncertain
};

/// Options of check_expectation().
struct ExpectationOptions {
  Expectation expectation = Expectation::rounded;  ///< what the value stands for
  int samples = 0;         ///< schedules; 0: 100,000, or 20 where each is certain
  double sigmas = 4;       ///< tolerance, in standard errors of the sampled mean
  double bias = 0;         ///< tolerance beside that, relative to the sampled mean
  std::uint64_t seed = 0;  ///< of the random numbers
};

/// What check_expectation() found. Converts to true where nothing is wrong.
struct ExpectationCheck {
  bool holds = false;         ///< nothing is wrong
  double value = 0;           ///< of evaluate(); where each schedule is certain: of the worst one
  double sampled = 0;         ///< mean of exact(); likewise
  double standard_error = 0;  ///< of sampled; 0 where each schedule is certain
  double deviation = 0;       ///< of the two, beyond the bias, in standard errors; infinite for NaN
  std::string text;           ///< all of that in one line

  /// Whether nothing is wrong.
  explicit operator bool() const { return holds; }
};

namespace detail {

/// The problem in host memory, on a copy where it lies elsewhere.
template <class ExecutionSpace, class G>
auto host_problem(ExecutionSpace const& exec, Problem<G> const& problem) {
  auto const graph = host_graph(exec, problem.graph);
  return make_problem(graph, graph, problem.steps,
                      {values_of(problem.earliest), values_of(problem.latest)},
                      problem.initiation_interval, problem.hold_outputs);
}

/// Draws start steps.
class StartSampler {
 public:
  StartSampler(std::vector<double> const& mean, std::vector<double> const& spread,
               std::vector<int> const& earliest, std::vector<int> const& latest, std::uint64_t seed)
      : mean_(mean), spread_(spread), earliest_(earliest), latest_(latest), random_(seed) {}

  /// One sample of what an expectation is over. Means of 1e9 and more are cut off there.
  void draw(Expectation over, std::vector<int>& start) {
    start.resize(mean_.size());
    double const offset = over == Expectation::unrounded ? random_.unit() : 0.5;
    for (std::size_t i = 0; i < start.size(); ++i) {
      if (over == Expectation::certain) {
        start[i] = earliest_[i] + random_.below(latest_[i] - earliest_[i] + 1);
        continue;
      }
      double x = std::floor(std::clamp(mean_[i] + spread_[i] * normal(), -1e9, 1e9) + offset);
      if (over == Expectation::rounded) x = std::clamp<double>(x, earliest_[i], latest_[i]);
      start[i] = static_cast<int>(x);
    }
  }

 private:
  /// Standard normal numbers, in pairs (Box and Muller).
  double normal() {
    if (spare_full_) {
      spare_full_ = false;
      return spare_;
    }
    double const radius = std::sqrt(-2 * std::log(1 - random_.unit()));
    double const angle = 2 * std::numbers::pi * random_.unit();
    spare_ = radius * std::sin(angle);
    spare_full_ = true;
    return radius * std::cos(angle);
  }

  std::vector<double> const& mean_;
  std::vector<double> const& spread_;
  std::vector<int> const& earliest_;
  std::vector<int> const& latest_;
  RandomBits random_;
  double spare_ = 0;
  bool spare_full_ = false;
};

/// Mean of a cost over samples, with its standard error. To the error comes one sample's share of
/// the largest cost that was seen: a rare event may not have shown.
struct SampledMean {
  double mean = 0;
  double error = 0;
};
inline SampledMean sampled_mean(FunctionRef<double()> cost, int samples, double largest) {
  double mean = 0;
  double squares = 0;  // of the deviations, summed (Welford)
  for (int k = 1; k <= samples; ++k) {
    double const x = cost();
    largest = std::max(largest, std::abs(x));
    double const off = x - mean;
    mean += off / k;
    squares += off * (x - mean);
  }
  return {mean, std::sqrt(squares / samples / samples) + largest / samples};
}

/// Fills in deviation, verdict and text.
inline void judge_expectation(ExpectationCheck& check, std::string const& name,
                              ExpectationOptions const& options, int samples) {
  double const off =
      std::abs(check.value - check.sampled) - (options.bias + 1e-9) * std::abs(check.sampled);
  bool const certain = options.expectation == Expectation::certain;
  check.deviation = off <= 0 ? 0 : off / (certain ? 0.0 : check.standard_error);
  if (!(check.deviation >= 0)) check.deviation = std::numeric_limits<double>::infinity();  // NaN
  check.holds = check.deviation <= options.sigmas;
  std::string const value = name + ": the value " + short_number(check.value);
  std::string const exact = short_number(check.sampled);
  if (certain) {
    check.text = value + (check.holds ? " is " : " is not ") + "exact(), " + exact +
                 ", of the worst of " + std::to_string(samples) + " schedules";
    return;
  }
  check.text = value + (check.holds ? " is" : " is not") + " the mean of exact() over " +
               std::to_string(samples) + " schedules, " + exact + " +- " +
               short_number(check.standard_error) + ": off by " + short_number(check.deviation) +
               " standard errors";
}

}  // namespace detail

/// Compares the value of an objective with Monte Carlo sampling of its exact() at the given means and
/// spreads. A problem of one copy; throws InvalidInput for a batch. One evaluation and as many calls
/// of exact() as samples; where each schedule is certain, an evaluation each.
template <class ExecutionSpace, class G, class Policy>
ExpectationCheck check_expectation(ExecutionSpace const& exec, Problem<G> const& problem,
                                   Policy const& objective,
                                   StartSteps<double, typename G::memory_space> const& starts,
                                   ExpectationOptions const& options = {}) {
  check_objective<Policy, ExecutionSpace, G, double>();
  detail::check_accessible<ExecutionSpace, typename G::memory_space>();
  if (problem.batch != 1)
    throw InvalidInput(detail::message(
        {"check_expectation: a batch of ", problem.batch, " copies has no schedule of its own"}));
  auto const host = detail::host_problem(exec, problem);
  auto const earliest = detail::values_of(problem.earliest);
  auto const latest = detail::values_of(problem.latest);
  detail::PolicyProbe<detail::PolicyKind::objective, ExecutionSpace, G, Policy> probe(
      exec, problem, objective, starts);
  bool const certain = options.expectation == Expectation::certain;
  int const samples = options.samples > 0 ? options.samples : certain ? 20 : 100000;
  ExpectationCheck check;
  std::vector<int> start;
  auto const exact = [&] {
    return static_cast<double>(objective.exact(host, std::span<int const>(start)));
  };
  if (certain) {
    auto const none = probe.mean;
    detail::StartSampler sampler(none, none, earliest, latest, options.seed);
    double worst = -1;
    for (int k = 0; k < samples && std::isfinite(worst); ++k) {
      sampler.draw(options.expectation, start);
      probe.mean.assign(start.begin(), start.end());
      probe.spread.assign(start.size(), 1e-3);
      double const value = probe.value();
      double const off = std::abs(value - exact()) / (std::abs(exact()) + 1e-300);
      if (off <= worst) continue;
      worst = std::isfinite(off) ? off : std::numeric_limits<double>::infinity();
      check.value = value;
      check.sampled = exact();
    }
    detail::judge_expectation(check, Policy::name, options, samples);
    return check;
  }
  auto const sample = [&](Expectation over) {
    detail::StartSampler sampler(probe.mean, probe.spread, earliest, latest, options.seed);
    start = earliest;
    double largest = std::abs(exact());
    start = latest;
    largest = std::max(largest, std::abs(exact()));
    auto const cost = [&] {
      sampler.draw(over, start);
      return exact();
    };
    return detail::sampled_mean(cost, samples, largest);
  };
  check.value = probe.value();
  auto const found = sample(options.expectation);
  check.sampled = found.mean;
  check.standard_error = found.error;
  detail::judge_expectation(check, Policy::name, options, samples);
  if (check.holds || options.expectation != Expectation::rounded) return check;
  auto other = check;  // a closed form in mean and spread looks like this
  auto const unrounded = sample(Expectation::unrounded);
  other.sampled = unrounded.mean;
  other.standard_error = unrounded.error;
  detail::judge_expectation(other, Policy::name, options, samples);
  if (other.holds) check.text += " (it is, with Expectation::unrounded)";
  return check;
}

}  // namespace gaus

#endif
