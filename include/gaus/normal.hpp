// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_NORMAL_HPP
#define GAUS_NORMAL_HPP

#include <Kokkos_Core.hpp>
#include <type_traits>

// The standard normal distribution, for device and host.
//
//   phi(z) = exp(-z^2/2) / sqrt(2 pi)         d phi/dz = -z phi(z)
//   Phi(z) = integral of phi up to z          d Phi/dz = phi(z)
//   h(m,s) = E max(0, m + s Z)                dh/dm = Phi(m/s), dh/ds = phi(m/s)
//          = m Phi(m/s) + s phi(m/s)
//
// In double Phi comes from erfc, which keeps its relative accuracy in the lower tail; the upper
// tail is Phi(-z), never 1 - Phi(z). In float an odd polynomial for |z| < 1, and one over the
// exponential of phi for the tails, give Phi and phi together, absolute error below 1e-7, several times
// faster: straight-line code without a library call.
namespace gaus {

namespace detail {

/// exp(x) for x <= 0. In float by 2^k times a polynomial, relative error below 2e-7 for x > -30 and
/// 1e-38 below -87: straight-line code, so that loops over it become vector code. Comparisons work on
/// the bits, since a compiler that minds floating-point traps turns others into branches.
template <class Real>
KOKKOS_INLINE_FUNCTION Real exp_negative(Real x) {
  if constexpr (std::is_same_v<Real, float>) {
    int const magnitude = Kokkos::bit_cast<int>(x) & 0x7fffffff;
    int const most = 0x42ae0000;  // 87.0f
    float const cut = -Kokkos::bit_cast<float>(magnitude < most ? magnitude : most);
    int const k = static_cast<int>(cut * 1.44269504f - 0.5f);  // nearest: truncation goes upwards
    float const times = static_cast<float>(k);
    float const f = (cut - times * 0.693359375f) + times * 2.1219444e-4f;  // k ln 2 in two parts
    float const f2 = f * f;  // in parallel, where Horner's rule would wait for each product
    float const p = 1.0f + f +
                    f2 * (0.49999994f + 0.16666521f * f +
                          f2 * (0.041668389f + 0.0083687166f * f + f2 * 0.0013814599f));
    return p * Kokkos::bit_cast<float>((k + 127) << 23);
  } else {
    return Kokkos::exp(x);
  }
}

}  // namespace detail

/// phi(z).
template <class Real>
KOKKOS_INLINE_FUNCTION Real normal_pdf(Real z) {
  return Real(0.39894228040143267794) * detail::exp_negative(Real(-0.5) * z * z);
}

/// Phi and phi at one point.
template <class Real>
struct NormalPoint {
  Real cdf;  ///< Phi
  Real pdf;  ///< phi
};

/// Phi(z) and phi(z) from one exponential in float.
template <class Real>
KOKKOS_INLINE_FUNCTION NormalPoint<Real> normal_point(Real z) {
  Real const pdf = normal_pdf(z);
  if constexpr (std::is_same_v<Real, float>) {
    int const magnitude = Kokkos::bit_cast<int>(z) & 0x7fffffff;
    float const t = 1.0f / (1.0f + 0.36f * Kokkos::bit_cast<float>(magnitude));
    float const tail =
        detail::exp_negative(-0.5f * z * z) * t *
        (0.14076698f +
         t * (0.17021942f + t * (0.026064081f + t * (0.2672717f + t * -0.10442789f))));
    float const y = z * z;
    float const y2 = y * y;
    float const middle =
        0.5f +
        z * (0.3989423f - 0.06649033f * y +
             y2 * (0.009973171f - 0.0011859847f * y + y2 * (1.1314364e-4f - 7.5303046e-6f * y)));
    int const below = Kokkos::bit_cast<int>(z) >> 31;  // all ones for z < 0
    int const inner = (magnitude - 0x3f800000) >> 31;  // all ones for |z| < 1
    int const outer =
        (Kokkos::bit_cast<int>(tail) & below) | (Kokkos::bit_cast<int>(1.0f - tail) & ~below);
    int const bits = (Kokkos::bit_cast<int>(middle) & inner) | (outer & ~inner);
    return {Kokkos::bit_cast<float>(bits), pdf};
  } else {
    return {Real(0.5) * Kokkos::erfc(Real(-0.70710678118654752440) * z), pdf};
  }
}

/// Phi(z); tail-safe for z < 0.
template <class Real>
KOKKOS_INLINE_FUNCTION Real normal_cdf(Real z) {
  return normal_point(z).cdf;
}

namespace detail {

/// Phi(z) where an absolute error counts: in float below 3e-7, without an exponential, by an odd
/// rational function of z that is cut off at |z| = 5.1. In double the same as normal_cdf.
template <class Real>
KOKKOS_INLINE_FUNCTION Real normal_cdf_absolute(Real z) {
  if constexpr (std::is_same_v<Real, float>) {
    int const bits = Kokkos::bit_cast<int>(z);
    int const magnitude = bits & 0x7fffffff;
    int const most = 0x40a33333;  // 5.1f
    int const sign = bits & ~0x7fffffff;
    float const x = Kokkos::bit_cast<float>((magnitude < most ? magnitude : most) | sign);
    float const y = x * x;
    float const y2 = y * y;  // in parallel, where Horner's rule would wait for each product
    float const above =
        0.398942f + 0.04740101f * y + y2 * (0.005359348f + 2.9024529e-4f * y + y2 * 5.4769835e-6f);
    float const below = 1.0f + 0.28547865f * y +
                        y2 * (0.0360225f + 0.002563f * y + y2 * (1.0421395e-4f + 4.786675e-7f * y));
    return 0.5f + x * above / below;
  } else {
    return normal_cdf(z);
  }
}

/// phi(z) inside windows: in float for |z| <= 5, cut off there, relative error below 6e-6, by the
/// 16th power of a polynomial in z^2 instead of an exponential. In double the same as normal_pdf.
template <class Real>
KOKKOS_INLINE_FUNCTION Real window_pdf(Real z) {
  if constexpr (std::is_same_v<Real, float>) {
    int const magnitude = Kokkos::bit_cast<int>(z) & 0x7fffffff;
    int const most = 0x40a00000;  // 5.0f
    float const x = Kokkos::bit_cast<float>(magnitude < most ? magnitude : most);
    float const y = x * x;
    float const y2 = y * y;
    float const p =
        0.94418436f - 0.029505388f * y +
        y2 * (4.6086266e-4f - 4.775222e-6f * y + y2 * (3.5441108e-8f - 1.578019e-10f * y));
    float const p2 = p * p;
    float const p4 = p2 * p2;
    float const p8 = p4 * p4;
    return p8 * p8;
  } else {
    return normal_pdf(z);
  }
}

}  // namespace detail

/// A function of mean and spread with its two derivatives.
template <class Real>
struct Term {
  Real value;     ///< f(mean, spread)
  Real d_mean;    ///< df/dmean
  Real d_spread;  ///< df/dspread
};

/// Expected positive part of a Gaussian, E max(0, m + s Z), s >= 0; s = 0 is the plain hinge.
template <class Real>
KOKKOS_INLINE_FUNCTION Term<Real> normal_hinge(Real m, Real s) {
  if (!(s > Real(0))) return {m > Real(0) ? m : Real(0), m > Real(0) ? Real(1) : Real(0), Real(0)};
  Real const z = m / s;
  auto const p = normal_point(z);
  Real const value = m * p.cdf + s * p.pdf;  // cancels far below zero: never report less than 0
  return {value > Real(0) ? value : Real(0), p.cdf, p.pdf};
}

/// Probability that a Gaussian is positive, Phi(m/s).
template <class Real>
KOKKOS_INLINE_FUNCTION Term<Real> normal_probability(Real m, Real s) {
  if (!(s > Real(0))) return {m > Real(0) ? Real(1) : Real(0), Real(0), Real(0)};
  Real const z = m / s;
  auto const p = normal_point(z);
  return {p.cdf, p.pdf / s, -z * p.pdf / s};
}

}  // namespace gaus

#endif
