// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/objective.hpp>

#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <doctest/doctest.h>
#include <string>

namespace {

/// The least that is an objective.
struct Least {
  static constexpr char const* name = "least";
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const&) const {}
  template <class G>
  int exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};
struct NoExact : Least {
  void exact() const {}
};
struct NoEvaluate : Least {
  void evaluate() const {}
};
struct NotConst {
  static constexpr char const* name = "not_const";
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const&) {}
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};
struct Nameless {
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const&, gaus::Problem<G> const&,
                gaus::StartSteps<Real, typename G::memory_space> const&,
                gaus::Evaluation<Real, typename G::memory_space> const&) const {}
  template <class G>
  double exact(gaus::Problem<G> const&, std::span<int const>) const {
    return 0;
  }
};

using Space = Kokkos::DefaultExecutionSpace;
using G = gaus::DependenceGraph<Space::memory_space>;
template <class Policy, class Real = double>
inline constexpr bool is_objective = gaus::Objective<Policy, Space, G, Real>;

TEST_CASE("objective: what ships is one, in float and in double") {
  static_assert(is_objective<gaus::Communication> && is_objective<gaus::Communication, float>);
  static_assert(is_objective<gaus::Makespan> && is_objective<gaus::Makespan, float>);
  static_assert(is_objective<gaus::MemoryFootprint> && is_objective<gaus::MemoryFootprint, float>);
  static_assert(is_objective<gaus::PeakUsage> && is_objective<gaus::PeakUsage, float>);
  static_assert(is_objective<gaus::TotalLifetime> && is_objective<gaus::TotalLifetime, float>);
  using Sum = decltype(2.0 * gaus::PeakUsage{} + gaus::Communication{});
  static_assert(is_objective<Sum> && is_objective<Sum, float>);
  // The names that the program's expressions know.
  CHECK(std::string(gaus::PeakUsage::name) == "usage");
  CHECK(std::string(gaus::MemoryFootprint::name) == "memory");
  CHECK(std::string(gaus::TotalLifetime::name) == "lifetime");
  CHECK(std::string(gaus::Communication::name) == "communication");
  CHECK(std::string(gaus::Makespan::name) == "makespan");
}

TEST_CASE("objective: what the concept asks for, and what it does not let pass") {
  static_assert(is_objective<Least> && is_objective<Least, float>);
  static_assert(!is_objective<NoExact>);
  static_assert(!is_objective<NoEvaluate>);
  static_assert(!is_objective<NotConst>);
  static_assert(!is_objective<Nameless>);
  static_assert(!is_objective<int>);
  static_assert(gaus::Named<Least> && !gaus::Named<Nameless>);
  gaus::check_objective<Least, Space, G, double>();
}

}  // namespace
