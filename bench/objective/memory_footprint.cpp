// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/memory_footprint.hpp>
#include <support/kernel.hpp>

namespace {

[[maybe_unused]] bool const registered =
    gaus_bench::register_objective(gaus::MemoryFootprint{}, [](gaus_bench::Traffic const& t) {
      return t.starts() + t.gradients() + t.latency() + t.sizes() + t.outgoing() + 4 * t.profile(1);
    });

}  // namespace
