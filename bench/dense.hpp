// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_DENSE_HPP
#define GAUS_BENCH_DENSE_HPP

#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

// The reference that the library is measured against: the same costs and gradients with every sum
// over ALL steps of every operation, as the equations of the paper read.
//
//   P_i(d)   = Phi((d + 1/2 - mu_i) / sigma_i) - Phi((d - 1/2 - mu_i) / sigma_i),  d = 0 .. D - 1
//   usage    U_r(t) = sum_i w_ir sum_{d = t - occ_i + 1 .. t} P_i(d)
//   E S_i    = sum_d d P_i(d),    communication = sum_e c_e (E S_j - E S_i)
//   live_i   (t) = C_i(t - max(lat_i, 1) + 1) (1 - prod_j C_j(t)),  C_i(t) = sum_{d <= t} P_i(d)
//   violation = sum_e sum_d P_i(d) sum_d' P_j(d') max(0, d + delta_e - d')
//
// Gradients are the same sums over dP_i/dmu and dP_i/dsigma. Probability below the earliest start
// and above the latest one counts there, as in the library, so that both compute the same numbers.
// Plain schedules. One thread; no windows, nothing is left out where it is 0.
//
// It is kinder than the paper in two ways: a violation is the inner sum over d' from a running sum,
// O(D) a dependence and not O(D^2), and rows of the V x D table are made when needed, not stored.
// Inner loops are written for the vectoriser.
namespace gaus_bench {

/// Phi and phi, in float from one exponential by Abramowitz and Stegun 26.2.17, absolute error below
/// 3e-7. The reference has these of its own: it must not move when the library's change.
template <class Real>
KOKKOS_FORCEINLINE_FUNCTION gaus::NormalPoint<Real> dense_normal(Real z) {
  if constexpr (std::is_same_v<Real, float>) {
    int const magnitude = Kokkos::bit_cast<int>(-0.5f * z * z) & 0x7fffffff;
    int const most = 0x42ae0000;  // 87.0f
    float const y = Kokkos::bit_cast<float>(magnitude < most ? magnitude : most) * -1.44269504f;
    int const k = static_cast<int>(y - 0.5f);
    float const f = (y - static_cast<float>(k)) * 0.69314718f;
    float const f2 = f * f;
    float const p =
        1.0f + f + f2 * (0.4999923f + 0.16667114f * f + f2 * (0.04189016f + 0.0083125206f * f));
    float const pdf = 0.3989422804f * (p * Kokkos::bit_cast<float>((k + 127) << 23));
    float const t = 1.0f / (1.0f + 0.2316419f * Kokkos::fabs(z));
    float const tail =
        pdf * t *
        (0.319381530f +
         t * (-0.356563782f + t * (1.781477937f + t * (-1.821255978f + t * 1.330274429f))));
    int const below = Kokkos::bit_cast<int>(z) >> 31;  // all ones for z < 0
    return {Kokkos::bit_cast<float>((Kokkos::bit_cast<int>(tail) & below) |
                                    (Kokkos::bit_cast<int>(1.0f - tail) & ~below)),
            pdf};
  } else {
    return gaus::normal_point(z);
  }
}

/// One operation's row: distribution and density at every boundary t, t + 1/2.
template <class Real>
struct DenseRow {
  std::vector<Real> c;         ///< C(t)
  std::vector<Real> d_mean;    ///< dC/dmu
  std::vector<Real> d_spread;  ///< dC/dsigma
};

template <class Real>
class Dense {
 public:
  using HostProblem = gaus::Problem<gaus::HostGraph>;

  /// A cost with its gradient.
  struct Result {
    double cost = 0;
    std::vector<double> d_mean;
    std::vector<double> d_spread;
  };

  Dense(HostProblem const& problem, std::span<Real const> mean, std::span<Real const> spread)
      : problem_(problem),
        mean_(mean),
        spread_(spread),
        steps_(at(problem.steps)),
        starts_(steps_ + 1),
        terms_(starts_),
        number_(starts_) {
    for (std::size_t t = 0; t < starts_; ++t) number_[t] = static_cast<Real>(t);
    for (auto* row : {&own_, &other_})
      for (auto* values : {&row->c, &row->d_mean, &row->d_spread}) values->resize(starts_);
  }

  /// Peak of the usage by the p-norm with exponent 1 / smoothing, or by log-sum-exp at a
  /// temperature > 0.
  Result peak_usage(double temperature = 0) {
    int const n = problem_.graph.num_operations();
    Result result = zero();
    std::vector<double> usage(at(problem_.graph.num_resources()) * steps_, 0.0);
    std::vector<Real> busy(starts_);
    for (int i = 0; i < n; ++i) {
      fill(i, own_);
      occupied(i, own_.c, busy);
      for_demands(i, [&](std::size_t r, double units) {
        for (std::size_t t = 0; t < steps_; ++t)
          usage[r * steps_ + t] += units * static_cast<double>(busy[t]);
      });
    }
    std::vector<Real> weight;
    result.cost = peak(usage, temperature, weight);
    for (int i = 0; i < n; ++i) {
      fill(i, own_);
      occupied(i, own_.d_mean, busy);
      for_demands(i, [&](std::size_t r, double units) {
        result.d_mean[at(i)] += units * dot(busy, weight.data() + r * steps_, steps_);
      });
      occupied(i, own_.d_spread, busy);
      for_demands(i, [&](std::size_t r, double units) {
        result.d_spread[at(i)] += units * dot(busy, weight.data() + r * steps_, steps_);
      });
    }
    return result;
  }

  /// Weighted boundaries that dependences cross.
  Result communication() {
    int const n = problem_.graph.num_operations();
    Result result = zero();
    for (int i = 0; i < n; ++i) {
      double pull = 0;
      for_uses(i, [&](gaus::Dependence const& d) { pull -= d.weight; });
      auto const in = problem_.graph.incoming(i);
      for (int k = 0; k < in.size(); ++k)
        if (problem_.binds(in[k])) pull += gaus::Dependence(in[k]).weight;
      fill(i, own_);
      result.cost += pull * expectation(own_.c);
      result.d_mean[at(i)] = pull * expectation(own_.d_mean);
      result.d_spread[at(i)] = pull * expectation(own_.d_spread);
    }
    return result;
  }

  /// Peak of the live size.
  Result memory(double temperature = 0) {
    int const n = problem_.graph.num_operations();
    Result result = zero();
    std::vector<double> live(steps_, 0.0);
    std::vector<Real> all_started(steps_);
    for (int i = 0; i < n; ++i) {
      if (!consumed(i, all_started)) continue;
      fill(i, own_);
      double const size = problem_.graph.size(i);
      std::size_t const shift = production(i);
      for (std::size_t t = shift; t < steps_; ++t)
        live[t] += size * static_cast<double>(own_.c[t - shift] * (Real(1) - all_started[t]));
    }
    std::vector<Real> weight;
    result.cost = peak(live, temperature, weight);
    std::vector<Real> outer(steps_);
    std::vector<Real> slope(steps_);
    for (int i = 0; i < n; ++i) {
      if (!consumed(i, all_started)) continue;
      fill(i, own_);
      double const size = problem_.graph.size(i);
      std::size_t const shift = production(i);
      for (std::size_t t = 0; t < steps_; ++t) outer[t] = weight[t] * (Real(1) - all_started[t]);
      result.d_mean[at(i)] += size * dot(own_.d_mean, outer.data() + shift, steps_ - shift);
      result.d_spread[at(i)] += size * dot(own_.d_spread, outer.data() + shift, steps_ - shift);
      for (std::size_t t = 0; t < steps_; ++t)
        outer[t] = t < shift ? Real(0) : weight[t] * own_.c[t - shift];
      for_uses(i, [&](gaus::Dependence const& d) {
        fill(d.operation, other_);
        // The product of the others, B / C. Where C is 0 so is its slope.
        for (std::size_t t = 0; t < steps_; ++t)
          slope[t] = other_.c[t] > 0 ? outer[t] * all_started[t] / other_.c[t] : Real(0);
        result.d_mean[at(d.operation)] -= size * dot(other_.d_mean, slope.data(), steps_);
        result.d_spread[at(d.operation)] -= size * dot(other_.d_spread, slope.data(), steps_);
      });
    }
    return result;
  }

  /// Sum over dependences of E max(0, S_i + delta - S_j).
  Result violation() {
    int const n = problem_.graph.num_operations();
    Result result = zero();
    std::vector<Real> probability(starts_);
    std::vector<Real> excess(starts_);
    auto const expect = [&](std::vector<Real> const& c, std::vector<Real> const& values) {
      difference(c, probability);
      return dot(probability, values.data(), starts_);
    };
    for (int i = 0; i < n; ++i) {
      fill(i, own_);
      for_uses(i, [&](gaus::Dependence const& d) {
        fill(d.operation, other_);
        int const delta = problem_.graph.latency(i) + d.delay;
        // E max(0, S_i + delta - S_j) = sum_d P_i(d) excess(d), excess(d) = sum_{t < d + delta} C_j
        running(other_.c, delta, true, excess);
        result.cost += expect(own_.c, excess);
        result.d_mean[at(i)] += expect(own_.d_mean, excess);
        result.d_spread[at(i)] += expect(own_.d_spread, excess);
        running(other_.d_mean, delta, false, excess);
        result.d_mean[at(d.operation)] += expect(own_.c, excess);
        running(other_.d_spread, delta, false, excess);
        result.d_spread[at(d.operation)] += expect(own_.c, excess);
      });
    }
    return result;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  Result zero() const {
    auto const n = at(problem_.graph.num_operations());
    return {0.0, std::vector<double>(n, 0.0), std::vector<double>(n, 0.0)};
  }
  [[nodiscard]] std::size_t production(int i) const {
    return std::min(steps_, at(std::max(problem_.graph.latency(i), 1) - 1));
  }

  /// C_i and its derivatives at all steps.
  void fill(int i, DenseRow<Real>& row) const {
    Real const mean = mean_[at(i)];
    Real const inverse = Real(1) / std::max(spread_[at(i)], gaus::min_spread<Real>);
    int const earliest = problem_.earliest(i);
    int const latest = problem_.latest(i);
    Real* const c = row.c.data();
    Real* const d_mean = row.d_mean.data();
    Real* const d_spread = row.d_spread.data();
    int const starts = problem_.steps + 1;
    for (int t = 0; t < starts; ++t) {
      Real const z = clipped((static_cast<Real>(t) + Real(0.5) - mean) * inverse);
      auto const p = dense_normal(z);
      Real const slope = -p.pdf * inverse;
      c[t] = p.cdf;
      d_mean[t] = slope;
      d_spread[t] = z * slope;
    }
    // Certain before and after: by the bounds, or because rounding says so.
    Real const reach = limit / inverse;
    int const first =
        std::max(earliest, static_cast<int>(std::clamp<Real>(mean - reach, 0, Real(starts))));
    int const last =
        std::min(latest, static_cast<int>(std::clamp<Real>(mean + reach, 0, Real(starts))));
    for (int t = 0; t < std::min(first, latest); ++t) c[t] = d_mean[t] = d_spread[t] = 0;
    for (int t = std::max(last, earliest); t < starts; ++t) {
      c[t] = 1;
      d_mean[t] = d_spread[t] = 0;
    }
  }

  /// z, but not so far out that numbers become subnormal, which would slow the sums down for nothing.
  static constexpr Real limit = sizeof(Real) == 4 ? Real(6.5) : Real(10);
  static Real clipped(Real z) {
    if constexpr (sizeof(Real) == 4) {  // on the bits, which is vector code
      int const bits = Kokkos::bit_cast<int>(z);
      int const most = Kokkos::bit_cast<int>(limit);
      int const magnitude = bits & 0x7fffffff;
      return Kokkos::bit_cast<Real>((magnitude < most ? magnitude : most) | (bits & ~0x7fffffff));
    } else {
      return std::clamp(z, -limit, limit);
    }
  }

  /// P(d) = C(d) - C(d - 1), or its derivative.
  void difference(std::vector<Real> const& c, std::vector<Real>& p) const {
    p[0] = c[0];
    for (std::size_t t = 1; t < starts_; ++t) p[t] = c[t] - c[t - 1];
  }

  /// Probability that the operation is busy at t: the sum of P over its occupancy.
  void occupied(int i, std::vector<Real> const& c, std::vector<Real>& busy) const {
    int const occupancy = problem_.graph.occupancy(i);
    std::fill(busy.begin(), busy.end(), Real(0));
    for (int k = 0; k < occupancy; ++k) {
      auto const shift = at(k);
      if (shift >= starts_) break;
      busy[shift] += c[0];
      for (std::size_t t = 1; t + shift < starts_; ++t) busy[t + shift] += c[t] - c[t - 1];
    }
  }

  /// sum_d d P(d), or its derivative.
  double expectation(std::vector<Real> const& c) {
    Real* const terms = terms_.data();
    Real const* const number = number_.data();
    terms[0] = 0;
    for (std::size_t t = 1; t < starts_; ++t) terms[t] = number[t] * (c[t] - c[t - 1]);
    return sum_of_terms(starts_);
  }

  double dot(std::vector<Real> const& a, Real const* b, std::size_t count) {
    Real* const terms = terms_.data();
    for (std::size_t t = 0; t < count; ++t) terms[t] = a[t] * b[t];
    return sum_of_terms(count);
  }

  /// Adds the upper half to the lower half until one is left: vector code without reordering by the
  /// compiler, and less rounding than one after the other.
  double sum_of_terms(std::size_t count) {
    Real* const terms = terms_.data();
    if (count == 0) return 0;
    while (count > 1) {
      std::size_t const half = (count + 1) / 2;
      for (std::size_t k = 0; k < count - half; ++k) terms[k] += terms[k + half];
      count = half;
    }
    return static_cast<double>(terms[0]);
  }

  template <class Visit>
  void for_demands(int i, Visit const& visit) const {
    auto const row = problem_.graph.demands(i);
    for (int k = 0; k < row.size(); ++k) visit(at(row[k].resource), row[k].units);
  }
  template <class Visit>
  void for_uses(int i, Visit const& visit) const {
    auto const row = problem_.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k)
      if (problem_.binds(row[k])) visit(row[k]);
  }

  /// Product of C over all consumers; false when the value is live for nobody.
  bool consumed(int i, std::vector<Real>& product) {
    bool used = false;
    std::fill(product.begin(), product.end(), Real(1));
    for_uses(i, [&](gaus::Dependence const& d) {
      used = true;
      fill(d.operation, other_);
      for (std::size_t t = 0; t < steps_; ++t) product[t] *= other_.c[t];
    });
    if (used || !problem_.hold_outputs) return used;
    std::fill(product.begin(), product.end(), Real(0));
    return true;
  }
  /// sum(d) = sum of c(t) over t < d + delta, c being 1 beyond the last step (0 for a derivative).
  void running(std::vector<Real> const& c, int delta, bool certain, std::vector<Real>& sum) const {
    auto const last = static_cast<long long>(starts_);
    double total = 0;
    long long t = 0;
    for (long long d = 0; d < last; ++d) {
      for (; t < d + delta; ++t) {
        if (t < last)
          total += static_cast<double>(c[static_cast<std::size_t>(t)]);
        else if (certain)
          total += 1;
      }
      sum[static_cast<std::size_t>(d)] = static_cast<Real>(total);
    }
  }

  /// Smooth maximum and its weights, as gaus/peak.hpp defines them.
  double peak(std::vector<double> const& u, double temperature, std::vector<Real>& weight) const {
    weight.assign(u.size(), Real(0));
    if (u.empty()) return 0;
    double const top = *std::max_element(u.begin(), u.end());
    double total = 0;
    auto const store = [&](std::size_t k, double w) {
      weight[k] = w < 1e-20 ? Real(0) : static_cast<Real>(w);  // no subnormal numbers
    };
    if (temperature > 0) {
      for (double const x : u) total += std::exp((x - top) / temperature);
      for (std::size_t k = 0; k < u.size(); ++k)
        store(k, std::exp((u[k] - top) / temperature) / total);
      return top + temperature * std::log(total);
    }
    if (!(top > 0)) return 0;
    double const exponent = 1 / problem_.smoothing;
    for (double const x : u) total += std::pow(std::max(0.0, x) / top, exponent);
    double const norm = top * std::pow(total, 1 / exponent);
    for (std::size_t k = 0; k < u.size(); ++k)
      store(k, std::pow(std::max(0.0, u[k]) / norm, exponent - 1));
    return norm;
  }

  HostProblem problem_;
  std::span<Real const> mean_;
  std::span<Real const> spread_;
  std::size_t steps_;         ///< entries of a profile
  std::size_t starts_;        ///< start steps there are: 0 .. D, D itself for what takes no time
  std::vector<Real> terms_;   ///< of the sum at hand
  std::vector<Real> number_;  ///< 0, 1, 2, ...
  DenseRow<Real> own_;
  DenseRow<Real> other_;
};

}  // namespace gaus_bench

#endif
