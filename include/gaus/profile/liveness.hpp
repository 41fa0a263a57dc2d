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

/// A dependence that may be the last use of a value: its consumer's start, shifted.
template <class Real>
struct LiveUse {
  StartStep<Real> start;
  int shift;
  int dependence;
};

/// Where one value's expected liveness varies.
template <class Real>
struct LiveRange {
  static constexpr int kept = 4;  ///< uses; the others are read again wherever they are needed
  LiveUse<Real> uses[kept];
  int num_uses;
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
  static constexpr int lanes = lanes_of<MemorySpace>;
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
  /// Calls each(n, use) for the uses of operation i.
  template <class Each>
  KOKKOS_FUNCTION void for_uses(LiveRange<Real> const& r, int i, Each const& each) const {
    constexpr int kept = LiveRange<Real>::kept;
    for (int n = 0; n < r.num_uses && n < kept; ++n) each(n, r.uses[n]);
    if (r.num_uses <= kept) return;
    auto const row = problem.graph.outgoing(i);
    int n = 0;
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.last_use(d)) continue;
      if (n >= kept)
        each(n, LiveUse<Real>{start_step(problem, starts, d.operation), use_shift(i, d), d.index});
      ++n;
    }
  }
  KOKKOS_FUNCTION LiveRange<Real> range(int i) const {
    LiveRange<Real> r;
    r.num_uses = 0;
    r.reads_itself = false;
    r.fall_first = 0;
    r.fall_last = -1;
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.last_use(d)) continue;
      LiveUse<Real> const use{start_step(problem, starts, d.operation), use_shift(i, d), d.index};
      r.reads_itself = r.reads_itself || d.operation == i;
      int const first = use.start.first + use.shift;
      int const last = use.start.last + use.shift;
      if (r.num_uses == 0 || first > r.fall_first) r.fall_first = first;
      if (r.num_uses == 0 || last > r.fall_last) r.fall_last = last;
      if (r.num_uses < LiveRange<Real>::kept) r.uses[r.num_uses] = use;
      ++r.num_uses;
    }
    r.used = r.num_uses > 0;
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
  /// C on the lanes from t on, of a start that is shifted: 0 before its window, 1 after it.
  KOKKOS_FUNCTION static void started(StartStep<Real> const& s, int shift, int t,
                                      Real (&c)[lanes]) {
    Real const from = s.offset(t - shift);
    int const before = s.first + shift - t;
    int const after = s.last + shift - t;
    GAUS_LANE_LOOP
    for (int u = 0; u < lanes; ++u)
      c[u] = lane_cdf(normal_cdf_absolute((from + static_cast<Real>(u)) * s.inverse_spread), u,
                      before, after);
  }
  /// A on the lanes from t on.
  KOKKOS_FUNCTION void produced(LiveRange<Real> const& r, int t, Real (&a)[lanes]) const {
    if (t > r.rise_last)
      for (int u = 0; u < lanes; ++u) a[u] = Real(1);
    else
      started(r.producer, r.produced_shift, t, a);
  }
  /// B on the lanes from t on, to an absolute accuracy.
  KOKKOS_FUNCTION void consumed(LiveRange<Real> const& r, int i, int t, Real (&b)[lanes]) const {
    bool const none = t + lanes <= r.fall_first;  // some factor is 0
    for (int u = 0; u < lanes; ++u) b[u] = none ? Real(0) : Real(1);
    if (none) return;
    for_uses(r, i, [&](int, LiveUse<Real> const& use) {
      if (t > use.start.last + use.shift) return;
      Real c[lanes];
      started(use.start, use.shift, t, c);
      for (int u = 0; u < lanes; ++u) b[u] *= c[u];
    });
    if (r.num_uses == 0)  // held to the last boundary
      for (int u = 0; u < lanes; ++u) b[u] = t + u < r.fall_first ? Real(0) : Real(1);
  }
};

template <class G, class Real>
struct LivenessScatter {
  LivenessReader<G, Real> reader;
  int stride;
  double scale;
  static constexpr int lanes = lanes_of<typename G::memory_space>;
  using Share = FixedShare<Real>;

  /// add: the stretch where the value is live for certain, as a rise and a fall; local: where it may
  /// be.
  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add, Add const& local) const {
    double const size = reader.problem.graph.size(i);
    if (!(size > 0)) return;
    auto const r = reader.range(i);
    if (!r.used || r.rise_first > r.fall_last) return;
    auto const row =
        static_cast<std::size_t>(reader.problem.copy_of(i)) * static_cast<std::size_t>(stride);
    Real const factor = static_cast<Real>(size * scale);
    if (r.rise_last + 1 < r.fall_first) {
      auto const one = static_cast<Share>(factor);
      add(row + static_cast<std::size_t>(r.rise_last + 1), Fixed(one));
      add(row + static_cast<std::size_t>(r.fall_first), -Fixed(one));
      write(r, i, r.rise_first, r.rise_last, row, factor, local);
      write(r, i, r.fall_first, r.fall_last, row, factor, local);
    } else {
      write(r, i, r.rise_first, r.fall_last, row, factor, local);
    }
  }

 private:
  template <class Add>
  KOKKOS_FUNCTION void write(LiveRange<Real> const& r, int i, int first, int last, std::size_t row,
                             Real factor, Add const& local) const {
    for (int t = lanes_begin<lanes>(first); t <= last; t += lanes) {
      Real a[lanes];
      Real b[lanes];
      reader.produced(r, t, a);
      reader.consumed(r, i, t, b);
      LaneMask<lanes> const mask(first, last, t);
      Share share[lanes];
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        Real const live = r.reads_itself ? a[u] - b[u] : a[u] * (Real(1) - b[u]);
        share[u] = mask(u, static_cast<Share>(live * factor));
      }
      local.lanes(row + static_cast<std::size_t>(t), share);
    }
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

  static constexpr int lanes = lanes_of<MemorySpace>;

  /// size q on the lanes from t on; any value beyond the last boundary.
  KOKKOS_FUNCTION void weights(double const* q, double size, int t, Real (&w)[lanes]) const {
    if (reader.problem.pipelined()) {
      int const interval = reader.problem.initiation_interval;
      for (int u = 0; u < lanes; ++u) w[u] = static_cast<Real>(size * q[(t + u) % interval]);
    } else if (t + lanes <= adjoint.slots) {
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) w[u] = static_cast<Real>(size * q[t + u]);
    } else {
      for (int u = 0; u < lanes; ++u)
        w[u] = t + u < adjoint.slots ? static_cast<Real>(size * q[t + u]) : Real(0);
    }
  }
  KOKKOS_FUNCTION void operator()(int i) const {
    auto const& problem = reader.problem;
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) consumers(Dependence(row[k]).index) = {Real(0), Real(0)};
    double const size = problem.graph.size(i) * weight;
    if (!(size > 0)) return;
    auto const r = reader.range(i);
    if (!r.used || r.rise_first > r.fall_last) return;
    double const* const q = &adjoint(problem.copy_of(i), 0);
    pull_producer(r, i, q, size);
    int const first = r.fall_first > r.rise_first ? r.fall_first : r.rise_first;
    for (int t = lanes_begin<lanes>(first); t <= r.fall_last; t += lanes)
      pull_consumers(r, i, q, size, first, t);
  }

 private:
  KOKKOS_FUNCTION void pull_producer(LiveRange<Real> const& r, int i, double const* q,
                                     double size) const {
    Real sums[lanes] = {};
    Real moments[lanes] = {};
    auto const& s = r.producer;
    int const last = r.rise_last < r.fall_last ? r.rise_last : r.fall_last;
    for (int t = lanes_begin<lanes>(r.rise_first); t <= last; t += lanes) {
      Real w[lanes];
      Real b[lanes] = {};
      weights(q, size, t, w);
      if (!r.reads_itself) reader.consumed(r, i, t, b);
      Real const from = s.offset(t - r.produced_shift);
      LaneMask<lanes> const mask(r.rise_first, last, t);
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        Real const z = (from + static_cast<Real>(u)) * s.inverse_spread;
        Real const g = mask(u, w[u] * (Real(1) - b[u]) * normal_pdf(z));
        sums[u] -= g;
        moments[u] -= g * z;
      }
    }
    double const inverse = double(s.inverse_spread);
    result.d_mean(i) += static_cast<Real>(inverse * sum_of_lanes(sums));
    result.d_spread(i) += static_cast<Real>(inverse * sum_of_lanes(moments));
  }
  /// The uses' gradients from the lanes from t on: size q A B phi_j / C_j, or without A. (Minus from
  /// 1 - B, minus from dC/dmean.)
  KOKKOS_FUNCTION void pull_consumers(LiveRange<Real> const& r, int i, double const* q, double size,
                                      int first, int t) const {
    constexpr int kept = LiveRange<Real>::kept;
    Real hazard[kept][lanes];  // phi / C in the window
    Real outer[lanes];
    weights(q, size, t, outer);
    if (!r.reads_itself && t <= r.rise_last) {
      Real a[lanes];
      reader.produced(r, t, a);
      for (int u = 0; u < lanes; ++u) outer[u] *= a[u];
    }
    reader.for_uses(r, i, [&](int n, LiveUse<Real> const& use) {
      if (t > use.start.last + use.shift) return;
      Real spare[lanes];
      fill_hazard(use, first, t, outer, n < kept ? hazard[n] : spare);
    });
    reader.for_uses(r, i, [&](int n, LiveUse<Real> const& use) {
      if (t > use.start.last + use.shift) return;
      Real spare[lanes];
      Real one[lanes] = {};
      if (n >= kept) fill_hazard(use, first, t, one, spare);
      Real const(&h)[lanes] = n < kept ? hazard[n] : spare;
      Real const from = use.start.offset(t - use.shift);
      Real gain[lanes];
      Real moment[lanes];
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        gain[u] = outer[u] * h[u];
        moment[u] = gain[u] * ((from + static_cast<Real>(u)) * use.start.inverse_spread);
      }
      auto& to = consumers(use.dependence);
      double const inverse = double(use.start.inverse_spread);
      to.mean += static_cast<Real>(inverse * sum_of_lanes(gain));
      to.spread += static_cast<Real>(inverse * sum_of_lanes(moment));
    });
  }
  /// phi / C of a use on the lanes from t on, 0 outside its window and before first; multiplies
  /// product by C. To a relative accuracy in the tails.
  KOKKOS_FUNCTION static void fill_hazard(LiveUse<Real> const& use, int first, int t,
                                          Real (&product)[lanes], Real (&hazard)[lanes]) {
    auto const& s = use.start;
    Real const from = s.offset(t - use.shift);
    int const before = s.first + use.shift - t;
    int const after = s.last + use.shift - t;
    LaneMask<lanes> const mask(first, s.last + use.shift, t);
    GAUS_LANE_LOOP
    for (int u = 0; u < lanes; ++u) {
      auto const p = normal_point((from + static_cast<Real>(u)) * s.inverse_spread);
      hazard[u] = mask(u, p.pdf / p.cdf);
      product[u] *= lane_cdf(p.cdf, u, before, after);
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
  ProfileBuilder<ExecutionSpace, typename G::memory_space, Real> const builder(
      exec, workspace, problem.graph.num_operations(), problem.batch, problem.horizon(),
      2 * problem.total_size, problem.most_size, detail::LocalValues::own);
  builder.scatter(
      exec, "gaus::liveness::scatter",
      detail::LivenessScatter<G, Real>{{problem, starts}, builder.stride(), builder.scale()});
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
