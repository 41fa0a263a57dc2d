// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>
#include <cstddef>
#include <type_traits>

// What every profile goes through, on one row with as many steps as the graph has operations: the
// prefix sum, from zeroed differences to values, and folding into 64 slots.
namespace {

using namespace gaus_bench;

[[maybe_unused]] bool const registered =
    register_curve_kernel(
        "profile/prefix_sum",
        [](auto& b) {
          using B = std::decay_t<decltype(b)>;
          int const length = b.instance.operations();
          // Differences written and read, values written.
          b.measure_curve(length, 24.0 * length, [&] {
            gaus::ProfileBuilder<typename B::Space, typename B::MemorySpace> const builder(
                b.exec, b.workspace, 1, 1, length, length, 1);
            benchmark::DoNotOptimize(builder.finish(b.exec, 0));
          });
        }) &&
    register_curve_kernel("profile/fold", [](auto& b) {
      using B = std::decay_t<decltype(b)>;
      int const length = b.instance.operations();
      typename B::Workspace curve;
      gaus::Profile<typename B::MemorySpace> const unfolded{
          curve.template array<double>("gaus_bench::unfolded", static_cast<std::size_t>(length)), 1,
          length};
      Kokkos::deep_copy(unfolded.values, 1.0);
      b.measure_curve(length, 8.0 * length, [&] {
        benchmark::DoNotOptimize(gaus::fold(b.exec, b.workspace, unfolded, 64));
      });
    });

}  // namespace
