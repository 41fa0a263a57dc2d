// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/adam.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>
#include <type_traits>

// One step, as it comes in each iteration.
namespace {

using namespace gaus_bench;

[[maybe_unused]] bool const registered = register_kernel("optimizer/adam", [](auto& b) {
  using B = std::decay_t<decltype(b)>;
  auto state =
      gaus::make_adam_state<typename B::Real, typename B::MemorySpace>(b.instance.operations());
  Kokkos::deep_copy(b.result.d_mean, 1);
  // Means, gradients and moments read and written, spreads written, bounds read.
  double const bytes = 11 * b.traffic.by_operation() + b.traffic.bounds();
  b.measure(bytes, [&] {
    gaus::adam_step(b.exec, gaus::Adam{}, b.problem, b.starts, b.result, state, gaus::SpreadRule{});
  });
});

}  // namespace
