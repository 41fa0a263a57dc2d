// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SCATTER_HPP
#define GAUS_DETAIL_SCATTER_HPP

#include <gaus/detail/accessible.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/lanes.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/detail/workspace.hpp>

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <type_traits>

// Sums that many operations make into few entries, with the same bits in any order and on any
// number of threads: contributions are 64-bit integers (value * 2^k). Three ways:
//
//   shares   on the host: each thread has a copy of its own, and no atomics are needed
//   scratch  on a device, where all entries fit into the scratch memory of a team: a team adds a
//            contiguous share of the contributors there, and flushes what is not zero to the one copy
//   atomics  on a device, else: every thread adds atomically into the one copy
namespace gaus::detail {

using Fixed = std::int64_t;

/// 2^k such that sums up to total stay below 2^61.
inline double fixed_scale(double total) {
  double scale = 1;
  double const room = 2305843009213693952.0;  // 2^61
  double const bound = total > 1e-300 ? total : 1.0;
  while (scale * bound < room / 2 && scale < 1e17) scale *= 2;
  while (scale * bound > room) scale /= 2;
  return scale;
}

/// The integer towards zero: one instruction, where rounding would be a library call.
template <class Real>
KOKKOS_INLINE_FUNCTION Fixed to_fixed(Real value, double scale) {
  return static_cast<Fixed>(static_cast<double>(value) * scale);
}

/// What one contributor adds to one entry. 32 bits do for a float, and they become vector code.
template <class Real>
using FixedShare = std::conditional_t<sizeof(Real) == 4, std::int32_t, Fixed>;

/// 2^k such that shares up to most and sums up to total fit.
template <class Real>
double fixed_scale(double total, double most) {
  double scale = fixed_scale(total);
  double const bound = most > 1e-300 ? most : 1.0;
  if (sizeof(Real) == 4)
    while (scale * bound > 1073741824.0) scale /= 2;  // 2^30
  return scale;
}

/// Copies of the entries, one row each.
template <class MemorySpace>
using FixedCopies = Kokkos::View<Fixed**, Kokkos::LayoutRight, MemorySpace>;

/// Zeroed copies for n contributors: one on a device, one a thread on the host. A copy is followed by
/// zeros, for lanes that lie beyond.
template <class ExecutionSpace, class MemorySpace>
FixedCopies<MemorySpace> fixed_copies(ExecutionSpace const& exec, Workspace<MemorySpace>& workspace,
                                      char const* label, int contributors, std::size_t entries) {
  int copies = 1;
  if constexpr (runs_on_host<ExecutionSpace>) {
    copies = contributors / (parallel_grain / 2);
    if (copies > exec.concurrency()) copies = exec.concurrency();
    if (copies < 1) copies = 1;
  }
  entries += static_cast<std::size_t>(lanes_of<MemorySpace>);
  auto const flat =
      workspace.template array<Fixed>(label, static_cast<std::size_t>(copies) * entries);
  zero_values(exec, flat);
  return FixedCopies<MemorySpace>(flat.data(), copies, entries);
}

/// What a body adds through: plain in a copy of its own, atomic in a shared one.
template <bool Atomic>
struct Adder {
  Fixed* copy;
  KOKKOS_FUNCTION void operator()(std::size_t entry, Fixed value) const {
    if constexpr (Atomic)
      Kokkos::atomic_add(copy + entry, value);
    else
      copy[entry] += value;
  }
  /// The same for N entries from a first one on.
  template <int N, class Share>
  KOKKOS_FUNCTION void lanes(std::size_t first, Share const (&values)[N]) const {
    if constexpr (Atomic) {
      for (int u = 0; u < N; ++u)
        if (values[u] != 0) Kokkos::atomic_add(copy + first + u, Fixed(values[u]));
    } else {
      Fixed* const to = copy + first;
      GAUS_LANE_LOOP
      for (int u = 0; u < N; ++u) to[u] += values[u];
    }
  }
};

/// One contiguous share of the contributors into one copy of either kind.
template <class Body, class MemorySpace>
struct ScatterShare {
  Body body;
  FixedCopies<MemorySpace> first;
  FixedCopies<MemorySpace> second;
  int contributors;
  void operator()(int copy) const {
    auto const total = static_cast<std::int64_t>(contributors);
    auto const shares = static_cast<std::int64_t>(first.extent(0));
    int const begin = static_cast<int>(total * copy / shares);
    int const end = static_cast<int>(total * (copy + 1) / shares);
    Adder<false> const add{&first(copy, 0)};
    Adder<false> const local{&second(copy, 0)};
    run_range([&](int i) { body(i, add, local); }, begin, end);
  }
};

/// One contributor a thread, atomically into the one copy of either kind.
template <class Body, class MemorySpace>
struct ScatterAtomic {
  Body body;
  FixedCopies<MemorySpace> first;
  FixedCopies<MemorySpace> second;
  KOKKOS_FUNCTION void operator()(int i) const {
    body(i, Adder<true>{first.data()}, Adder<true>{second.data()});
  }
};

/// Adds atomically into a copy in team scratch. Multiprocessors add 32 bits there at once, but 64
/// bits by a loop of compare-and-swap that crowds on few entries: so the halves are added apart. The
/// one addition that wraps the low half sees it and carries, so that the sum of all is exact.
struct ScratchAdder {
  std::uint32_t* low;
  std::uint32_t* high;
  KOKKOS_FUNCTION void operator()(std::size_t entry, Fixed value) const {
    auto const bits = static_cast<std::uint64_t>(value);
    auto const part = static_cast<std::uint32_t>(bits);
    auto rest = static_cast<std::uint32_t>(bits >> 32);
    if (part != 0) {
      std::uint32_t const before = Kokkos::atomic_fetch_add(low + entry, part);
      if (before > ~part) ++rest;  // what a small negative number takes off it gives back
    }
    if (rest != 0) Kokkos::atomic_add(high + entry, rest);
  }
  /// The same for N entries from a first one on.
  template <int N, class Share>
  KOKKOS_FUNCTION void lanes(std::size_t first, Share const (&values)[N]) const {
    for (int u = 0; u < N; ++u)
      if (values[u] != 0) (*this)(first + static_cast<std::size_t>(u), Fixed(values[u]));
  }
  /// The sum, once all have added.
  [[nodiscard]] KOKKOS_FUNCTION Fixed sum(std::size_t entry) const {
    return static_cast<Fixed>((static_cast<std::uint64_t>(high[entry]) << 32) | low[entry]);
  }
};

/// Halves of the entries of a team.
template <class ExecutionSpace>
using ScratchHalves = Kokkos::View<std::uint32_t*, typename ExecutionSpace::scratch_memory_space,
                                   Kokkos::MemoryTraits<Kokkos::Unmanaged>>;

/// A contiguous share of the contributors a team, by way of its scratch, into the one copy of either
/// kind. Flushing costs an atomic addition an entry that is not zero.
template <class ExecutionSpace, class Body, class MemorySpace>
struct ScatterTeam {
  using Member = typename Kokkos::TeamPolicy<ExecutionSpace>::member_type;
  Body body;
  FixedCopies<MemorySpace> first;
  FixedCopies<MemorySpace> second;  ///< may be the first
  int contributors;

  KOKKOS_FUNCTION void operator()(Member const& team) const {
    std::size_t const entries = first.extent(1);
    bool const two = first.data() != second.data();
    std::size_t const all = two ? 2 * entries : entries;
    ScratchHalves<ExecutionSpace> const halves(team.team_scratch(0), 2 * all);
    ScratchAdder const add{halves.data(), halves.data() + all};
    ScratchAdder const local = two ? ScratchAdder{add.low + entries, add.high + entries} : add;
    auto const rank = static_cast<std::size_t>(team.team_rank());
    auto const threads = static_cast<std::size_t>(team.team_size());
    for (std::size_t k = rank; k < 2 * all; k += threads) halves(k) = 0;
    team.team_barrier();
    auto const total = static_cast<std::int64_t>(contributors);
    int const begin = static_cast<int>(total * team.league_rank() / team.league_size());
    int const end = static_cast<int>(total * (team.league_rank() + 1) / team.league_size());
    for (int i = begin + team.team_rank(); i < end; i += team.team_size()) body(i, add, local);
    team.team_barrier();
    for (std::size_t k = rank; k < all; k += threads) {
      Fixed const sum = add.sum(k);
      if (sum != 0)
        Kokkos::atomic_add(k < entries ? first.data() + k : second.data() + (k - entries), sum);
    }
  }
};

/// Scratch that a team may take for its copies, 8 bytes an entry: a multiprocessor has room for
/// several such teams.
inline constexpr std::size_t most_scratch = std::size_t{32} << 10;

/// Scratch that a team needs for the entries of both kinds.
template <class ExecutionSpace, class MemorySpace>
std::size_t scratch_bytes(FixedCopies<MemorySpace> const& first,
                          FixedCopies<MemorySpace> const& second) {
  std::size_t const all = first.extent(1) * (first.data() != second.data() ? 2 : 1);
  return ScratchHalves<ExecutionSpace>::shmem_size(2 * all);
}

/// Whether threads that share a copy add by way of scratch: the entries fit, and are no more than the
/// contributors. Each of these adds to several, so that flushing saves.
template <class ExecutionSpace, class MemorySpace>
bool fits_scratch(ExecutionSpace const& exec, int contributors,
                  FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second) {
  std::size_t const bytes = scratch_bytes<ExecutionSpace>(first, second);
  if (bytes > most_scratch || bytes / sizeof(Fixed) > static_cast<std::size_t>(contributors))
    return false;
  Kokkos::TeamPolicy<ExecutionSpace> const policy(exec, 1, 1);
  return bytes <= static_cast<std::size_t>(policy.scratch_size_max(0));
}

/// Teams and threads of each for contributors that add by way of scratch.
struct ScatterTeams {
  int teams;
  int threads;
};

/// threads: as many as a team may have, concurrency: as many as run at once, entries: of a copy in
/// scratch. A team has as many contributors as threads and entries at least; there are no more teams than
/// run at once, as each one more flushes once more.
inline ScatterTeams scatter_teams(int contributors, std::size_t entries, int threads,
                                  int concurrency) {
  // Where copies are large, few teams share a multiprocessor: those have more threads then.
  int const most = entries > 1024 ? 256 : 128;
  if (threads > most) threads = most;
  if (threads < 1) threads = 1;
  auto const fewest = static_cast<std::size_t>(threads);
  int const each = static_cast<int>(entries > fewest ? entries : fewest);
  int teams = contributors / each;
  if (teams > concurrency / threads) teams = concurrency / threads;
  return {teams > 1 ? teams : 1, threads};
}

template <class ExecutionSpace, class Body, class MemorySpace>
void scatter_shares(char const* label, ExecutionSpace const& exec, int contributors,
                    FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second,
                    Body const& body) {
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<ExecutionSpace>(exec, 0, static_cast<int>(first.extent(0))),
      ScatterShare<Body, MemorySpace>{body, first, second, contributors});
}

template <class ExecutionSpace, class Body, class MemorySpace>
void scatter_atomics(char const* label, ExecutionSpace const& exec, int contributors,
                     FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second,
                     Body const& body) {
  Kokkos::parallel_for(label, direct_launch<ExecutionSpace>(exec, contributors),
                       ScatterAtomic<Body, MemorySpace>{body, first, second});
}

/// threads: a number, or Kokkos::AUTO.
template <class ExecutionSpace, class Threads>
auto scratch_launch(ExecutionSpace const& exec, int teams, Threads threads, std::size_t bytes) {
  Kokkos::TeamPolicy<ExecutionSpace> policy(exec, teams, threads);
  policy.set_scratch_size(0, Kokkos::PerTeam(static_cast<int>(bytes)));
  return Kokkos::Experimental::require(policy, direct_argument);
}

/// threads: of a team, AUTO among them.
template <class ExecutionSpace, class Body, class MemorySpace, class Threads>
void scatter_scratch(char const* label, ExecutionSpace const& exec, int teams, Threads threads,
                     int contributors, FixedCopies<MemorySpace> const& first,
                     FixedCopies<MemorySpace> const& second, Body const& body) {
  auto const bytes = scratch_bytes<ExecutionSpace>(first, second);
  Kokkos::parallel_for(
      label, scratch_launch(exec, teams, threads, bytes),
      ScatterTeam<ExecutionSpace, Body, MemorySpace>{body, first, second, contributors});
}

/// The same with as many teams and threads as suit the contributors.
template <class ExecutionSpace, class Body, class MemorySpace>
void scatter_scratch(char const* label, ExecutionSpace const& exec, int contributors,
                     FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second,
                     Body const& body) {
  auto const bytes = scratch_bytes<ExecutionSpace>(first, second);
  int const threads =
      scratch_launch(exec, 1, Kokkos::AUTO, bytes)
          .team_size_recommended(
              ScatterTeam<ExecutionSpace, Body, MemorySpace>{body, first, second, contributors},
              Kokkos::ParallelForTag());
  auto const split =
      scatter_teams(contributors, bytes / sizeof(Fixed), threads, exec.concurrency());
  scatter_scratch(label, exec, split.teams, split.threads, contributors, first, second, body);
}

/// Runs body(i, add, local) for every contributor i; each of the two sums into its own copies.
template <class ExecutionSpace, class Body, class MemorySpace>
void scatter(char const* label, ExecutionSpace const& exec, int contributors,
             FixedCopies<MemorySpace> const& first, FixedCopies<MemorySpace> const& second,
             Body const& body) {
  if constexpr (runs_on_host<ExecutionSpace>)
    scatter_shares(label, exec, contributors, first, second, body);
  else if (fits_scratch(exec, contributors, first, second))
    scatter_scratch(label, exec, contributors, first, second, body);
  else
    scatter_atomics(label, exec, contributors, first, second, body);
}

}  // namespace gaus::detail

#endif
