// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/peak.hpp>

#include <support/reference.hpp>
#include <support/spaces.hpp>

namespace {

using namespace gaus_test;

struct Peak {
  double value = 0;
  std::vector<double> weights;
};

template <class Space>
Peak peak(std::vector<Number> const& values, gaus::SmoothMaximum const& maximum,
          double smoothing = 0.05, int rows = 1) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  gaus::Workspace<MemorySpace> workspace;
  Kokkos::View<double, MemorySpace> const cost("gaus_test::cost");
  Kokkos::deep_copy(cost, -1.0);
  gaus::Profile<MemorySpace> const profile{to_device<double, MemorySpace>(values), rows,
                                           static_cast<int>(values.size()) / rows};
  auto const weights = gaus::smooth_maximum(exec, profile, maximum, smoothing, workspace, cost);
  exec.fence("gaus_test: peak");
  CHECK(weights.rows == profile.rows);
  CHECK(weights.slots == profile.slots);
  Peak result;
  Kokkos::deep_copy(result.value, cost);
  result.weights = to_host(weights.values);
  return result;
}

template <class Function>
std::vector<Number> slopes(std::vector<Number> values, Function const& f) {
  std::vector<Number> all;
  for (Number& x : values) {
    Number const x0 = x;
    Number const h = 1e-6L * (1 + std::abs(x0));
    x = x0 + h;
    Number const high = f(values);
    x = x0 - h;
    Number const low = f(values);
    x = x0;
    all.push_back((high - low) / (2 * h));
  }
  return all;
}

TEST_CASE_TEMPLATE("peak: worked by hand", Space, GAUS_TEST_SPACES) {
  // log(e^1 + e^2 + e^2), tau 1.
  auto const soft = peak<Space>({1, 2, 2}, {.temperature = 1});
  double const e = std::exp(1.0);
  CHECK(soft.value == doctest::Approx(1 + std::log(1 + 2 * e)));
  CHECK(soft.weights[0] == doctest::Approx(1 / (1 + 2 * e)));
  CHECK(soft.weights[2] == doctest::Approx(e / (1 + 2 * e)));
  // Exponent 2: the length of (3, 4).
  auto const norm = peak<Space>({3, 4}, {}, 0.5);
  CHECK(norm.value == doctest::Approx(5));
  CHECK(norm.weights[0] == doctest::Approx(0.6));
  CHECK(norm.weights[1] == doctest::Approx(0.8));
  // Without a smoothing between 0 and 1: the sum.
  CHECK(peak<Space>({3, 4}, {}, 0).value == doctest::Approx(7));
  CHECK(peak<Space>({3, 4}, {}, 1).value == doctest::Approx(7));
}

TEST_CASE_TEMPLATE("peak: value, bounds and weights", Space, GAUS_TEST_SPACES) {
  Random random(1);
  for (int const n : {1, 2, 17, 1000})
    for (double const scale : {1e-3, 1.0, 1e6}) {
      CAPTURE(n);
      CAPTURE(scale);
      std::vector<Number> u;
      for (int t = 0; t < n; ++t) u.push_back(scale * random.unit());
      double const top = static_cast<double>(*std::max_element(u.begin(), u.end()));
      auto const soft = peak<Space>(u, {.temperature = 0.1 * scale});
      CHECK(soft.value >= top);
      CHECK(soft.value <= top + 0.1 * scale * std::log(n) * (1 + 1e-12) + 1e-12 * top);
      CHECK(soft.value == doctest::Approx(static_cast<double>(log_sum_exp(u, 0.1L * scale))));
      double total = 0;
      for (double const w : soft.weights) total += w;
      CHECK(total == doctest::Approx(1).epsilon(1e-12));

      auto const norm = peak<Space>(u, {});
      CHECK(norm.value >= top * (1 - 1e-14));
      CHECK(norm.value <= top * std::pow(n, 0.05) * (1 + 1e-12));
      CHECK(norm.value == doctest::Approx(static_cast<double>(p_norm(u, 20))).epsilon(1e-12));
      if (n > 100) continue;
      CHECK(relative_error(soft.weights, slopes(u, [&](auto const& v) {
                             return log_sum_exp(v, 0.1L * scale);
                           })) < 1e-4);
      auto const wanted = slopes(u, [](auto const& v) { return p_norm(v, 20); });
      for (std::size_t k = 0; k < u.size(); ++k)
        CHECK(std::abs(norm.weights[k] - wanted[k]) < 1e-4);
    }
}

TEST_CASE_TEMPLATE("peak: nothing, zeros, far apart, several rows", Space, GAUS_TEST_SPACES) {
  CHECK(peak<Space>({}, {}).value == 0);
  CHECK(peak<Space>({}, {.temperature = 1}).value == 0);
  auto const zeros = peak<Space>({0, 0, 0}, {});
  CHECK(zeros.value == 0);
  CHECK(zeros.weights == std::vector<double>{0, 0, 0});
  CHECK(peak<Space>({0, 0, 0}, {.temperature = 2}).value == doctest::Approx(2 * std::log(3)));
  auto const far = peak<Space>({0, 1e12, 1}, {.temperature = 1e-3});
  CHECK(far.value == doctest::Approx(1e12));
  CHECK(far.weights == std::vector<double>{0, 1, 0});
  auto const steep = peak<Space>({0, 1e12, 1}, {}, 1e-3);
  CHECK(steep.value == doctest::Approx(1e12));
  CHECK(steep.weights[1] == doctest::Approx(1));
  // Rounding may leave a profile a little below zero.
  auto const below = peak<Space>({-1e-17, 2}, {});
  CHECK(below.value == doctest::Approx(2));
  CHECK(below.weights[0] == 0);
  CHECK(peak<Space>({3, 0, 0, 4}, {}, 0.5, 2).value == doctest::Approx(5));
}

}  // namespace
