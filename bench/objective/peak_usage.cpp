// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/peak_usage.hpp>
#include <support/kernel.hpp>

namespace {

[[maybe_unused]] bool const registered =
    gaus_bench::register_objective(gaus::PeakUsage{}, [](gaus_bench::Traffic const& t) {
      return t.starts() + t.gradients() + t.usage() + 4 * t.profile(t.classes());
    });

}  // namespace
