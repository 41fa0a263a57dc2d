// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROFILE_LIVENESS_HPP
#define GAUS_PROFILE_LIVENESS_HPP

#include <gaus/evaluation.hpp>
#include <gaus/profile.hpp>

#include <Kokkos_Core.hpp>

// Expected live size per step (math.md, section 3). A value is live across the boundary after step
// t once it is produced and until its last consumer has started:
//
//   A_i(t) = C_i(t - max(lat_i, 1) + 1)                     produced
//   B_i(t) = prod over consumers (i -> j, k) of C_j(t - k II)   all consumers started
//   E M(t) = sum_i size_i A_i(t) (1 - B_i(t))
//
// Consumers are counted once each: of several dependences on one consumer the last use counts
// (Problem::last_use), since they are one start. A value that its own operation reads k iterations
// later has started and been consumed by one and the same start, no product of two:
//
//   E live_i(t) = A_i(t) - B_i(t), with the factor C_i(t - max(k II, max(lat_i, 1) - 1)) in B_i
//
// With the adjoint q:
//   producer   dL/dmean_i += size_i sum_t q(t) (1 - B_i(t)) dC_i/dmean
//   consumer   dL/dmean_j -= size_i sum_t q(t) A_i(t) (B_i(t) / C_j) dC_j/dmean
//
// Only the stretch where A rises and the one where B rises are walked: before the latest of the
// consumers' windows begins, some factor of B is 0; from there on every factor is positive, so that
// B / C_j needs no care. Producers write one pair an outgoing dependence, consumers gather them: one
// writer an entry, no atomics. O(sum of windows * (1 + outdegree)).
namespace gaus {
namespace detail {

/// Where one value's expected liveness varies.
template <class Real>
struct LiveRange {
  StartStep<Real> producer;
  int produced_shift;  ///< A(t) = C(t - produced_shift)
  int rise_first;      ///< A = 0 before
  int rise_last;       ///< A = 1 after
  int fall_first;      ///< B = 0 before
  int fall_last;       ///< B = 1 after
  bool used;           ///< anything to be live for
  bool reads_itself;   ///< B has a factor of the producer's own start, which implies A
};

template <class G, class Real>
struct LivenessReader {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;

  /// Steps from the start of i until its value exists.
  KOKKOS_FUNCTION int produced_shift(int i) const {
    int const latency = problem.graph.latency(i);
    return latency > 1 ? latency - 1 : 0;
  }
  /// Steps from the start of a dependence's consumer until the use. The producer itself counts no
  /// earlier than its value exists.
  KOKKOS_FUNCTION int use_shift(int i, Dependence const& d) const {
    int const shift = problem.shift(d);
    if (d.operation != i) return shift;
    int const produced = produced_shift(i);
    return shift > produced ? shift : produced;
  }
  KOKKOS_FUNCTION LiveRange<Real> range(int i) const {
    LiveRange<Real> r;
    r.used = false;
    r.reads_itself = false;
    r.fall_first = 0;
    r.fall_last = -1;
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.last_use(d)) continue;
      auto const s = start_step(problem, starts, d.operation);
      int const shift = use_shift(i, d);
      r.reads_itself = r.reads_itself || d.operation == i;
      if (!r.used || s.first + shift > r.fall_first) r.fall_first = s.first + shift;
      if (!r.used || s.last + shift > r.fall_last) r.fall_last = s.last + shift;
      r.used = true;
    }
    if (!r.used && problem.hold_outputs) {  // B = 0 up to the last boundary
      r.used = true;
      r.fall_first = problem.steps;
      r.fall_last = problem.steps - 1;
    }
    if (!r.used) return r;
    r.producer = start_step(problem, starts, i);
    r.produced_shift = produced_shift(i);
    r.rise_first = r.producer.first + r.produced_shift;
    r.rise_last = r.producer.last + r.produced_shift;
    return r;
  }
  /// A on count boundaries from first on.
  KOKKOS_FUNCTION void produced(LiveRange<Real> const& r, int first, int count, Real* a) const {
    Real const z0 = r.producer.z(first - r.produced_shift);
    for (int u = 0; u < count; ++u) {
      Real const c = normal_cdf(z0 + static_cast<Real>(u) * r.producer.inverse_spread);
      a[u] = first + u < r.rise_first ? Real(0) : first + u > r.rise_last ? Real(1) : c;
    }
  }
  /// B on count boundaries from first on, all >= fall_first.
  KOKKOS_FUNCTION void consumed(int i, int first, int count, Real* product) const {
    for (int u = 0; u < count; ++u) product[u] = Real(1);
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.last_use(d)) continue;
      auto const s = start_step(problem, starts, d.operation);
      int const shift = use_shift(i, d);
      int const left = s.last + shift - first + 1;  // beyond its window the factor is 1
      int const inside = left < count ? left : count;
      Real const z0 = s.z(first - shift);
      for (int u = 0; u < inside; ++u)
        product[u] *= normal_cdf(z0 + static_cast<Real>(u) * s.inverse_spread);
    }
  }
};

template <class G, class Real>
struct LivenessScatter {
  LivenessReader<G, Real> reader;
  int length;
  double scale;

  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add) const {
    double const size = reader.problem.graph.size(i);
    if (!(size > 0)) return;
    auto const r = reader.range(i);
    if (!r.used || r.rise_first > r.fall_last) return;
    constexpr int block = window_block<typename G::memory_space>;
    Real live[block];
    Real consumed[block];
    Fixed before = 0;  // of the last boundary: rounded changes telescope
    auto const row =
        static_cast<std::size_t>(reader.problem.copy_of(i)) * static_cast<std::size_t>(length + 1);
    for (int t = r.rise_first; t <= r.fall_last;) {
      if (t > r.rise_last + 1 && t < r.fall_first) t = r.fall_first;  // flat at 1
      bool const falls = t >= r.fall_first;
      int const stretch =
          falls ? r.fall_last + 1 - t
                : (r.fall_first < r.rise_last + 2 ? r.fall_first : r.rise_last + 2) - t;
      int const count = stretch < block ? stretch : block;
      reader.produced(r, t, count, live);
      if (falls) {
        reader.consumed(i, t, count, consumed);
        for (int u = 0; u < count; ++u)
          live[u] = r.reads_itself ? live[u] - consumed[u] : live[u] * (Real(1) - consumed[u]);
      }
      for (int u = 0; u < count; ++u) {
        Fixed const now = to_fixed(live[u], size * scale);
        add(row + static_cast<std::size_t>(t + u), now - before);
        before = now;
      }
      t += count;
    }
    add(row + static_cast<std::size_t>(r.fall_last + 1), -before);
  }
};

/// Gradient of one dependence's consumer.
template <class Real>
struct ConsumerGradient {
  Real mean;
  Real spread;
};

template <class G, class Real>
struct LivenessPullBack {
  using MemorySpace = typename G::memory_space;
  LivenessReader<G, Real> reader;
  Profile<MemorySpace> adjoint;
  double weight;
  Evaluation<Real, MemorySpace> result;
  Kokkos::View<ConsumerGradient<Real>*, MemorySpace> consumers;

  KOKKOS_FUNCTION double q(int copy, int t) const {
    auto const& p = reader.problem;
    return adjoint(copy, p.pipelined() ? t % p.initiation_interval : t);
  }
  KOKKOS_FUNCTION void operator()(int i) const {
    auto const& problem = reader.problem;
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) consumers(Dependence(row[k]).index) = {Real(0), Real(0)};
    double const size = problem.graph.size(i) * weight;
    if (!(size > 0)) return;
    auto const r = reader.range(i);
    if (!r.used || r.rise_first > r.fall_last) return;

    constexpr int block = window_block<MemorySpace>;
    BoundaryBlock<Real, block> b;
    Real consumed[block];
    double slope[block];
    int const copy = problem.copy_of(i);
    double mean = 0;
    double spread = 0;
    int const rise_last = r.rise_last < r.fall_last ? r.rise_last : r.fall_last;
    for (int t = r.rise_first; t <= rise_last;) {
      bool const falls = t >= r.fall_first;
      int const end = falls || r.fall_first > rise_last ? rise_last + 1 : r.fall_first;
      int const count = end - t < block ? end - t : block;
      b.fill(r.producer, t - r.produced_shift, count);
      if (falls && !r.reads_itself) {
        reader.consumed(i, t, count, consumed);
        for (int u = 0; u < count; ++u) b.pdf[u] *= Real(1) - consumed[u];
      }
      for (int u = 0; u < count; ++u) slope[u] = -q(copy, t + u);
      b.add_moments(count, slope, mean, spread);
      t += count;
    }
    result.d_mean(i) += static_cast<Real>(size * mean * double(r.producer.inverse_spread));
    result.d_spread(i) += static_cast<Real>(size * spread * double(r.producer.inverse_spread));

    // size q A B, or size q B: what every consumer's density is weighed with
    Real outer[block];
    int const fall_first = r.fall_first > r.rise_first ? r.fall_first : r.rise_first;
    for (int t = fall_first; t <= r.fall_last; t += block) {
      int const count = r.fall_last + 1 - t < block ? r.fall_last + 1 - t : block;
      reader.consumed(i, t, count, consumed);
      reader.produced(r, t, count, outer);
      for (int u = 0; u < count; ++u)
        outer[u] = (r.reads_itself ? Real(1) : outer[u]) * consumed[u] *
                   static_cast<Real>(size * q(copy, t + u));
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (!problem.last_use(d)) continue;
        auto const s = start_step(problem, reader.starts, d.operation);
        int const shift = reader.use_shift(i, d);
        int const left = s.last + shift - t + 1;
        int const inside = left < count ? left : count;
        if (inside <= 0) continue;
        b.fill(s, t - shift, inside);
        Real gain = 0;  // minus from 1 - B, minus from dC/dmean
        Real moment = 0;
        for (int u = 0; u < inside; ++u) {
          Real const g = outer[u] * b.pdf[u] / b.cdf[u];
          gain += g;
          moment += g * b.z[u];
        }
        consumers(d.index).mean += gain * s.inverse_spread;
        consumers(d.index).spread += moment * s.inverse_spread;
      }
    }
  }
};

template <class G, class Real>
struct GatherConsumers {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  Evaluation<Real, MemorySpace> result;
  Kokkos::View<ConsumerGradient<Real>*, MemorySpace> consumers;

  KOKKOS_FUNCTION void operator()(int j) const {
    Real mean = 0;
    Real spread = 0;
    auto const row = problem.graph.incoming(j);
    for (int k = 0; k < row.size(); ++k) {
      auto const g = consumers(Dependence(row[k]).index);
      mean += g.mean;
      spread += g.spread;
    }
    result.d_mean(j) += mean;
    result.d_spread(j) += spread;
  }
};

}  // namespace detail

/// Expected live size: one row (in a batch one a copy), a column a step (a slot when pipelined).
template <class ExecutionSpace, class G, class Real>
Profile<typename G::memory_space> expected_liveness(
    ExecutionSpace const& exec, Problem<G> const& problem,
    StartSteps<Real, typename G::memory_space> const& starts,
    Workspace<typename G::memory_space>& workspace) {
  detail::check_accessible<ExecutionSpace, typename G::memory_space>();
  ProfileBuilder<ExecutionSpace, typename G::memory_space> const builder(
      exec, workspace, problem.graph.num_operations(), problem.batch, problem.horizon(),
      2 * problem.total_size);
  builder.scatter(
      exec, "gaus::liveness::scatter",
      detail::LivenessScatter<G, Real>{{problem, starts}, problem.horizon(), builder.scale()});
  return builder.finish(exec, problem.initiation_interval);
}

/// Adds weight * (gradient of sum adjoint * liveness) to the result.
template <class ExecutionSpace, class G, class Real>
void pull_back_liveness(ExecutionSpace const& exec, Problem<G> const& problem,
                        StartSteps<Real, typename G::memory_space> const& starts,
                        Profile<typename G::memory_space> const& adjoint, double weight,
                        Evaluation<Real, typename G::memory_space> const& result) {
  auto const consumers = result.workspace->template array<detail::ConsumerGradient<Real>>(
      "gaus::liveness::consumers", static_cast<std::size_t>(problem.graph.num_dependences()));
  Kokkos::RangePolicy<ExecutionSpace> const operations(exec, 0, problem.graph.num_operations());
  Kokkos::parallel_for(
      "gaus::liveness::pull_back", operations,
      detail::LivenessPullBack<G, Real>{{problem, starts}, adjoint, weight, result, consumers});
  Kokkos::parallel_for("gaus::liveness::gather", operations,
                       detail::GatherConsumers<G, Real>{problem, result, consumers});
}

}  // namespace gaus

#endif
