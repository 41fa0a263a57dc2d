// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/peak_usage.hpp>
#include <support/evaluate.hpp>

namespace {

[[maybe_unused]] bool const registered = gaus_bench::register_objective(gaus::PeakUsage{});

}  // namespace
