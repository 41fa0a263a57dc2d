// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTING_GRADIENT_HPP
#define GAUS_TESTING_GRADIENT_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/function_ref.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/policy_probe.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/objective.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

// Is a hand-derived gradient the derivative of the value? With the step h, a part of the spread,
//
//   d(h) = (f(x + h) - f(x - h)) / 2h,   df/dx = (4 d(h) - d(2h)) / 3 + O(h^4)
//
// for the mean and the spread of one operation after the other, in double. What d(h) and d(2h)
// differ by tells a kink or a jump of the value from a wrong gradient.
namespace gaus {

/// What check_gradient() can find.
enum class GradientFault {
  none,        ///< nothing
  not_finite,  ///< a value, a residual or an entry of the gradient is NaN or infinite
  wrong,       ///< an entry is not the derivative of the value
  not_smooth,  ///< the value has no derivative where an entry disagrees: a kink, a jump, noise
  contract,    ///< gradients are not added or not weighted, or the cost slot is not overwritten
};

/// Options of check_gradient().
struct GradientOptions {
  double tolerance = 1e-6;  ///< on the relative error of an entry
  double step = 1e-4;       ///< of the differences, in spreads; < 1/2
  int operations = 100;     ///< at most so many are moved, drawn by the seed; 0: all
  std::uint64_t seed = 0;   ///< for them, and for the weights of residuals
};

/// What check_gradient() found, with the entry that is worst. Converts to true where nothing is wrong.
struct GradientCheck {
  GradientFault fault = GradientFault::none;  ///< what is wrong
  double error = 0;        ///< largest relative error: to the entry, or 1e-3 of the largest entry
  int operation = -1;      ///< whose entry that is; -1: none
  bool of_spread = false;  ///< by its spread; else by its mean
  double gradient = 0;     ///< the policy's entry
  double difference = 0;   ///< the derivative, by central differences
  int entries = 0;   ///< compared entries that are not 0 on both sides: with none, nothing is shown
  std::string text;  ///< all of that in one line

  /// Whether nothing is wrong.
  explicit operator bool() const { return fault == GradientFault::none; }
};

namespace detail {

inline std::string short_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", x);
  return text;
}

/// The operations that are moved: all, or so many of them, ascending.
inline std::vector<int> drawn_operations(int count, int at_most, RandomBits& random) {
  std::vector<int> all(at(count));
  for (int i = 0; i < count; ++i) all[at(i)] = i;
  if (at_most <= 0 || at_most >= count) return all;
  for (int k = 0; k < at_most; ++k) std::swap(all[at(k)], all[at(k + random.below(count - k))]);
  all.resize(at(at_most));
  std::sort(all.begin(), all.end());
  return all;
}

/// One entry of a gradient beside its differences.
struct GradientEntry {
  int operation;
  bool of_spread;
  double gradient;
  double difference;
  double doubt;  ///< what the differences of two steps differ by
  double noise;  ///< what rounding of the values may have left
};

/// The entry by central differences; nothing where the number is too large to be moved.
inline bool differentiate(FunctionRef<double()> value, double& x, double h, GradientEntry& entry) {
  double const x0 = x;
  double top = 0;
  auto const slope = [&](double step) {
    x = x0 + step;
    double const above = x;
    double const high = value();
    x = x0 - step;
    double const below = x;
    double const low = value();
    x = x0;
    top = std::max({top, std::abs(high), std::abs(low)});
    return above > below ? (high - low) / (above - below) : 0.0;
  };
  if (!(x0 + h > x0) || !(x0 + h - x0 < 2 * h)) return false;
  double const near = slope(h);
  double const far = slope(2 * h);
  entry.difference = (4 * near - far) / 3;
  entry.doubt = std::abs(near - far);
  entry.noise = 16 * std::numeric_limits<double>::epsilon() * top / h;
  return true;
}

/// Says what is wrong with the worst entry, as far as one can see it from the numbers.
inline std::string gradient_hint(GradientEntry const& worst, std::vector<GradientEntry> const& all,
                                 double tolerance) {
  auto const same = [&](double a, double b) {
    return std::abs(a - b) <= 100 * tolerance * std::max(std::abs(a), std::abs(b));
  };
  double const g = worst.gradient;
  double const d = worst.difference;
  if (same(g, -d)) return ": the sign is wrong";
  if (g == 0) return ": it is missing";
  for (GradientEntry const& e : all)
    if (e.operation != worst.operation && e.of_spread == worst.of_spread && same(e.difference, g) &&
        !same(e.gradient, g))
      return message({": that is the entry of operation ", e.operation});
  if (std::abs(d) > 1e-3 * std::abs(g)) return ": " + short_number(g / d) + " times as much";
  return "";
}

/// Fills in error, entry, fault and text.
inline void judge_entries(GradientCheck& check, std::string const& name,
                          std::vector<GradientEntry> const& entries, double tolerance) {
  double top = 0;
  for (GradientEntry const& e : entries)
    top = std::max({top, std::abs(e.difference), std::abs(e.gradient)});
  GradientEntry const* worst = nullptr;
  for (GradientEntry const& e : entries) {
    if (e.gradient != 0 || std::abs(e.difference) > e.noise) ++check.entries;
    double const off = std::abs(e.gradient - e.difference) - e.noise;
    double const scale = std::max(std::abs(e.difference), 1e-3 * top);
    double const error = off > 0 ? off / scale : 0;
    if (worst && error <= check.error) continue;
    worst = &e;
    check.error = error;
  }
  if (!worst || check.entries == 0) {
    check.text = name + ": value and gradient do not depend on the start steps here";
    return;
  }
  check.operation = worst->operation;
  check.of_spread = worst->of_spread;
  check.gradient = worst->gradient;
  check.difference = worst->difference;
  std::string const entry = message({worst->of_spread ? "d/dspread" : "d/dmean", " of operation ",
                                     worst->operation, " is "}) +
                            short_number(worst->gradient) + ", central differences give " +
                            short_number(worst->difference);
  std::string const error = "relative error " + short_number(check.error);
  if (check.error <= tolerance) {
    check.text = message({name, ": the gradient is right in ", check.entries, " entries; "}) +
                 "largest " + error + " (" + entry + ")";
  } else if (worst->doubt > 1e-3 * std::max(std::abs(worst->difference), 1e-3 * top)) {
    check.fault = GradientFault::not_smooth;
    check.text = name + ": " + entry +
                 ", but of two steps different ones: the value has a kink, a " +
                 "jump or noise there";
  } else {
    check.fault = GradientFault::wrong;
    check.text = name + ": " + entry + gradient_hint(*worst, entries, tolerance) + "; " + error;
  }
}

/// Whether an evaluation is finite; else the check says what is not.
inline bool check_finite(GradientCheck& check, std::string const& name, HostEvaluation const& e) {
  for (std::size_t i = 0; i < e.d_mean.size(); ++i)
    for (bool const of_spread : {false, true}) {
      double const entry = of_spread ? e.d_spread[i] : e.d_mean[i];
      if (std::isfinite(entry)) continue;
      check.fault = GradientFault::not_finite;
      check.error = std::numeric_limits<double>::infinity();
      check.operation = static_cast<int>(i);
      check.of_spread = of_spread;
      check.gradient = entry;
      check.text = message({name, ": ", of_spread ? "d/dspread" : "d/dmean", " of operation ",
                            static_cast<int>(i), " is "}) +
                   short_number(entry);
      return false;
    }
  if (std::isfinite(e.value)) return true;
  check.fault = GradientFault::not_finite;
  check.error = std::numeric_limits<double>::infinity();
  check.text = name + ": the value is " + short_number(e.value);
  return false;
}

/// Whether a second evaluation, with the weight 2 and slots that hold 1, is what the first one says.
inline bool check_contract(GradientCheck& check, std::string const& name, HostEvaluation const& one,
                           HostEvaluation const& two) {
  auto const same = [](double a, double b) {
    return std::abs(a - b) <= 1e-9 * (1 + std::max(std::abs(a), std::abs(b)));
  };
  check.fault = GradientFault::contract;
  if (!same(one.value, two.value)) {
    check.text = name + ": the value changes from " + short_number(one.value) + " to " +
                 short_number(two.value) +
                 " with the weight and what the slot held; it must overwrite and not be weighted";
    return false;
  }
  for (std::size_t i = 0; i < one.d_mean.size(); ++i)
    for (bool const of_spread : {false, true}) {
      double const expected = 1 + 2 * (of_spread ? one.d_spread[i] : one.d_mean[i]);
      double const got = of_spread ? two.d_spread[i] : two.d_mean[i];
      if (same(expected, got)) continue;
      check.operation = static_cast<int>(i);
      check.of_spread = of_spread;
      check.gradient = got;
      check.difference = expected;
      check.text = message({name, ": ", of_spread ? "d/dspread" : "d/dmean", " of operation ",
                            static_cast<int>(i), " is "}) +
                   short_number(got) + " where 1 stood before and the weight is 2, not " +
                   short_number(expected) + ": gradients are added, times the weight";
      return false;
    }
  check.fault = GradientFault::none;
  return true;
}

/// The check over a probe of either kind.
template <class Probe>
GradientCheck check_probe(Probe& probe, std::string const& name, GradientOptions const& options) {
  GradientCheck check;
  auto const gradient = probe.evaluate(1, 0);
  if (!check_finite(check, name, gradient) ||
      !check_contract(check, name, gradient, probe.evaluate(2, 1)))
    return check;
  auto const value = [&] { return probe.value(); };
  RandomBits random(options.seed);
  std::vector<GradientEntry> entries;
  for (int const i :
       drawn_operations(static_cast<int>(probe.mean.size()), options.operations, random))
    for (bool const of_spread : {false, true}) {
      GradientEntry entry{i, of_spread, (of_spread ? gradient.d_spread : gradient.d_mean)[at(i)],
                          0, 0,         0};
      double& x = (of_spread ? probe.spread : probe.mean)[at(i)];
      if (!differentiate(value, x, options.step * probe.spread[at(i)], entry)) continue;
      if (!std::isfinite(entry.difference)) {
        check.fault = GradientFault::not_finite;
        check.error = std::numeric_limits<double>::infinity();
        check.operation = i;
        check.of_spread = of_spread;
        check.text = message({name, ": the value is not finite near the ",
                              of_spread ? "spread" : "mean", " of operation ", i});
        return check;
      }
      entries.push_back(entry);
    }
  judge_entries(check, name, entries, options.tolerance);
  return check;
}

}  // namespace detail

/// Compares the pull-back of a constraint with central differences of its residuals, each times a
/// weight of either sign between 1/2 and 3/2 that the seed gives. For what is an objective, too
/// (PerOperation, PerDependence); check_gradient() does it for all others. Cost as there.
template <class ExecutionSpace, class G, class Policy>
GradientCheck check_pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                              Policy const& constraint,
                              StartSteps<double, typename G::memory_space> const& starts,
                              GradientOptions const& options = {}) {
  check_constraint<Policy, ExecutionSpace, G, double>();
  detail::check_accessible<ExecutionSpace, typename G::memory_space>();
  detail::RandomBits random(options.seed + 1);
  std::vector<double> weights(detail::at(constraint.size(problem)));
  for (double& w : weights) w = (random.below(2) == 0 ? -1 : 1) * (0.5 + random.unit());
  detail::PolicyProbe<detail::PolicyKind::constraint, ExecutionSpace, G, Policy> probe(
      exec, problem, constraint, starts, std::move(weights));
  auto const residuals = probe.residuals();
  for (std::size_t k = 0; k < residuals.size(); ++k) {
    if (std::isfinite(residuals[k])) continue;
    GradientCheck check;
    check.fault = GradientFault::not_finite;
    check.error = std::numeric_limits<double>::infinity();
    check.text = detail::message({Policy::name, ": residual ", k, " is "}) +
                 detail::short_number(residuals[k]);
    return check;
  }
  return detail::check_probe(probe, Policy::name, options);
}

/// Compares the gradient of an objective, means and spreads, with central differences of its value
/// at the given start steps, and asks what is asked of every policy: gradients added and weighted,
/// cost overwritten, all finite. A constraint that is no objective is handed to check_pull_back().
/// Spreads must be above 1e-3 steps; means that are too large to be moved are left out.
/// Four evaluations an entry, two entries an operation.
template <class ExecutionSpace, class G, class Policy>
GradientCheck check_gradient(ExecutionSpace const& exec, Problem<G> const& problem,
                             Policy const& policy,
                             StartSteps<double, typename G::memory_space> const& starts,
                             GradientOptions const& options = {}) {
  if constexpr (Constraint<Policy, ExecutionSpace, G> && !Objective<Policy, ExecutionSpace, G>) {
    return check_pull_back(exec, problem, policy, starts, options);
  } else {
    check_objective<Policy, ExecutionSpace, G, double>();
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    detail::PolicyProbe<detail::PolicyKind::objective, ExecutionSpace, G, Policy> probe(
        exec, problem, policy, starts);
    return detail::check_probe(probe, Policy::name, options);
  }
}

}  // namespace gaus

#endif
