// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/profile/liveness.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>
#include <type_traits>

// The curve of live sizes, and its gradient for a given adjoint.
namespace {

using namespace gaus_bench;

double graph_bytes(Traffic const& t) { return t.latency() + t.sizes() + t.outgoing(); }

[[maybe_unused]] bool const registered =
    register_kernel("profile/liveness/value",
                    [](auto& b) {
                      double const bytes =
                          b.traffic.starts() + graph_bytes(b.traffic) + b.traffic.profile(1);
                      b.measure(bytes, [&] {
                        benchmark::DoNotOptimize(
                            gaus::expected_liveness(b.exec, b.problem, b.starts, b.workspace));
                      });
                    }) &&
    register_kernel("profile/liveness/gradient", [](auto& b) {
      typename std::decay_t<decltype(b)>::Workspace curve;
      auto const adjoint = gaus::expected_liveness(b.exec, b.problem, b.starts, curve);
      double const bytes = b.traffic.starts() + graph_bytes(b.traffic) + b.traffic.gradients() +
                           b.traffic.profile(1);
      b.measure(bytes, [&] {
        gaus::pull_back_liveness(b.exec, b.problem, b.starts, adjoint, 1.0, b.result);
      });
    });

}  // namespace
