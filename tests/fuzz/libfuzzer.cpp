// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The way from libFuzzer to a target. Compiled once for the readers and, with GAUS_FUZZ_SOLVES, once
// for the solves; each executable says which target it runs.
#if GAUS_FUZZ_SOLVES
#include <fuzz/solves.hpp>
#else
#include <fuzz/readers.hpp>
#endif

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern char const* const gaus_fuzz_target;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  Kokkos::InitializationSettings settings;
  settings.set_num_threads(1);
  settings.set_disable_warnings(true);
  Kokkos::initialize(settings);
  std::atexit([] { Kokkos::finalize(); });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
#if GAUS_FUZZ_SOLVES
  auto const& targets = gaus_fuzz::solves;
#else
  auto const& targets = gaus_fuzz::readers;
#endif
  for (auto const& target : targets)
    if (target.name == std::string_view(gaus_fuzz_target))
      target.run({reinterpret_cast<char const*>(data), size});
  return 0;
}
