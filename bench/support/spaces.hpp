// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_SPACES_HPP
#define GAUS_BENCH_SUPPORT_SPACES_HPP

#include <Kokkos_Core.hpp>
#include <string>

// What kernels are measured on: every execution space that this Kokkos has, in float and double.
namespace gaus_bench {

/// A type as a value: what is registered before Kokkos has begun must not make an instance.
template <class T>
struct Type {
  using type = T;
};

/// Calls visit(Type<Space>{}) for every execution space.
template <class Visit>
void for_spaces(Visit const& visit) {
#ifdef KOKKOS_ENABLE_SERIAL
  visit(Type<Kokkos::Serial>{});
#endif
#ifdef KOKKOS_ENABLE_OPENMP
  visit(Type<Kokkos::OpenMP>{});
#endif
#ifdef KOKKOS_ENABLE_THREADS
  visit(Type<Kokkos::Threads>{});
#endif
#ifdef KOKKOS_ENABLE_CUDA
  visit(Type<Kokkos::Cuda>{});
#endif
#ifdef KOKKOS_ENABLE_HIP
  visit(Type<Kokkos::HIP>{});
#endif
#ifdef KOKKOS_ENABLE_SYCL
  visit(Type<Kokkos::SYCL>{});
#endif
}

/// An execution space with the scalar type of the relaxation.
template <class SpaceType, class RealType>
struct Variant {
  using Space = SpaceType;
  using Real = RealType;
  using MemorySpace = typename Space::memory_space;

  /// As in names of benchmarks: OpenMP/float.
  static std::string name() {
    return std::string(Space::name()) + (sizeof(Real) == 4 ? "/float" : "/double");
  }
};

/// Calls visit(Variant<Space, Real>{}) for all of them.
template <class Visit>
void for_variants(Visit const& visit) {
  for_spaces([&](auto type) {
    using Space = typename decltype(type)::type;
    visit(Variant<Space, float>{});
    visit(Variant<Space, double>{});
  });
}

}  // namespace gaus_bench

#endif
