// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/peak.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>
#include <cstddef>

// The smooth maximum of one row with as many steps as the graph has operations: value and weights.
namespace {

using namespace gaus_bench;

template <class B>
void peak(B& b, gaus::SmoothMaximum const& maximum) {
  int const length = b.instance.operations();
  typename B::Workspace curve;
  gaus::Profile<typename B::MemorySpace> const profile{
      curve.template array<double>("gaus_bench::profile", static_cast<std::size_t>(length)), 1,
      length};
  auto const values = Kokkos::create_mirror_view(profile.values);
  for (int t = 0; t < length; ++t)  // ten levels, so that few steps count
    values(static_cast<std::size_t>(t)) = 1 + t % 10;
  Kokkos::deep_copy(profile.values, values);
  // Values read, weights written.
  b.measure_curve(length, 16.0 * length, [&] {
    benchmark::DoNotOptimize(
        gaus::smooth_maximum(b.exec, profile, maximum, 0.05, b.workspace, b.result.cost));
  });
}

[[maybe_unused]] bool const registered =
    register_curve_kernel("peak/p_norm", [](auto& b) { peak(b, gaus::SmoothMaximum{}); }) &&
    register_curve_kernel("peak/log_sum_exp", [](auto& b) { peak(b, gaus::SmoothMaximum{0.5}); });

}  // namespace
