// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_LIVE_RANGE_HPP
#define GAUS_DETAIL_LIVE_RANGE_HPP

#include <gaus/detail/lanes.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>

// Where a value's expected liveness varies, and the two curves that make it: A, produced, and B,
// consumed (profile/liveness.hpp).
namespace gaus::detail {

/// A dependence that may be the last use of a value: its consumer's start, shifted.
template <class Real>
struct LiveUse {
  StartWindow<Real> start;
  int shift;
  int dependence;
};

/// Where one value's expected liveness varies.
template <class Real>
struct LiveRange {
  static constexpr int kept = 3;  ///< uses; the others are read again wherever they are needed
  LiveUse<Real> uses[kept];
  int num_uses;
  StartWindow<Real> producer;
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
        each(n,
             LiveUse<Real>{start_window(problem, starts, d.operation), use_shift(i, d), d.index});
      ++n;
    }
  }
  KOKKOS_FUNCTION LiveRange<Real> range(int i) const {
    LiveRange<Real> r;
    r.num_uses = 0;
    r.reads_itself = false;
    r.rise_first = r.fall_first = 0;
    r.rise_last = r.fall_last = -1;
    auto const row = problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      if (!problem.last_use(d)) continue;
      LiveUse<Real> const use{start_window(problem, starts, d.operation), use_shift(i, d), d.index};
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
    r.producer = start_window(problem, starts, i);
    r.produced_shift = produced_shift(i);
    r.rise_first = r.producer.first + r.produced_shift;
    r.rise_last = r.producer.last + r.produced_shift;
    return r;
  }
  /// C on the lanes from t on, of a start that is shifted: 0 before its window, 1 after it.
  KOKKOS_FUNCTION static void started(StartWindow<Real> const& s, int shift, int t,
                                      Real (&c)[lanes]) {
    Real const from = s.offset(t - shift);
    int const before = s.first + shift - t;
    int const after = s.last + shift - t;
    GAUS_LANE_LOOP
    for (int u = 0; u < lanes; ++u)
      c[u] = lane_cdf(normal_cdf_absolute((from + static_cast<Real>(u)) * s.inverse_spread), u,
                      before, after);
  }
  /// The same where no lane lies before the window.
  KOKKOS_FUNCTION static void begun(StartWindow<Real> const& s, int shift, int t,
                                    Real (&c)[lanes]) {
    Real const from = s.z(t - shift);
    LaneEnd<lanes> const inside(s.last + shift - t);
    GAUS_LANE_LOOP
    for (int u = 0; u < lanes; ++u)
      c[u] = inside.or_one(u, normal_cdf_absolute(from + static_cast<Real>(u) * s.inverse_spread));
  }
  /// A on the lanes from t on.
  KOKKOS_FUNCTION void produced(LiveRange<Real> const& r, int t, Real (&a)[lanes]) const {
    if (t > r.rise_last)
      for (int u = 0; u < lanes; ++u) a[u] = Real(1);
    else
      started(r.producer, r.produced_shift, t, a);
  }
  /// B on the lanes from t on, to an absolute accuracy; Begun: all of them from fall_first on.
  template <bool Begun = false>
  KOKKOS_FUNCTION void consumed(LiveRange<Real> const& r, int i, int t, Real (&b)[lanes]) const {
    bool const none = t + lanes <= r.fall_first;  // some factor is 0
    for (int u = 0; u < lanes; ++u) b[u] = none ? Real(0) : Real(1);
    if (none) return;
    for_uses(r, i, [&](int, LiveUse<Real> const& use) {
      if (t > use.start.last + use.shift) return;
      Real c[lanes];
      if constexpr (Begun)
        begun(use.start, use.shift, t, c);
      else
        started(use.start, use.shift, t, c);
      for (int u = 0; u < lanes; ++u) b[u] *= c[u];
    });
    if (r.num_uses == 0)  // held to the last boundary
      for (int u = 0; u < lanes; ++u) b[u] = t + u < r.fall_first ? Real(0) : Real(1);
  }
};

}  // namespace gaus::detail

#endif
