// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ARRAYS_HPP
#define GAUS_DETAIL_ARRAYS_HPP

#include <gaus/detail/accessible.hpp>

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

// Arrays of a memory space: allocated, zeroed and copied, byte by byte.
//
// Kokkos::deep_copy does all of this, but each pair of view types that it is called with brings four
// kernels or more for layouts that never occur here, a quarter of a second of the compiler's time.
namespace gaus::detail {

/// Kernels have ended when their launch returns, so that the host may go on with what they wrote.
template <class ExecutionSpace>
inline constexpr bool ends_at_launch = false;
#ifdef KOKKOS_ENABLE_SERIAL
template <>
inline constexpr bool ends_at_launch<Kokkos::Serial> = true;
#endif
#ifdef KOKKOS_ENABLE_OPENMP
template <>
inline constexpr bool ends_at_launch<Kokkos::OpenMP> = true;
#endif

/// A share of the bytes to move; zeros where there is nothing to copy from.
struct MoveBytes {
  static constexpr std::size_t share = std::size_t{1} << 16;
  std::byte* to;
  std::byte const* from;
  std::size_t bytes;

  void operator()(int k) const {
    std::size_t const first = static_cast<std::size_t>(k) * share;
    std::size_t const count = bytes - first < share ? bytes - first : share;
    if (from)
      std::memcpy(to + first, from + first, count);
    else
      std::memset(to + first, 0, count);
  }
};

/// Moves bytes in host memory. Fewer than four threads are no faster at it than one.
template <class ExecutionSpace>
void move_bytes(ExecutionSpace const& exec, void* to, void const* from, std::size_t bytes) {
  if (bytes == 0 || to == from) return;
  MoveBytes const move{static_cast<std::byte*>(to), static_cast<std::byte const*>(from), bytes};
  int const shares = static_cast<int>((bytes + MoveBytes::share - 1) / MoveBytes::share);
  if (shares > 2 && exec.concurrency() >= 4)
    Kokkos::parallel_for("gaus::move_bytes", Kokkos::RangePolicy<ExecutionSpace>(exec, 0, shares),
                         move);
  else
    for (int k = 0; k < shares; ++k) move(k);
}

template <class MemorySpace>
using Bytes = Kokkos::View<std::byte*, MemorySpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;
template <class MemorySpace>
using ConstBytes =
    Kokkos::View<std::byte const*, MemorySpace, Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// Copies all entries between contiguous arrays of one size, in the order of exec's kernels. Like a
/// kernel, it need not have ended when this returns.
template <class ExecutionSpace, class To, class From>
void copy_values(ExecutionSpace const& exec, To const& to, From const& from) {
  using Value = typename To::non_const_value_type;
  using ToSpace = typename To::memory_space;
  using FromSpace = typename From::memory_space;
  static_assert(std::is_same_v<Value, typename From::non_const_value_type>);
  std::size_t const bytes = from.size() * sizeof(Value);
  if (bytes == 0) return;  // Kokkos would wait
  if constexpr (ends_at_launch<ExecutionSpace> && host_readable<ToSpace> &&
                host_readable<FromSpace>)
    move_bytes(exec, to.data(), from.data(), bytes);
  else
    Kokkos::deep_copy(
        exec, Bytes<ToSpace>(reinterpret_cast<std::byte*>(to.data()), bytes),
        ConstBytes<FromSpace>(reinterpret_cast<std::byte const*>(from.data()), bytes));
}

/// Sets all entries of a contiguous array to zero, in the order of exec's kernels.
template <class ExecutionSpace, class Array>
void zero_values(ExecutionSpace const& exec, Array const& array) {
  using MemorySpace = typename Array::memory_space;
  std::size_t const bytes = array.size() * sizeof(typename Array::non_const_value_type);
  if (bytes == 0) return;  // Kokkos would wait
  if constexpr (ends_at_launch<ExecutionSpace> && host_readable<MemorySpace>)
    move_bytes(exec, array.data(), nullptr, bytes);
  else
    Kokkos::deep_copy(exec, Bytes<MemorySpace>(reinterpret_cast<std::byte*>(array.data()), bytes),
                      std::byte{0});
}

/// Copies bytes from a memory space to another. Waits for them.
template <class To, class From>
void copy_bytes(void* to, void const* from, std::size_t bytes) {
  if (bytes == 0) return;
  if constexpr (host_readable<To> && host_readable<From>)
    std::memcpy(to, from, bytes);
  else
    Kokkos::deep_copy(Bytes<To>(static_cast<std::byte*>(to), bytes),
                      ConstBytes<From>(static_cast<std::byte const*>(from), bytes));
}

/// A labelled array of zeros. Waits for them.
template <class Array, class... Extents>
Array zeros(char const* label, Extents... extents) {
  using MemorySpace = typename Array::memory_space;
  Array const array(Kokkos::view_alloc(std::string(label), Kokkos::WithoutInitializing),
                    extents...);
  std::size_t const bytes = array.size() * sizeof(typename Array::value_type);
  if constexpr (host_readable<MemorySpace>) {
    if (bytes > 0) std::memset(static_cast<void*>(array.data()), 0, bytes);
  } else {
    Kokkos::deep_copy(Bytes<MemorySpace>(reinterpret_cast<std::byte*>(array.data()), bytes),
                      std::byte{0});
  }
  return array;
}

/// Copies a vector into a labelled array of a memory space. Waits for the copy.
template <class MemorySpace, class T>
Kokkos::View<T const*, MemorySpace> make_array(std::string const& label, std::vector<T> const& v) {
  Kokkos::View<T*, MemorySpace> array(Kokkos::view_alloc(label, Kokkos::WithoutInitializing),
                                      v.size());
  copy_bytes<MemorySpace, Kokkos::HostSpace>(array.data(), v.data(), v.size() * sizeof(T));
  return array;
}

}  // namespace gaus::detail

#endif
