// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/normal.hpp>

#include <support/reference.hpp>

namespace {

using gaus_test::Number;

TEST_CASE("normal: table values") {
  CHECK(gaus::normal_cdf(0.0) == 0.5);
  CHECK(gaus::normal_cdf(1.0) == doctest::Approx(0.84134474606854293).epsilon(1e-15));
  CHECK(gaus::normal_cdf(-1.96) == doctest::Approx(0.0249978951482204).epsilon(1e-13));
  CHECK(gaus::normal_pdf(0.0) == doctest::Approx(0.39894228040143268).epsilon(1e-15));
  CHECK(gaus::normal_pdf(2.0) == doctest::Approx(0.05399096651318806).epsilon(1e-15));
  // h(0, 1) = phi(0); h(1, 2) = Phi(0.5) + 2 phi(0.5).
  CHECK(gaus::normal_hinge(0.0, 1.0).value == doctest::Approx(0.39894228040143268));
  CHECK(gaus::normal_hinge(1.0, 2.0).value ==
        doctest::Approx(0.69146246127401310 + 2 * 0.35206532676429947).epsilon(1e-14));
}

TEST_CASE("normal: double against long double, tails included") {
  for (double z = -37; z <= 37; z += 0.0625) {
    CAPTURE(z);
    auto const p = gaus::normal_point(z);
    // Relative: half the square of z is rounded before the exponential and enters as an error.
    CHECK(std::abs(p.cdf / gaus_test::Phi(z) - 1) < 1e-15L * (4 + z * z));
    CHECK(std::abs(p.pdf / gaus_test::phi(z) - 1) < 1e-15L * (4 + z * z));
    CHECK(gaus::normal_cdf(z) == p.cdf);
    CHECK(gaus::normal_pdf(z) == p.pdf);
  }
  CHECK(gaus::normal_cdf(-1e30) == 0);
  CHECK(gaus::normal_cdf(1e30) == 1);
  CHECK(gaus::normal_pdf(1e30) == 0);
}

TEST_CASE("normal: float") {
  double cdf = 0;
  double pdf = 0;
  for (int k = -130000; k <= 130000; ++k) {
    float const z = static_cast<float>(k) / 10000;
    auto const p = gaus::normal_point(z);
    cdf = std::max(cdf, std::abs(p.cdf - static_cast<double>(gaus_test::Phi(z))));
    pdf = std::max(pdf, std::abs(p.pdf - static_cast<double>(gaus_test::phi(z))));
    if (!(p.cdf >= 0 && p.cdf <= 1 && p.pdf >= 0)) FAIL("out of range at " << z);
  }
  CHECK(cdf < 1e-7);
  CHECK(pdf < 1e-7);
  CHECK(gaus::normal_cdf(-1e30f) < 1e-30f);
  CHECK(gaus::normal_cdf(1e30f) == 1);
  CHECK(gaus::normal_pdf(-1e30f) < 1e-30f);
}

TEST_CASE("normal: float exponential") {
  double worst = 0;
  for (int k = 0; k < 30000; ++k) {
    float const x = -static_cast<float>(k) / 1000;
    worst = std::max(worst, std::abs(gaus::detail::exp_negative(x) / std::exp(double(x)) - 1));
  }
  CHECK(worst < 2e-7);
  CHECK(gaus::detail::exp_negative(0.0f) == 1);
  CHECK(gaus::detail::exp_negative(-1e30f) < 1e-37f);
}

TEST_CASE("normal: what windows are walked with, in float") {
  double cdf = 0;
  double pdf = 0;
  for (int k = -130000; k <= 130000; ++k) {
    float const z = static_cast<float>(k) / 10000;
    float const c = gaus::detail::normal_cdf_absolute(z);
    float const p = gaus::detail::window_pdf(z);
    cdf = std::max(cdf, std::abs(c - static_cast<double>(gaus_test::Phi(z))));
    if (std::abs(z) <= 5)
      pdf = std::max(pdf, std::abs(p / static_cast<double>(gaus_test::phi(z)) - 1));
    if (!(c >= 0 && c <= 1 && p > 0)) FAIL("out of range at " << z);
  }
  CHECK(cdf < 3e-7);
  CHECK(pdf < 6e-6);
  // Cut off beyond.
  CHECK(gaus::detail::normal_cdf_absolute(-1e30f) < 3e-7f);
  CHECK(1 - double(gaus::detail::normal_cdf_absolute(1e30f)) < 3e-7);
  CHECK(gaus::detail::window_pdf(1e30f) == gaus::detail::window_pdf(5.0f));
  // In double they are the functions themselves.
  CHECK(gaus::detail::normal_cdf_absolute(0.7) == gaus::normal_cdf(0.7));
  CHECK(gaus::detail::window_pdf(0.7) == gaus::normal_pdf(0.7));
}

TEST_CASE("normal: derivatives of hinge and probability") {
  for (double const s : {1e-3, 0.5, 1.0, 40.0})
    for (double u = -6; u <= 6; u += 0.75) {
      double const m = u * s;
      CAPTURE(m);
      CAPTURE(s);
      auto const hinge = [](Number a, Number b) {
        return a * gaus_test::Phi(a / b) + b * gaus_test::phi(a / b);
      };
      auto const chance = [](Number a, Number b) { return gaus_test::Phi(a / b); };
      Number const h = 1e-5L * s;
      auto const check = [&](gaus::Term<double> const& term, auto const& f, Number scale) {
        auto const near = [&](Number got, Number wanted) {
          CHECK(std::abs(got - wanted) <= 1e-8L * std::abs(wanted) + 1e-13L * scale);
        };
        near(term.value, f(m, s));
        near(term.d_mean, (f(m + h, s) - f(m - h, s)) / (2 * h));
        near(term.d_spread, (f(m, s + h) - f(m, s - h)) / (2 * h));
      };
      check(gaus::normal_hinge(m, s), hinge, 1 + s);
      check(gaus::normal_probability(m, s), chance, 1 + 1 / s);
    }
}

TEST_CASE("normal: a certain value, and the far tail") {
  for (double const m : {-2.0, 0.0, 3.0}) {
    auto const hinge = gaus::normal_hinge(m, 0.0);
    CHECK(hinge.value == std::max(m, 0.0));
    CHECK(hinge.d_mean == (m > 0 ? 1 : 0));
    CHECK(hinge.d_spread == 0);
    auto const chance = gaus::normal_probability(m, 0.0);
    CHECK(chance.value == (m > 0 ? 1 : 0));
    CHECK(chance.d_mean == 0);
    CHECK(chance.d_spread == 0);
  }
  for (float z = -40; z < 0; z += 0.125f) CHECK(gaus::normal_hinge(z, 1.0f).value >= 0);
  for (double z = -40; z < 0; z += 0.125) CHECK(gaus::normal_hinge(z, 1.0).value >= 0);
  CHECK(gaus::normal_hinge(1e30, 1.0).value == 1e30);
  CHECK(gaus::normal_hinge(-1e30, 1.0).value == 0);
}

}  // namespace
