// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/scatter.hpp>
#include <gaus/detail/workspace.hpp>

#include <gaus/profile/liveness.hpp>
#include <gaus/profile/usage.hpp>

#include <support/problems.hpp>
#include <support/spaces.hpp>

#include <doctest/doctest.h>
#include <Kokkos_Core.hpp>
#include <cstdint>
#include <vector>

// The ways in which contributors are summed, each on every execution space: the same bits.
namespace {

using gaus::detail::Fixed;

/// Deterministic numbers of all sizes and both signs, so that halves of sums carry and borrow.
KOKKOS_FUNCTION Fixed number(std::uint64_t k) {
  std::uint64_t x = k * 0x9e3779b97f4a7c15u;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 32;
  return static_cast<Fixed>(x) >> (12 + x % 51);
}

/// Contributor i adds three numbers through the first adder and lanes of either size through the
/// second.
struct Numbers {
  std::size_t entries;
  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add, Add const& local) const {
    auto const k = static_cast<std::uint64_t>(i);
    for (std::uint64_t n = 0; n < 3; ++n) add((k * 7 + n * n) % entries, number(4 * k + n));
    Fixed values[4];
    for (std::uint64_t u = 0; u < 4; ++u) values[u] = u == k % 4 ? 0 : number(8 * k + u) >> 3;
    local.lanes(k % entries, values);
    std::int32_t small[4];
    for (std::uint64_t u = 0; u < 4; ++u)
      small[u] = static_cast<std::int32_t>(number(16 * k + u) % 1073741824);
    local.lanes(k * k % entries, small);
  }
};

/// Adds without any care, modulo 2^64.
struct Plain {
  std::uint64_t* sums;
  KOKKOS_FUNCTION void operator()(std::size_t entry, Fixed value) const {
    sums[entry] += static_cast<std::uint64_t>(value);
  }
  template <class Share>
  KOKKOS_FUNCTION void lanes(std::size_t from, Share const (&values)[4]) const {
    for (std::size_t u = 0; u < 4; ++u) (*this)(from + u, values[u]);
  }
};

/// The plain loop that all must agree with.
struct Sums {
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> second;

  Sums(int contributors, std::size_t entries)
      : first(entries + 8, 0), second(entries + 8, 0) {  // as many as lanes lie beyond at most
    for (int i = 0; i < contributors; ++i)
      Numbers{entries}(i, Plain{first.data()}, Plain{second.data()});
  }
};

/// The sum of all copies.
template <class MemorySpace>
std::vector<std::uint64_t> sum_of(gaus::detail::FixedCopies<MemorySpace> const& copies) {
  std::vector<std::uint64_t> sums(copies.extent(1), 0);
  Kokkos::View<Fixed*, MemorySpace> const flat(copies.data(), copies.size());
  auto const values = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), flat);
  for (std::size_t k = 0; k < values.extent(0); ++k)
    sums[k % copies.extent(1)] += static_cast<std::uint64_t>(values(k));
  return sums;
}

/// Copies for one sum of the numbers, and the choice between two kinds and one.
template <class Space>
class Scatter {
 public:
  using MemorySpace = typename Space::memory_space;
  using Copies = gaus::detail::FixedCopies<MemorySpace>;

  Scatter(Space const& exec, int contributors, std::size_t entries, bool two)
      : exec_(exec),
        entries_(entries),
        wanted_(contributors, entries),
        first_(gaus::detail::fixed_copies(exec, workspace_, "gaus_test::first", contributors,
                                          entries)),
        second_(two ? gaus::detail::fixed_copies(exec, workspace_, "gaus_test::second",
                                                 contributors, entries)
                    : first_) {}

  [[nodiscard]] Copies const& first() const { return first_; }
  [[nodiscard]] Copies const& second() const { return second_; }
  [[nodiscard]] Numbers numbers() const { return {entries_}; }

  /// Whether the sums are those of the loop; begins anew.
  bool check() {
    exec_.fence("gaus_test: sums");
    std::size_t const all = first_.extent(1);
    auto const first = sum_of(first_);
    auto const second = sum_of(second_);
    bool same = true;
    for (std::size_t k = 0; k < all; ++k) {
      std::uint64_t const a = k < wanted_.first.size() ? wanted_.first[k] : 0;
      std::uint64_t const b = k < wanted_.second.size() ? wanted_.second[k] : 0;
      if (first_.data() == second_.data())
        same = same && first[k] == a + b;
      else
        same = same && first[k] == a && second[k] == b;
    }
    for (auto const& copies : {first_, second_})
      gaus::detail::zero_values(exec_,
                                Kokkos::View<Fixed*, MemorySpace>(copies.data(), copies.size()));
    return same;
  }

 private:
  Space exec_;
  std::size_t entries_;
  Sums wanted_;
  gaus::Workspace<MemorySpace> workspace_;
  Copies first_;
  Copies second_;
};

/// Entries of either kind such that two kinds take all of the scratch.
template <class Space>
constexpr std::size_t most_entries =
    gaus::detail::most_scratch / (2 * sizeof(Fixed)) - 1 -
    static_cast<std::size_t>(gaus::detail::lanes_of<typename Space::memory_space>);

TEST_CASE_TEMPLATE("scatter: copies, atomics and scratch give the same bits", Space,
                   GAUS_TEST_SPACES) {
  Space const exec;
  constexpr auto label = "gaus::test::scatter";
  for (std::size_t const entries : {std::size_t{1}, std::size_t{13}, most_entries<Space>})
    for (int const contributors : {0, 1, 5, 20000})
      for (bool const two : {true, false}) {
        CAPTURE(entries);
        CAPTURE(contributors);
        CAPTURE(two);
        Scatter<Space> test(exec, contributors, entries, two);
        auto const& a = test.first();
        auto const& b = test.second();
        Numbers const body = test.numbers();
        if constexpr (gaus::detail::runs_on_host<Space>) {
          gaus::detail::scatter_shares(label, exec, contributors, a, b, body);
          CHECK(test.check());
        }
        gaus::detail::scatter_atomics(label, exec, contributors, a, b, body);
        CHECK(test.check());
        gaus::detail::scatter_scratch(label, exec, contributors, a, b, body);
        CHECK(test.check());
        for (int const teams : {1, 3, 64}) {
          CAPTURE(teams);
          gaus::detail::scatter_scratch(label, exec, teams, Kokkos::AUTO, contributors, a, b, body);
          CHECK(test.check());
          gaus::detail::scatter_scratch(label, exec, teams, 1, contributors, a, b, body);
          CHECK(test.check());
        }
        gaus::detail::scatter(label, exec, contributors, a, b, body);
        CHECK(test.check());
      }
}

/// The sums of a kernel of the library, atomically and by way of scratch in several teams.
template <class Space, class Body>
bool same_sums(Space const& exec, int contributors, std::size_t entries, Body const& body) {
  using MemorySpace = typename Space::memory_space;
  constexpr auto label = "gaus::test::scatter";
  std::vector<std::vector<std::uint64_t>> sums;
  for (int const teams : {0, 1, 5}) {
    gaus::Workspace<MemorySpace> workspace;
    auto const first =
        gaus::detail::fixed_copies(exec, workspace, "gaus_test::first", contributors, entries);
    auto const second =
        gaus::detail::fixed_copies(exec, workspace, "gaus_test::second", contributors, entries);
    if (teams == 0)
      gaus::detail::scatter_atomics(label, exec, contributors, first, second, body);
    else
      gaus::detail::scatter_scratch(label, exec, teams, Kokkos::AUTO, contributors, first, second,
                                    body);
    exec.fence("gaus_test: sums");
    auto all = sum_of(first);
    auto const local = sum_of(second);
    all.insert(all.end(), local.begin(), local.end());
    sums.push_back(all);
    if constexpr (gaus::detail::runs_on_host<Space>) {
      for (auto const& copies : {first, second})
        gaus::detail::zero_values(exec,
                                  Kokkos::View<Fixed*, MemorySpace>(copies.data(), copies.size()));
      gaus::detail::scatter_shares(label, exec, contributors, first, second, body);
      exec.fence("gaus_test: sums");
      all = sum_of(first);
      auto const shares = sum_of(second);
      all.insert(all.end(), shares.begin(), shares.end());
      sums.push_back(all);
    }
  }
  std::uint64_t any = 0;
  for (auto const sum : sums[0]) any |= sum;
  bool same = any != 0;
  for (auto const& one : sums) same = same && one == sums[0];
  return same;
}

template <class Space, class Real>
void check_profiles(int interval) {
  using MemorySpace = typename Space::memory_space;
  using G = gaus::DependenceGraph<MemorySpace>;
  constexpr int lanes = gaus::detail::lanes_of<MemorySpace>;
  Space const exec;
  auto const test = gaus_test::random_problem({.operations = 60, .interval = interval, .seed = 5});
  auto const problem = gaus_test::make_problem<MemorySpace>(test);
  auto const starts = gaus_test::make_starts<Real, MemorySpace>(test);
  int const n = problem.graph.num_operations();
  int const classes = problem.graph.num_resources();
  int const stride = (problem.horizon() + lanes) / lanes * lanes;
  double const usage = gaus::detail::fixed_scale<Real>(2 * problem.total_units, problem.most_units);
  double const live = gaus::detail::fixed_scale<Real>(2 * problem.total_size, problem.most_size);
  CHECK(same_sums(exec, n, gaus_test::at(classes * stride),
                  gaus::detail::UsageScatter<G, Real, gaus::detail::FixedShare<Real>>{
                      problem, starts, stride, -1, classes, false, usage}));
  CHECK(same_sums(exec, n, gaus_test::at(stride),
                  gaus::detail::LivenessScatter<G, Real>{{problem, starts}, stride, live}));
}

TEST_CASE_TEMPLATE("scatter: profiles have the same bits on every path", Space, GAUS_TEST_SPACES) {
  for (int const interval : {0, 5}) {
    CAPTURE(interval);
    check_profiles<Space, float>(interval);
    check_profiles<Space, double>(interval);
  }
}

TEST_CASE_TEMPLATE("scatter: by way of scratch where entries fit and contributors are many", Space,
                   GAUS_TEST_SPACES) {
  Space const exec;
  gaus::Workspace<typename Space::memory_space> workspace;
  auto const fits = [&](int contributors, std::size_t first, std::size_t second) {
    auto const copies = [&](std::size_t entries) {
      return gaus::detail::fixed_copies(exec, workspace, "gaus_test::copies", contributors,
                                        entries);
    };
    auto const a = copies(first);
    return gaus::detail::fits_scratch(exec, contributors, a, second > 0 ? copies(second) : a);
  };
  std::size_t const most = most_entries<Space>;
  CHECK(fits(100000, most, most));
  CHECK(fits(100000, 2 * most, 0));  // one kind
  CHECK_FALSE(fits(100000, most + 2, most + 2));
  CHECK_FALSE(fits(100000, 2 * most + 20, 0));
  CHECK_FALSE(fits(100000, 1000000, 1000000));
  CHECK_FALSE(fits(1000, most, most));  // fewer contributors than entries
  CHECK_FALSE(fits(0, 10, 10));
  CHECK(fits(100, 10, 10));
}

TEST_CASE("scatter: teams flush no more entries than they have contributors") {
  for (int const contributors : {1, 127, 3000, 1000000, 2000000000})
    for (std::size_t const entries : {std::size_t{1}, std::size_t{100}, std::size_t{4096}})
      for (int const threads : {1, 64, 1024})
        for (int const concurrency : {1, 2, 270336}) {
          CAPTURE(contributors);
          CAPTURE(entries);
          CAPTURE(threads);
          CAPTURE(concurrency);
          auto const split =
              gaus::detail::scatter_teams(contributors, entries, threads, concurrency);
          CHECK(split.teams >= 1);
          CHECK(split.threads >= 1);
          CHECK(split.threads <= threads);
          if (split.teams == 1) continue;
          CHECK(split.teams * split.threads <= concurrency);
          CHECK(contributors / split.teams >= split.threads);
          CHECK(static_cast<std::size_t>(contributors / split.teams) >= entries);
        }
  // As many teams as the device runs at once, where there is enough to do.
  auto const large = gaus::detail::scatter_teams(100000000, 4096, 1024, 270336);
  CHECK(large.teams == 1056);
  CHECK(large.threads == 256);
  auto const small = gaus::detail::scatter_teams(3000, 120, 1024, 270336);
  CHECK(small.teams == 23);
  CHECK(small.threads == 128);
}

}  // namespace
