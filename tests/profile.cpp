// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile.hpp>

#include <support/problems.hpp>
#include <support/spaces.hpp>

namespace {

using gaus::detail::Fixed;

/// Contributor i adds a box of height 0.5 i to row i % 2, from step i % 5 to step i % 5 + i % 3.
struct Boxes {
  int stride;
  double scale;
  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add, Add const&) const {
    auto const row = static_cast<std::size_t>((i % 2) * stride);
    Fixed const height = gaus::detail::to_fixed(0.5 * i, scale);
    add(row + static_cast<std::size_t>(i % 5), height);
    add(row + static_cast<std::size_t>(i % 5 + i % 3), -height);
  }
};

TEST_CASE_TEMPLATE("profile: differences, prefix sum, folding", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  Space const exec;
  int const n = 20000;  // enough for several copies on several threads
  int const length = 7;
  for (int const interval : {0, 1, 3, 7, 10}) {
    CAPTURE(interval);
    gaus::Workspace<MemorySpace> workspace;
    gaus::ProfileBuilder<Space, MemorySpace> const builder(exec, workspace, n, 2, length,
                                                           0.5 * n * n, 0.5 * n);
    builder.scatter(exec, "gaus::test::boxes", Boxes{builder.stride(), builder.scale()});
    auto const profile = builder.finish(exec, interval);
    exec.fence("gaus_test: profile");
    auto const got = gaus_test::to_host(profile.values);
    int const slots = interval > 0 ? interval : length;
    CHECK(profile.rows == 2);
    CHECK(profile.slots == slots);
    std::vector<double> wanted(static_cast<std::size_t>(2 * slots), 0);
    for (int i = 0; i < n; ++i)
      for (int t = i % 5; t < i % 5 + i % 3; ++t)
        wanted[static_cast<std::size_t>((i % 2) * slots + t % slots)] += 0.5 * i;
    CHECK(got == wanted);  // halves of integers: exact
  }
}

TEST_CASE("profile: the fixed-point scale leaves room and precision") {
  for (double const total : {0.0, 1e-200, 1e-6, 1.0, 3.0, 1e6, 1e15, 1e19, 1e25}) {
    double const scale = gaus::detail::fixed_scale(total);
    CHECK(scale > 0);
    CHECK(scale * total <= 2305843009213693952.0);
    int exponent = 0;
    CHECK(std::frexp(scale, &exponent) == 0.5);  // a power of two
    if (total >= 1 && total < 1e18)
      CHECK(scale * total >= 2305843009213693952.0 / 8 * std::min(1.0, total / 16));
  }
}

}  // namespace
