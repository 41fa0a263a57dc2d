// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_KERNEL_HPP
#define GAUS_BENCH_SUPPORT_KERNEL_HPP

#include <gaus/detail/workspace.hpp>
#include <gaus/evaluation.hpp>
#include <gaus/problem.hpp>
#include <gaus/start_steps.hpp>
#include <support/measure.hpp>
#include <support/spaces.hpp>
#include <support/traffic.hpp>

#include <benchmark/benchmark.h>
#include <string>

namespace gaus_bench {

/// What one kernel works on: an instance where its execution space reads it, all means in the middle
/// of their windows, all spreads two steps.
template <class V>
struct KernelBench {
  using Space = typename V::Space;
  using Real = typename V::Real;
  using MemorySpace = typename V::MemorySpace;
  using Workspace = gaus::Workspace<MemorySpace>;

  benchmark::State& state;
  Instance const& instance;
  Space exec{};
  gaus::Problem<DeviceGraph<MemorySpace>> problem = problem_on<MemorySpace>(instance);
  gaus::StartSteps<Real, MemorySpace> starts = middle<Real, MemorySpace>(instance);
  Workspace workspace{};
  gaus::Evaluation<Real, MemorySpace> result =
      gaus::make_evaluation<Real>(instance.operations(), workspace);
  Traffic traffic{instance, sizeof(Real)};

  /// Measures body(), which must move so many bytes.
  template <class Body>
  void measure(double bytes, Body const& body) {
    set_rates(state, instance);
    measure_bytes(bytes, body);
  }
  /// The same for a body that works on a curve alone, of so many entries.
  template <class Body>
  void measure_curve(int entries, double bytes, Body const& body) {
    state.counters["entries/s"] = rate(entries);
    measure_bytes(bytes, body);
  }

 private:
  template <class Body>
  void measure_bytes(double bytes, Body const& body) {
    double const seconds = gaus_bench::measure(state, exec, [&] {
      workspace.rewind();
      body();
    });
    set_traffic(state, seconds, bytes, copy_bandwidth<Space>());
  }
};

/// body(bench) on a KernelBench of every execution space, scalar type and size, under a name.
template <class Body>
bool register_kernel(std::string const& name, Body const& body) {
  for_variants([&](auto variant) {
    register_sizes(
        name + "/" + variant.name(),
        [=](benchmark::State& state, Instance const& instance) {
          KernelBench<decltype(variant)> bench{state, instance};
          body(bench);
        },
        10000000);
  });
  return true;
}

/// The same for what works on curves alone, in double: no scalar type in the name.
template <class Body>
bool register_curve_kernel(std::string const& name, Body const& body) {
  for_spaces([&](auto type) {
    using V = Variant<typename decltype(type)::type, double>;
    register_sizes(
        name + "/" + V::Space::name(),
        [=](benchmark::State& state, Instance const& instance) {
          KernelBench<V> bench{state, instance};
          body(bench);
        },
        10000000);
  });
  return true;
}

/// Value and gradient of an objective, under "objective/NAME". bytes(traffic): what it must move.
template <class Objective, class Bytes>
bool register_objective(Objective const& objective, Bytes const& bytes) {
  return register_kernel(std::string("objective/") + Objective::name, [=](auto& bench) {
    bench.measure(bytes(bench.traffic), [&] {
      objective.evaluate(bench.exec, bench.problem, bench.starts, bench.result);
    });
  });
}

}  // namespace gaus_bench

#endif
