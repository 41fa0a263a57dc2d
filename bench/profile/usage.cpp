// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile/usage.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>
#include <type_traits>

// The usage curve, and its gradient for a given adjoint.
namespace {

using namespace gaus_bench;

[[maybe_unused]] bool const registered =
    register_kernel("profile/usage/value",
                    [](auto& b) {
                      double const bytes = b.traffic.starts() + b.traffic.usage() +
                                           b.traffic.profile(b.traffic.classes());
                      b.measure(bytes, [&] {
                        benchmark::DoNotOptimize(
                            gaus::expected_usage(b.exec, b.problem, b.starts, b.workspace));
                      });
                    }) &&
    register_kernel("profile/usage/gradient", [](auto& b) {
      typename std::decay_t<decltype(b)>::Workspace curve;
      auto const adjoint = gaus::expected_usage(b.exec, b.problem, b.starts, curve);
      double const bytes = b.traffic.starts() + b.traffic.usage() + b.traffic.gradients() +
                           b.traffic.profile(b.traffic.classes());
      b.measure(bytes, [&] {
        gaus::pull_back_usage(b.exec, b.problem, b.starts, adjoint, 1.0, b.result);
      });
    });

}  // namespace
