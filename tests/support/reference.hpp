// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_REFERENCE_HPP
#define GAUS_TESTS_SUPPORT_REFERENCE_HPP

#include <support/problems.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

// The costs a second time, as slowly and plainly as their definitions read: every expectation sums
// over all steps, every discrete cost asks every step. No windows, no prefix sums, long double.
namespace gaus_test {

inline Number phi(Number z) {
  return 0.398942280401432677939946059934381868L * std::exp(-z * z / 2);
}
inline Number Phi(Number z) { return std::erfc(-z * 0.707106781186547524400844362104849039L) / 2; }

/// C_i(t) = P(S_i <= t).
inline Number started_by(TestProblem const& p, int i, int t) {
  if (t < p.earliest[at(i)]) return 0;
  if (t >= p.latest[at(i)]) return 1;
  return Phi((t + 0.5L - p.mean[at(i)]) / p.spread[at(i)]);
}
/// P(S_i = t).
inline Number starts_at(TestProblem const& p, int i, int t) {
  return started_by(p, i, t) - started_by(p, i, t - 1);
}

inline bool binds(TestProblem const& p, gaus::GraphDescription::Link const& d) {
  return d.distance == 0 || p.interval > 0;
}
inline int slots(TestProblem const& p) { return p.interval > 0 ? p.interval : p.steps; }
/// A step that nothing reaches.
inline int end_of_time(TestProblem const& p) {
  int distance = 0;
  for (auto const& d : p.graph.dependences) distance = std::max(distance, d.distance);
  return p.steps + 1 + distance * p.interval;
}
inline int slot(TestProblem const& p, int t) { return p.interval > 0 ? t % p.interval : t; }

/// E U_r(t), rows of slots; only the steps that the profile has.
inline std::vector<Number> expected_usage(TestProblem const& p) {
  std::vector<Number> u(at(p.resources()) * at(slots(p)), 0);
  for (auto const& d : p.graph.demands)
    for (int t = 0; t < p.steps; ++t)
      u[at(d.resource) * at(slots(p)) + at(slot(p, t))] +=
          static_cast<Number>(d.units) *
          (started_by(p, d.operation, t) -
           started_by(p, d.operation, t - p.graph.operations[at(d.operation)].occupancy));
  return u;
}

/// The consumers of value i, each with the largest distance of its uses: they are one start.
inline std::map<int, int> last_uses(TestProblem const& p, int i) {
  std::map<int, int> distance;
  for (auto const& d : p.graph.dependences)
    if (d.from == i && binds(p, d)) distance[d.to] = std::max(distance[d.to], d.distance);
  return distance;
}

/// P(value i is live across the boundary after t); where i is among its own consumers, start by
/// start of i.
inline Number expected_live(TestProblem const& p, int i, std::map<int, int> const& uses, int t) {
  int const latency = std::max(p.graph.operations[at(i)].latency, 1);
  Number const produced = started_by(p, i, t - latency + 1);
  if (produced == 0) return 0;
  Number others_started = uses.empty() && p.hold_outputs && t < p.steps ? 0 : 1;
  for (auto const& [to, distance] : uses)
    if (to != i) others_started *= started_by(p, to, t - distance * p.interval);
  auto const itself = uses.find(i);
  if (itself == uses.end()) return produced * (1 - others_started);
  Number live = 0;
  for (int s = p.earliest[at(i)]; s <= std::min(p.latest[at(i)], t - latency + 1); ++s)
    live += starts_at(p, i, s) * (t < s + itself->second * p.interval ? 1 : 1 - others_started);
  return live;
}

/// E M(t), one row of slots.
inline std::vector<Number> expected_liveness(TestProblem const& p) {
  std::vector<Number> m(at(slots(p)), 0);
  for (int i = 0; i < p.operations(); ++i) {
    auto const uses = last_uses(p, i);
    for (int t = 0; t < (p.interval > 0 ? end_of_time(p) : p.steps); ++t)
      m[at(slot(p, t))] +=
          static_cast<Number>(p.graph.operations[at(i)].size) * expected_live(p, i, uses, t);
  }
  return m;
}

inline Number sum(std::vector<Number> const& values) {
  Number total = 0;
  for (Number const x : values) total += x;
  return total;
}
inline Number expected_lifetime(TestProblem const& p) { return sum(expected_liveness(p)); }

inline Number expected_start(TestProblem const& p, int i) {
  Number total = 0;
  for (int t = p.earliest[at(i)]; t <= p.latest[at(i)]; ++t) total += t * starts_at(p, i, t);
  return total;
}
inline Number expected_communication(TestProblem const& p) {
  Number total = 0;
  for (auto const& d : p.graph.dependences)
    if (binds(p, d))
      total += static_cast<Number>(d.weight) *
               (expected_start(p, d.to) + d.distance * p.interval - expected_start(p, d.from));
  return total;
}
/// sum of t P(makespan = t).
inline Number expected_makespan(TestProblem const& p) {
  auto const done_by = [&](int t) {
    Number product = 1;
    for (int i = 0; i < p.operations(); ++i) product *= started_by(p, i, t - p.length(i));
    return product;
  };
  Number total = 0;
  for (int t = 1; t <= p.steps; ++t) total += t * (done_by(t) - done_by(t - 1));
  return total;
}

/// tau log sum exp(u / tau).
inline Number log_sum_exp(std::vector<Number> const& u, Number tau) {
  Number const top = *std::max_element(u.begin(), u.end());
  Number total = 0;
  for (Number const x : u) total += std::exp((x - top) / tau);
  return top + tau * std::log(total);
}
/// (sum u^p)^(1/p).
inline Number p_norm(std::vector<Number> const& u, Number power) {
  Number const top = u.empty() ? 0 : *std::max_element(u.begin(), u.end());
  if (top <= 0) return 0;
  Number total = 0;
  for (Number const x : u) total += std::pow(std::max<Number>(x, 0) / top, power);
  return top * std::pow(total, 1 / power);
}

// ---- the discrete costs of a schedule, step by step ----

/// U_r(t), rows of slots. Pipelined: every t that an operation is busy in counts in t mod II.
inline std::vector<Number> discrete_usage(TestProblem const& p, std::vector<int> const& s) {
  std::vector<Number> u(at(p.resources()) * at(slots(p)), 0);
  for (auto const& d : p.graph.demands)
    for (int t = 0; t < p.steps; ++t)
      if (s[at(d.operation)] <= t &&
          t < s[at(d.operation)] + p.graph.operations[at(d.operation)].occupancy)
        u[at(d.resource) * at(slots(p)) + at(slot(p, t))] += static_cast<Number>(d.units);
  return u;
}
inline std::vector<Number> discrete_liveness(TestProblem const& p, std::vector<int> const& s) {
  std::vector<Number> m(at(slots(p)), 0);
  for (int i = 0; i < p.operations(); ++i) {
    int const produced = s[at(i)] + std::max(p.graph.operations[at(i)].latency, 1) - 1;
    int last = p.hold_outputs ? p.steps : produced;
    bool used = false;
    for (auto const& d : p.graph.dependences)
      if (d.from == i && binds(p, d)) {
        int const use = s[at(d.to)] + d.distance * p.interval;
        last = used ? std::max(last, use) : use;
        used = true;
      }
    for (int t = 0; t < (p.interval > 0 ? end_of_time(p) : p.steps); ++t)
      if (produced <= t && t < last)
        m[at(slot(p, t))] += static_cast<Number>(p.graph.operations[at(i)].size);
  }
  return m;
}
inline Number discrete_communication(TestProblem const& p, std::vector<int> const& s) {
  Number total = 0;
  for (auto const& d : p.graph.dependences)
    if (binds(p, d))
      total +=
          static_cast<Number>(d.weight) * (s[at(d.to)] + d.distance * p.interval - s[at(d.from)]);
  return total;
}
inline int discrete_makespan(TestProblem const& p, std::vector<int> const& s) {
  int last = 0;
  for (int i = 0; i < p.operations(); ++i) last = std::max(last, s[at(i)] + p.length(i));
  return last;
}

// ---- gradients by central differences, and how far another one is from them ----

struct Gradient {
  std::vector<Number> d_mean;
  std::vector<Number> d_spread;
  std::vector<Number> noise;  ///< what rounding of f may have left in the entries of an operation
};

/// Central differences of every entry of f(problem) with steps of 1e-5 spreads; what the third
/// derivative leaves is about 1e-10 of it.
template <class Function>
std::vector<Gradient> central_differences_of_all(TestProblem p, Function const& f) {
  std::vector<Number> const values = f(p);
  std::vector<Gradient> gradients(values.size());
  auto const slopes = [&](Number& x, Number h, std::vector<Number> Gradient::*into) {
    Number const x0 = x;
    x = x0 + h;
    Number const above = x;
    std::vector<Number> const high = f(p);
    x = x0 - h;
    Number const below = x;
    std::vector<Number> const low = f(p);
    x = x0;
    for (std::size_t k = 0; k < values.size(); ++k)
      (gradients[k].*into).push_back(above > below ? (high[k] - low[k]) / (above - below) : 0);
  };
  for (int i = 0; i < p.operations(); ++i) {
    Number const h = 1e-5L * p.spread[at(i)];
    if (std::abs(p.mean[at(i)]) > 1e15L)
      for (Gradient& g : gradients) g.d_mean.push_back(0);
    else
      slopes(p.mean[at(i)], h, &Gradient::d_mean);
    slopes(p.spread[at(i)], h, &Gradient::d_spread);
    for (std::size_t k = 0; k < values.size(); ++k)
      gradients[k].noise.push_back(4 * std::numeric_limits<Number>::epsilon() *
                                   (1 + std::abs(values[k])) / h);
  }
  return gradients;
}

/// Central differences of the number f(problem).
template <class Function>
Gradient central_differences(TestProblem const& p, Function const& f) {
  return central_differences_of_all(
      p, [&f](TestProblem const& moved) { return std::vector<Number>{f(moved)}; })[0];
}

/// Largest error of the entries beyond the noise, relative to the entry or to 1e-3 of the largest.
template <class A, class B>
double relative_error(std::vector<A> const& got, std::vector<B> const& wanted,
                      std::vector<Number> const& noise = {}) {
  REQUIRE(got.size() == wanted.size());
  Number top = 1e-30L;
  for (B const x : wanted) top = std::max(top, std::abs(static_cast<Number>(x)));
  Number worst = 0;
  for (std::size_t k = 0; k < got.size(); ++k) {
    Number error = std::abs(static_cast<Number>(got[k]) - static_cast<Number>(wanted[k]));
    if (!noise.empty()) error -= noise[k];
    Number const relative = error / std::max(std::abs(static_cast<Number>(wanted[k])), 1e-3L * top);
    if (!(relative <= worst)) worst = relative;  // a NaN stays
  }
  return static_cast<double>(worst);
}
inline double relative_error(Result const& got, Gradient const& wanted) {
  return std::max(relative_error(got.d_mean, wanted.d_mean, wanted.noise),
                  relative_error(got.d_spread, wanted.d_spread, wanted.noise));
}

// ---- sampling ----

/// Mean and standard error of a number of quantities.
class Samples {
 public:
  explicit Samples(std::size_t quantities) : sum_(quantities, 0), square_(quantities, 0) {}
  void add(std::vector<Number> const& x) {
    ++count_;
    for (std::size_t k = 0; k < x.size(); ++k) {
      double const v = static_cast<double>(x[k]);
      sum_[k] += v;
      square_[k] += v * v;
    }
  }
  /// Worst distance of the expectations in standard errors. To the error comes one of a quantity
  /// that differs once in all samples, which may not have shown.
  [[nodiscard]] double worst_deviation(std::vector<double> const& expected) const {
    REQUIRE(expected.size() == sum_.size());
    double worst = 0;
    for (std::size_t k = 0; k < sum_.size(); ++k) {
      double const mean = sum_[k] / count_;
      double const variance = std::max(0.0, square_[k] / count_ - mean * mean);
      double const error = std::sqrt(variance / count_) + 1.0 / count_;
      double const deviation = std::abs(mean - expected[k]) / error;
      if (!(deviation <= worst)) worst = deviation;
    }
    return worst;
  }

 private:
  int count_ = 0;
  std::vector<double> sum_;
  std::vector<double> square_;
};

/// The Gaussian start of every operation, neither rounded nor clamped.
inline void sample_gaussians(TestProblem const& p, Random& random, std::vector<double>& x) {
  x.resize(at(p.operations()));
  double spare = 0;
  for (int i = 0; i < p.operations(); ++i) {
    double normal = spare;
    if (i % 2 == 0) {  // Box and Muller
      double const radius = std::sqrt(-2 * std::log(random.unit()));
      double const angle = 6.283185307179586 * random.unit();
      normal = radius * std::cos(angle);
      spare = radius * std::sin(angle);
    }
    x[at(i)] = static_cast<double>(p.mean[at(i)] + p.spread[at(i)] * normal);
  }
}

/// One schedule of the relaxation: S_i = clamp(round(X_i), earliest_i, latest_i), X_i Gaussian.
inline void sample(TestProblem const& p, Random& random, std::vector<int>& s) {
  std::vector<double> x;
  sample_gaussians(p, random, x);
  s.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const low = p.earliest[i];
    double const high = p.latest[i];
    s[i] = static_cast<int>(std::clamp(std::floor(x[i] + 0.5), low, high));
  }
}

/// Worst deviation, in standard errors, of expected quantities from those of sampled schedules.
template <class Quantities>
double sampled_deviation(TestProblem const& p, std::vector<double> const& expected,
                         Quantities const& quantities, int samples = 100000, unsigned seed = 11) {
  Random random(seed);
  Samples collected(expected.size());
  std::vector<int> s;
  for (int k = 0; k < samples; ++k) {
    sample(p, random, s);
    collected.add(quantities(p, s));
  }
  return collected.worst_deviation(expected);
}

}  // namespace gaus_test

#endif
