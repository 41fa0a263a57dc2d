// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROFILE_LIVENESS_HPP
#define GAUS_PROFILE_LIVENESS_HPP

#include <gaus/detail/launch.hpp>
#include <gaus/detail/live_range.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/profile.hpp>

#include <Kokkos_Core.hpp>

// Expected live size per step. A value is live across the boundary after step
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
      write<true, false>(r, i, r.rise_first, r.rise_last, row, factor, local);
      write<false, true>(r, i, r.fall_first, r.fall_last, row, factor, local);
    } else {
      write<true, true>(r, i, r.rise_first, r.fall_last, row, factor, local);
    }
  }

 private:
  /// A (1 - B) from first to last, where A, B or both of them vary.
  template <bool Rises, bool Falls, class Add>
  KOKKOS_FUNCTION void write(LiveRange<Real> const& r, int i, int first, int last, std::size_t row,
                             Real factor, Add const& local) const {
    for (int t = first; t <= last; t += lanes) {
      Real a[lanes];
      Real b[lanes];
      if constexpr (Rises && Falls)
        reader.produced(r, t, a);
      else if constexpr (Rises)
        reader.begun(r.producer, r.produced_shift, t, a);
      if constexpr (Falls) reader.template consumed<!Rises>(r, i, t, b);
      LaneEnd<lanes> const inside(last - t);
      Share share[lanes];
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) {
        Real live = Rises ? a[u] : Real(1);
        if constexpr (Falls)
          live = Rises && !r.reads_itself ? live * (Real(1) - b[u]) : live - b[u];
        share[u] = inside(u, static_cast<Share>(live * factor));
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

/// The adjoint over unfolded time, in rows of whole lanes with zeros behind: read without a division
/// or an end to look out for.
template <class MemorySpace, class Real>
struct UnfoldedAdjoint {
  Profile<MemorySpace> adjoint;
  Kokkos::View<Real*, MemorySpace> values;
  int length;
  int stride;
  KOKKOS_FUNCTION void operator()(int k) const {
    int const row = k / stride;
    int const t = k - row * stride;
    if (t >= length)
      values(k) = Real(0);
    else
      values(k) = static_cast<Real>(adjoint(row, t < adjoint.slots ? t : t % adjoint.slots));
  }
};

template <class G, class Real>
struct LivenessPullBack {
  using MemorySpace = typename G::memory_space;
  LivenessReader<G, Real> reader;
  Kokkos::View<Real const*, MemorySpace> adjoint;  ///< unfolded
  int stride;
  double weight;
  Evaluation<Real, MemorySpace> result;
  Kokkos::View<ConsumerGradient<Real>*, MemorySpace> consumers;

  static constexpr int lanes = lanes_of<MemorySpace>;
  static constexpr int kept = LiveRange<Real>::kept;

  KOKKOS_FUNCTION void operator()(int i) const {
    auto const& problem = reader.problem;
    Real const size = static_cast<Real>(problem.graph.size(i) * weight);
    if (!(size > Real(0))) {
      auto const none = problem.graph.outgoing(i);
      for (int k = 0; k < none.size(); ++k) consumers(Dependence(none[k]).index) = {};
      return;
    }
    auto const r = reader.range(i);
    int const first = r.fall_first > r.rise_first ? r.fall_first : r.rise_first;
    bool const falls = r.used && first <= r.fall_last;
    auto const row = problem.graph.outgoing(i);
    if (!falls || r.num_uses < row.size())
      for (int k = 0; k < row.size(); ++k) consumers(Dependence(row[k]).index) = {Real(0), Real(0)};
    if (!r.used || r.rise_first > r.fall_last) return;
    Real const* const q = adjoint.data() + static_cast<std::size_t>(problem.copy_of(i)) *
                                               static_cast<std::size_t>(stride);
    pull_producer(r, i, q, size);
    if (!falls) return;
    bool const produced = r.reads_itself || first > r.rise_last;  // no factor A
    if (r.num_uses == 1 && produced) {
      auto const& use = r.uses[0];
      give(use, size,
           window_moments<lanes>(use.start, use.shift, first, r.fall_last, result.spreads,
                                 [=](int t, int u) { return q[t + u]; }));
    } else if (r.num_uses <= kept) {
      pull_kept(r, q, size, first, produced);
    } else {
      pull_many(r, i, q, size, first, produced);
    }
  }

 private:
  KOKKOS_FUNCTION void give(LiveUse<Real> const& use, Real size, Moments<Real> const& m) const {
    Real const factor = size * use.start.inverse_spread;
    consumers(use.dependence) = {factor * m.sum, factor * m.moment};
  }
  KOKKOS_FUNCTION void pull_producer(LiveRange<Real> const& r, int i, Real const* q,
                                     Real size) const {
    auto const& s = r.producer;
    Moments<Real> m{};
    if (r.reads_itself || r.rise_last < r.fall_first) {
      int const last = r.rise_last < r.fall_last ? r.rise_last : r.fall_last;
      m = window_moments<lanes>(s, r.produced_shift, r.rise_first, last, result.spreads,
                                [=](int t, int u) { return q[t + u]; });
    } else {
      int const last = r.rise_last < r.fall_last ? r.rise_last : r.fall_last;
      LaneSums<Real, lanes> sums(result.spreads);
      for (int t = r.rise_first; t <= last; t += lanes) {
        Real b[lanes];
        reader.consumed(r, i, t, b);
        Real const from = s.z(t - r.produced_shift);
        LaneEnd<lanes> const inside(last - t);
        Real z[lanes];
        GAUS_LANE_LOOP
        for (int u = 0; u < lanes; ++u) {
          z[u] = from + static_cast<Real>(u) * s.inverse_spread;
          b[u] = inside(u, q[t + u] * (Real(1) - b[u]) * window_pdf(z[u]));
        }
        sums.add(b, z);
      }
      m = sums.total();
    }
    Real const factor = size * s.inverse_spread;
    result.add(i, -factor * m.sum, -factor * m.moment);
  }
  /// q times A on the lanes from t on. (Minus from 1 - B, minus from dC/dmean.)
  KOKKOS_FUNCTION void outer(LiveRange<Real> const& r, Real const* q, bool produced, int t,
                             Real (&w)[lanes]) const {
    if (produced || t > r.rise_last) {
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) w[u] = q[t + u];
    } else {
      reader.produced(r, t, w);
      GAUS_LANE_LOOP
      for (int u = 0; u < lanes; ++u) w[u] *= q[t + u];
    }
  }
  /// Each use's density times the distributions of the others: products of those before and those
  /// after it, no quotient.
  KOKKOS_FUNCTION void pull_kept(LiveRange<Real> const& r, Real const* q, Real size, int first,
                                 bool produced) const {
    LaneSums<Real, lanes> sums[kept] = {LaneSums<Real, lanes>(result.spreads),
                                        LaneSums<Real, lanes>(result.spreads),
                                        LaneSums<Real, lanes>(result.spreads)};
    for (int t = first; t <= r.fall_last; t += lanes) {
      Real before[lanes];  // q A and the distributions of the uses so far
      outer(r, q, produced, t, before);
      Real gain[kept][lanes];
      Real started[kept][lanes];
      for (int n = 0; n < kept; ++n) {
        if (n >= r.num_uses) break;
        auto const& use = r.uses[n];
        int const last = use.start.last + use.shift;
        if (t > last) continue;  // C = 1, phi = 0
        Real const from = use.start.z(t - use.shift);
        LaneEnd<lanes> const inside(last - t);
        GAUS_LANE_LOOP
        for (int u = 0; u < lanes; ++u) {
          Real const z = from + static_cast<Real>(u) * use.start.inverse_spread;
          Real const c = inside.or_one(u, normal_cdf_absolute(z));
          gain[n][u] = before[u] * inside(u, window_pdf(z));
          before[u] *= c;
          started[n][u] = c;
        }
      }
      Real after[lanes];
      for (int u = 0; u < lanes; ++u) after[u] = Real(1);
      for (int n = kept - 1; n >= 0; --n) {
        if (n >= r.num_uses) continue;
        auto const& use = r.uses[n];
        if (t > use.start.last + use.shift) continue;
        Real const from = use.start.z(t - use.shift);
        Real z[lanes];
        GAUS_LANE_LOOP
        for (int u = 0; u < lanes; ++u) {
          z[u] = from + static_cast<Real>(u) * use.start.inverse_spread;
          gain[n][u] *= after[u];
          after[u] *= started[n][u];
        }
        sums[n].add(gain[n], z);
      }
    }
    for (int n = 0; n < kept; ++n)
      if (n < r.num_uses) give(r.uses[n], size, sums[n].total());
  }
  /// The same for any number of uses: the product of all distributions over each one, which is
  /// positive from fall_first on; to a relative accuracy, as it may be small.
  KOKKOS_FUNCTION void pull_many(LiveRange<Real> const& r, int i, Real const* q, Real size,
                                 int first, bool produced) const {
    auto const row = reader.problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) consumers(Dependence(row[k]).index) = {Real(0), Real(0)};
    for (int t = first; t <= r.fall_last; t += lanes) {
      Real product[lanes];
      outer(r, q, produced, t, product);
      reader.for_uses(r, i, [&](int, LiveUse<Real> const& use) {
        int const last = use.start.last + use.shift;
        if (t > last) return;
        Real const from = use.start.z(t - use.shift);
        LaneEnd<lanes> const inside(last - t);
        GAUS_LANE_LOOP
        for (int u = 0; u < lanes; ++u)
          product[u] *=
              inside.or_one(u, normal_cdf(from + static_cast<Real>(u) * use.start.inverse_spread));
      });
      reader.for_uses(r, i, [&](int, LiveUse<Real> const& use) {
        int const last = use.start.last + use.shift;
        if (t > last) return;
        LaneSums<Real, lanes> sums(result.spreads);
        Real const from = use.start.z(t - use.shift);
        LaneEnd<lanes> const inside(last - t);
        Real z[lanes];
        Real w[lanes];
        GAUS_LANE_LOOP
        for (int u = 0; u < lanes; ++u) {
          z[u] = from + static_cast<Real>(u) * use.start.inverse_spread;
          auto const p = normal_point(z[u]);
          w[u] = inside(u, product[u] * p.pdf / p.cdf);
        }
        sums.add(w, z);
        auto const m = sums.total();
        auto& to = consumers(use.dependence);
        Real const factor = size * use.start.inverse_spread;
        to.mean += factor * m.sum;
        to.spread += factor * m.moment;
      });
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
    int const count = row.size();
    for (int k = 0; k < count; ++k) {
      int e;
      if constexpr (requires { row.index(k); })
        e = row.index(k);
      else
        e = Dependence(row[k]).index;
      auto const g = consumers(e);
      mean += g.mean;
      spread += g.spread;
    }
    result.add(j, mean, spread);
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

/// Adds weight * (gradient of sum adjoint * liveness) to the result, whose workspace it needs.
template <class ExecutionSpace, class G, class Real>
void pull_back_liveness(ExecutionSpace const& exec, Problem<G> const& problem,
                        StartSteps<Real, typename G::memory_space> const& starts,
                        Profile<typename G::memory_space> const& adjoint, double weight,
                        Evaluation<Real, typename G::memory_space> const& result) {
  auto const consumers = result.workspace->template array<detail::ConsumerGradient<Real>>(
      "gaus::liveness::consumers", static_cast<std::size_t>(problem.graph.num_dependences()));
  constexpr int lanes = detail::lanes_of<typename G::memory_space>;
  int const stride = (problem.horizon() + 2 * lanes - 1) / lanes * lanes;
  auto const entries = static_cast<std::size_t>(adjoint.rows) * static_cast<std::size_t>(stride);
  auto const unfolded = result.workspace->template array<Real>("gaus::liveness::adjoint", entries);
  int const n = problem.graph.num_operations();
  Kokkos::parallel_for("gaus::liveness::unfold",
                       Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(entries)),
                       detail::UnfoldedAdjoint<typename G::memory_space, Real>{
                           adjoint, unfolded, problem.horizon(), stride});
  detail::for_each_operation("gaus::liveness::pull_back", exec, n,
                             detail::LivenessPullBack<G, Real>{
                                 {problem, starts}, unfolded, stride, weight, result, consumers});
  detail::for_each_operation("gaus::liveness::gather", exec, n,
                             detail::GatherConsumers<G, Real>{problem, result, consumers});
}

}  // namespace gaus

#endif
