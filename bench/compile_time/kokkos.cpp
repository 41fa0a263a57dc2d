// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a program that uses Kokkos pays already: a part of the other two.
#include <Kokkos_Core.hpp>
