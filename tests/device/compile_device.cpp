// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instantiates the library's kernels for the device, for the compiler's sake: never run.
#include <gaus/version.hpp>

#include <Kokkos_Core.hpp>

namespace {

struct Fill {
  Kokkos::View<int*> values;
  KOKKOS_FUNCTION void operator()(int i) const { values(i) = GAUS_VERSION_MINOR; }
};

}  // namespace

void compile_fill(Kokkos::DefaultExecutionSpace const& exec, Kokkos::View<int*> const& values) {
  Kokkos::parallel_for(
      "gaus::test::fill",
      Kokkos::RangePolicy<Kokkos::DefaultExecutionSpace>(exec, 0, values.extent_int(0)),
      Fill{values});
}
