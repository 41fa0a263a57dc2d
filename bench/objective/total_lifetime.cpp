// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/total_lifetime.hpp>
#include <support/kernel.hpp>

namespace {

[[maybe_unused]] bool const registered =
    gaus_bench::register_objective(gaus::TotalLifetime{}, [](gaus_bench::Traffic const& t) {
      return t.starts() + t.gradients() + t.latency() + t.sizes() + t.outgoing();
    });

}  // namespace
