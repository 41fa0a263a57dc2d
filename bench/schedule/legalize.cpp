// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/random_bits.hpp>
#include <gaus/schedule/legalize.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <span>
#include <vector>

namespace {

using namespace gaus_bench;

/// Rounds means that violate many dependences, and makes three legal schedules an offset of them.
void legalize(benchmark::State& state, Instance const& instance) {
  gaus::detail::RandomBits random(1);
  std::vector<float> means;
  for (std::size_t i = 0; i < instance.bounds.earliest.size(); ++i) {
    double const low = instance.bounds.earliest[i];
    means.push_back(static_cast<float>(low + random.unit() * (instance.bounds.latest[i] - low)));
  }
  measure_host(state, [&] {
    gaus::legal_candidates(
        instance.system, instance.bounds, std::span<float const>(means),
        [](std::vector<int> const& start) { benchmark::DoNotOptimize(start.data()); });
  });
  set_rates(state, instance);
}

[[maybe_unused]] bool const registered = [] {
  register_sizes("schedule/legalize", legalize, 1000000);
  return true;
}();

}  // namespace
