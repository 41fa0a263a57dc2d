// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A program of somebody else, which both consumer projects build.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  std::printf("gaus %s on %s\n", GAUS_VERSION_STRING, Kokkos::DefaultExecutionSpace::name());
}
