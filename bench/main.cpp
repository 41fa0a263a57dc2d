// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/version.hpp>
#include <benchmark/benchmark.h>

#include <Kokkos_Core.hpp>

#include <string>

namespace {

// A result without its machine is a rumour: all of this lands in the result file.
void add_context() {
  Kokkos::DefaultExecutionSpace const exec;
  benchmark::AddCustomContext("gaus", GAUS_VERSION_STRING);
  benchmark::AddCustomContext("kokkos", std::to_string(KOKKOS_VERSION_MAJOR) + "." +
                                            std::to_string(KOKKOS_VERSION_MINOR) + "." +
                                            std::to_string(KOKKOS_VERSION_PATCH));
  benchmark::AddCustomContext("execution_space", exec.name());
  benchmark::AddCustomContext("concurrency", std::to_string(exec.concurrency()));
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", __VERSION__);
#else
  benchmark::AddCustomContext("compiler", "GCC " __VERSION__);
#endif
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
