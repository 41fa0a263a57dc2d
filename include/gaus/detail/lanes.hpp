// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_LANES_HPP
#define GAUS_DETAIL_LANES_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>
#include <type_traits>

// Windows are walked in lanes: a constant number of boundaries at once from the first one on, those
// behind the last one masked. On the host such a loop becomes vector code, whatever the width of a
// vector; on a device lanes stay in registers. What they read and write lies in rows that go on for as
// many entries.

/// Before a loop over lanes: GCC unrolls it before it makes vectors, which leaves it scalar.
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CUDACC__) && !defined(__HIPCC__)
#define GAUS_LANE_LOOP _Pragma("GCC unroll 1")
#else
#define GAUS_LANE_LOOP
#endif

namespace gaus::detail {

/// Boundaries that a kernel takes at once.
template <class MemorySpace>
inline constexpr int lanes_of = host_readable<MemorySpace> ? 8 : 4;

/// A distribution at lane u: 0 before its window, x inside, 1 after it. On the bits, as compilers make
/// branches of two nested choices.
template <class Real>
KOKKOS_INLINE_FUNCTION Real lane_cdf(Real x, int u, int before, int after) {
  if constexpr (std::is_same_v<Real, float>) {
    int const inside = -int((u >= before) & (u <= after));
    int const past = -int(u > after);
    return Kokkos::bit_cast<float>((Kokkos::bit_cast<int>(x) & inside) |
                                   (Kokkos::bit_cast<int>(1.0f) & past));
  } else {
    return u < before ? Real(0) : u > after ? Real(1) : x;
  }
}

/// Which of the lanes from a boundary of the window on lie in it still.
template <int Lanes>
struct LaneEnd {
  int remaining;  ///< boundaries after the first lane's
  KOKKOS_FUNCTION explicit LaneEnd(int after) : remaining(after) {}
  /// x inside, 0 outside.
  template <class T>
  [[nodiscard]] KOKKOS_FUNCTION T operator()(int u, T x) const {
    if constexpr (std::is_same_v<T, float>)
      return Kokkos::bit_cast<float>(Kokkos::bit_cast<int>(x) & -int(u <= remaining));
    else if constexpr (std::is_integral_v<T>)
      return x & -T(u <= remaining);
    else
      return u <= remaining ? x : T(0);
  }
  /// x inside, 1 outside.
  template <class T>
  [[nodiscard]] KOKKOS_FUNCTION T or_one(int u, T x) const {
    if constexpr (std::is_same_v<T, float>) {
      int const inside = -int(u <= remaining);
      return Kokkos::bit_cast<float>((Kokkos::bit_cast<int>(x) & inside) |
                                     (Kokkos::bit_cast<int>(1.0f) & ~inside));
    } else {
      return u <= remaining ? x : T(1);
    }
  }
};

/// sum w and sum w z over a window.
template <class Real>
struct Moments {
  Real sum = 0;
  Real moment = 0;
  KOKKOS_FUNCTION void add(Real factor, Moments const& other) {
    sum += factor * other.sum;
    moment += factor * other.moment;
  }
};

/// The same, summed by lanes and then in one order.
template <class Real, int Lanes>
struct LaneSums {
  Real sum[Lanes] = {};
  Real moment[Lanes] = {};
  bool moments;  ///< whether those are wanted
  KOKKOS_FUNCTION explicit LaneSums(bool wanted) : moments(wanted) {}
  KOKKOS_FUNCTION void add(Real const (&w)[Lanes], Real const (&z)[Lanes]) {
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u) sum[u] += w[u];
    if (!moments) return;
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u) moment[u] += w[u] * z[u];
  }
  [[nodiscard]] KOKKOS_FUNCTION Moments<Real> total() const {
    return {tree(sum), moments ? tree(moment) : Real(0)};
  }

 private:
  /// Written out: a loop that halves becomes branches.
  [[nodiscard]] KOKKOS_FUNCTION static Real tree(Real const (&x)[Lanes]) {
    static_assert(Lanes == 4 || Lanes == 8);
    if constexpr (Lanes == 8)
      return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
    else
      return (x[0] + x[2]) + (x[1] + x[3]);
  }
};

/// sum phi(z) weight(t, u) over the boundaries t + u from first to last, and the same times z, of a
/// start that is shifted. The weight may be anything beyond last.
template <int Lanes, class Real, class Weight>
KOKKOS_INLINE_FUNCTION Moments<Real> window_moments(StartWindow<Real> const& s, int shift,
                                                    int first, int last, bool moments,
                                                    Weight const& weight) {
  LaneSums<Real, Lanes> sums(moments);
  for (int t = first; t <= last; t += Lanes) {
    Real const from = s.z(t - shift);
    LaneEnd<Lanes> const inside(last - t);
    Real z[Lanes];
    Real w[Lanes];
    GAUS_LANE_LOOP
    for (int u = 0; u < Lanes; ++u) {
      z[u] = from + static_cast<Real>(u) * s.inverse_spread;
      w[u] = inside(u, weight(t, u) * window_pdf(z[u]));
    }
    sums.add(w, z);
  }
  return sums.total();
}

}  // namespace gaus::detail

#endif
