// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GAUS_TEST_SPACES: the execution spaces that this Kokkos was built with, separated by commas, for
// TEST_CASE_TEMPLATE("name", Space, GAUS_TEST_SPACES).
#ifndef GAUS_TESTS_SUPPORT_SPACES_HPP
#define GAUS_TESTS_SUPPORT_SPACES_HPP

#include <Kokkos_Core.hpp>

#if defined(KOKKOS_ENABLE_CUDA)
#define GAUS_TEST_DEVICE Kokkos::Cuda
#elif defined(KOKKOS_ENABLE_HIP)
#define GAUS_TEST_DEVICE Kokkos::HIP
#endif

#if defined(KOKKOS_ENABLE_OPENMP)
#define GAUS_TEST_THREADS Kokkos::OpenMP
#elif defined(KOKKOS_ENABLE_THREADS)
#define GAUS_TEST_THREADS Kokkos::Threads
#endif

// A list without a leading or trailing comma, whichever of the three are there.
#if defined(KOKKOS_ENABLE_SERIAL) && defined(GAUS_TEST_THREADS) && defined(GAUS_TEST_DEVICE)
#define GAUS_TEST_SPACES Kokkos::Serial, GAUS_TEST_THREADS, GAUS_TEST_DEVICE
#elif defined(KOKKOS_ENABLE_SERIAL) && defined(GAUS_TEST_THREADS)
#define GAUS_TEST_SPACES Kokkos::Serial, GAUS_TEST_THREADS
#elif defined(KOKKOS_ENABLE_SERIAL) && defined(GAUS_TEST_DEVICE)
#define GAUS_TEST_SPACES Kokkos::Serial, GAUS_TEST_DEVICE
#elif defined(GAUS_TEST_THREADS) && defined(GAUS_TEST_DEVICE)
#define GAUS_TEST_SPACES GAUS_TEST_THREADS, GAUS_TEST_DEVICE
#elif defined(KOKKOS_ENABLE_SERIAL)
#define GAUS_TEST_SPACES Kokkos::Serial
#elif defined(GAUS_TEST_THREADS)
#define GAUS_TEST_SPACES GAUS_TEST_THREADS
#else
#error "Kokkos was built without a host execution space to compare with"
#endif

#endif
