// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/difference.hpp>
#include <gaus/optimizer/augmented_lagrangian.hpp>
#include <support/kernel.hpp>

#include <benchmark/benchmark.h>

// Dependences in the augmented Lagrangian: the gradient of the penalty, one pass over all of them
// from either end, and the update of the multipliers.
namespace {

using namespace gaus_bench;

template <class B>
auto lagrangian(B const& b) {
  return gaus::AugmentedLagrangian<typename B::Real, typename B::MemorySpace, gaus::Precedence>(
      b.problem, gaus::Constraints<gaus::Precedence>(gaus::Precedence{}));
}

[[maybe_unused]] bool const registered =
    register_kernel("constraint/difference/penalty",
                    [](auto& b) {
                      auto const multipliers = lagrangian(b);
                      auto const& t = b.traffic;
                      double const bytes = t.by_operation() + t.gradients() + t.latency() +
                                           t.delay() + t.outgoing() + t.incoming() +
                                           t.by_dependence();
                      b.measure(bytes, [&] {
                        multipliers.add_gradient(b.exec, b.problem, b.starts, 1.0, b.result);
                      });
                    }) &&
    register_kernel("constraint/difference/multipliers", [](auto& b) {
      auto multipliers = lagrangian(b);
      auto const& t = b.traffic;
      double const bytes =
          t.by_operation() + t.latency() + t.delay() + t.outgoing() + 2 * t.by_dependence();
      b.measure(bytes, [&] { multipliers.update(b.exec, b.problem, b.starts, 1.0); });
    });

}  // namespace
