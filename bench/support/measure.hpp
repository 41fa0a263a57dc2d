// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_MEASURE_HPP
#define GAUS_BENCH_SUPPORT_MEASURE_HPP

#include <support/instances.hpp>

#include <benchmark/benchmark.h>
#include <Kokkos_Core.hpp>
#include <algorithm>
#include <limits>
#include <string>

// How it is measured: wall time between two fences of the instance, and rates beside it.
//
//   operations/s, dependences/s   of the graph, an iteration or call counting once
//   bytes/s                       compulsory bytes (support/traffic.hpp)
//   of_copy                       that rate as a share of what a plain copy reaches in the same run,
//                                 on the same execution space with the same threads
//
// Names are SUBJECT/SPACE/SCALAR/INSTANCE, without space and scalar where neither matters. Those
// that end in "/large" take long or need much memory; the smoke test skips them.
namespace gaus_bench {

/// Seconds that body() takes on the instance, launches and completion.
template <class Space, class Body>
double seconds_of(Space const& exec, Body&& body) {
  exec.fence("gaus_bench: before");
  Kokkos::Timer const timer;
  body();
  exec.fence("gaus_bench: after");
  return timer.seconds();
}

template <class MemorySpace>
struct CopyKernel {
  Kokkos::View<double const*, MemorySpace> from;
  Kokkos::View<double*, MemorySpace> to;
  KOKKOS_FUNCTION void operator()(int i) const { to(i) = from(i); }
};

/// Bytes a second, read and written, of a copy of 128 MiB: the best of ten, once a process.
template <class Space>
double copy_bandwidth() {
  static double const best = [] {
    using MemorySpace = typename Space::memory_space;
    Space const exec;
    int const n = 16 << 20;
    Kokkos::View<double*, MemorySpace> const from("gaus_bench::copy_from", n);
    Kokkos::View<double*, MemorySpace> const to("gaus_bench::copy_to", n);
    double least = std::numeric_limits<double>::infinity();
    for (int k = 0; k < 10; ++k)
      least = std::min(least, seconds_of(exec, [&] {
                         Kokkos::parallel_for("gaus_bench::copy",
                                              Kokkos::RangePolicy<Space>(exec, 0, n),
                                              CopyKernel<MemorySpace>{from, to});
                       }));
    return 16.0 * n / least;
  }();
  return best;
}

/// A counter that is a rate when value counts once an iteration.
inline benchmark::Counter rate(double value) {
  return {value, benchmark::Counter::kIsIterationInvariantRate};
}

/// Rates of a benchmark that goes once through the graph an iteration.
inline void set_rates(benchmark::State& state, Instance const& instance) {
  state.counters["steps"] = instance.steps();
  state.counters["operations/s"] = rate(instance.operations());
  state.counters["dependences/s"] = rate(instance.dependences());
}

/// Rates of so many compulsory bytes an iteration, in so many seconds, against a copy's bandwidth.
inline void set_traffic(benchmark::State& state, double seconds, double bytes, double bandwidth) {
  if (seconds <= 0) return;
  state.counters["bytes/s"] = rate(bytes);
  state.counters["of_copy"] = bytes / seconds / bandwidth;
}

/// Measures body() until the benchmark has had enough; seconds each.
template <class Space, class Body>
double measure(benchmark::State& state, Space const& exec, Body&& body) {
  double total = 0;
  for (auto _ : state) {
    double const seconds = seconds_of(exec, body);
    total += seconds;
    state.SetIterationTime(seconds);
  }
  return total / static_cast<double>(std::max<benchmark::IterationCount>(1, state.iterations()));
}

/// The same for work of the calling thread.
template <class Body>
void measure_host(benchmark::State& state, Body&& body) {
  for (auto _ : state) {
    Kokkos::Timer const timer;
    body();
    state.SetIterationTime(timer.seconds());
  }
}

/// The end of a benchmark's name.
inline std::string size_name(int operations) {
  return "/operations:" + std::to_string(operations) + (operations > 1000 ? "/large" : "");
}

/// function(state, instance) for generated graphs of 100 to so many operations.
template <class Function>
void register_sizes(std::string const& name, Function const& function, int largest) {
  for (int n = 100; n <= largest; n *= 10)
    benchmark::RegisterBenchmark((name + size_name(n)).c_str(),
                                 [=](benchmark::State& state) { function(state, layered(n)); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

/// Calls visit(name) for the generated deep graph, and for the EPFL divider where its file is there.
template <class Visit>
void for_circuits(Visit const& visit) {
  visit(std::string("deep"));
  if (!data_file("epfl/div.aig").empty()) visit(std::string("div"));
}

}  // namespace gaus_bench

#endif
