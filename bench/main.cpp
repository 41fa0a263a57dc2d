// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/version.hpp>
#include <support/spaces.hpp>
#include <benchmark/benchmark.h>
#include <build_flags.hpp>

#include <Kokkos_Core.hpp>
#include <fstream>
#include <string>

namespace {

/// The processor's name, where Linux tells.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

/// What executes a space: a device's name, or that of the processor.
template <class Space>
std::string hardware(Space const&) {
  return processor();
}
#ifdef KOKKOS_ENABLE_CUDA
std::string hardware(Kokkos::Cuda const& exec) { return exec.cuda_device_prop().name; }
#endif
#ifdef KOKKOS_ENABLE_HIP
std::string hardware(Kokkos::HIP const& exec) { return exec.hip_device_prop().name; }
#endif

/// The widest vector instructions that the compiler may use.
constexpr char const* vector_extensions() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#elif defined(__AVX__)
  return "AVX";
#elif defined(__SSE4_2__)
  return "SSE4.2";
#elif defined(__SSE2__)
  return "SSE2";
#elif defined(__ARM_FEATURE_SVE)
  return "SVE";
#elif defined(__ARM_NEON)
  return "NEON";
#else
  return "none known";
#endif
}

// A result without its machine is a rumour: all of this lands in the result file.
void add_context() {
  benchmark::AddCustomContext("gaus", GAUS_VERSION_STRING);
  benchmark::AddCustomContext("kokkos", std::to_string(KOKKOS_VERSION_MAJOR) + "." +
                                            std::to_string(KOKKOS_VERSION_MINOR) + "." +
                                            std::to_string(KOKKOS_VERSION_PATCH));
  gaus_bench::for_spaces([](auto type) {
    typename decltype(type)::type const exec;
    benchmark::AddCustomContext(
        std::string("execution_space ") + exec.name(),
        "concurrency " + std::to_string(exec.concurrency()) + ", " + hardware(exec));
  });
  benchmark::AddCustomContext("default_execution_space", Kokkos::DefaultExecutionSpace::name());
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", __VERSION__);
#else
  benchmark::AddCustomContext("compiler", "GCC " __VERSION__);
#endif
  benchmark::AddCustomContext("flags", GAUS_BENCH_FLAGS);
  benchmark::AddCustomContext("vector_extensions", vector_extensions());
}

}  // namespace

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  add_context();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
