// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <support/descent.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <Kokkos_Core.hpp>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <string>

// Memory of a descent, layered graphs, two dependences an operation:
//
//   graph_bytes/operation    the problem where kernels read it: graph and bounds
//   descent_bytes/operation  what a descent adds: start steps, gradients, moments, multipliers,
//                            profiles
//   peak_resident            of the process, from before the graph is generated until iterations have
//                            been made, libraries and host-side copies included (Linux)
//
// Arrays are counted as Kokkos allocates them in the memory space of the kernels.
namespace {

using namespace gaus_bench;
namespace Tools = Kokkos::Tools::Experimental;

/// Bytes that Kokkos allocates in each memory space, while one of these lives.
class LiveBytes {
 public:
  LiveBytes() : before_(Tools::get_callbacks()) {
    live_.clear();
    Tools::set_allocate_data_callback(
        [](Handle space, char const*, void const*, std::uint64_t size) {
          live_[space.name] += double(size);
        });
    Tools::set_deallocate_data_callback(
        [](Handle space, char const*, void const*, std::uint64_t size) {
          live_[space.name] -= double(size);
        });
  }
  ~LiveBytes() { Tools::set_callbacks(before_); }
  LiveBytes(LiveBytes const&) = delete;
  LiveBytes& operator=(LiveBytes const&) = delete;

  [[nodiscard]] double in(std::string const& space) const { return live_[space]; }

 private:
  using Handle = Kokkos::Tools::SpaceHandle;
  static inline std::map<std::string, double> live_;  // callbacks carry no state
  Tools::EventSet before_;
};

/// Where Linux counts the largest resident set from, for this process: from now on.
void reset_peak_resident() { std::ofstream("/proc/self/clear_refs") << "5"; }

/// The largest resident set in bytes; 0 where it is not known.
double peak_resident() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) return 1024 * kibibytes;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

void memory(benchmark::State& state, DescentVariant const& variant, Goal goal, int operations) {
  drop_instances();
  reset_peak_resident();
  LiveBytes const live;
  Instance const instance = make_instance(Shape::layered, operations);
  double const graph = live.in(Kokkos::HostSpace::name());
  auto const descent = variant.make(instance, goal, Spreads::two);
  for (auto _ : state) state.SetIterationTime(descent->next());
  double const all = live.in(variant.memory_space);  // with the graph: the host's or a copy
  state.counters["steps"] = instance.steps();
  state.counters["graph_bytes/operation"] = graph / operations;
  state.counters["descent_bytes/operation"] = (all - graph) / operations;
  if (double const resident = peak_resident(); resident > 0)
    state.counters["peak_resident"] = resident;
}

[[maybe_unused]] bool const registered = [] {
  for (Goal const goal : {Goal::a, Goal::b})
    for (auto const& variant : descent_variants())
      for (int n = 1000; n <= 10000000; n *= 10)
        benchmark::RegisterBenchmark(
            (std::string("memory/") + name_of(goal) + "/" + variant.name + size_name(n)).c_str(),
            [=](benchmark::State& state) { memory(state, variant, goal, n); })
            ->Iterations(takes_long(n) ? 1 : 3)
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
  return true;
}();

}  // namespace
