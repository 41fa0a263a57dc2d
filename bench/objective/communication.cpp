// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <support/evaluate.hpp>

namespace {

[[maybe_unused]] bool const registered = gaus_bench::register_objective(gaus::Communication{});

}  // namespace
