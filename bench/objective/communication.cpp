// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective/communication.hpp>
#include <support/kernel.hpp>

namespace {

[[maybe_unused]] bool const registered = gaus_bench::register_objective(
    gaus::Communication{},
    [](gaus_bench::Traffic const& t) { return t.starts() + t.gradients() + t.net_weight(); });

}  // namespace
