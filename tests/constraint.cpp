// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint.hpp>

#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <doctest/doctest.h>
#include <string>

namespace {

/// The least that is a constraint.
struct Least {
  static constexpr char const* name = "least";
  template <class G>
  int size(gaus::Problem<G> const&) const {
    return 0;
  }
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real*, typename G::memory_space> const&) const {}
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const&, gaus::Problem<G> const&,
                 gaus::StartSteps<Real, typename G::memory_space> const&,
                 Kokkos::View<Real const*, typename G::memory_space> const&,
                 gaus::Evaluation<Real, typename G::memory_space> const&) const {}
  template <class G>
  std::vector<gaus::Violation> violations(gaus::Problem<G> const&, std::span<int const>) const {
    return {{name, "always", 1}};
  }
};
struct NoSize : Least {
  void size() const {}
};
struct NoViolation : Least {
  void violation() const {}
};
struct NoPullBack : Least {
  void pull_back() const {}
};
struct NoViolations : Least {
  void violations() const {}
};

using Space = Kokkos::DefaultExecutionSpace;
using G = gaus::DependenceGraph<Space::memory_space>;
template <class Policy, class Real = double>
inline constexpr bool is_constraint = gaus::Constraint<Policy, Space, G, Real>;

TEST_CASE("constraint: what ships is one, in float and in double") {
  static_assert(is_constraint<gaus::Precedence> && is_constraint<gaus::Precedence, float>);
  using Difference = gaus::Difference<Space::memory_space>;
  static_assert(is_constraint<Difference> && is_constraint<Difference, float>);
  static_assert(is_constraint<gaus::Deadline> && is_constraint<gaus::Deadline, float>);
  CHECK(std::string(gaus::Precedence::name) == "dependence");
}

TEST_CASE("constraint: what the concept asks for, and what it does not let pass") {
  static_assert(is_constraint<Least> && is_constraint<Least, float>);
  static_assert(!is_constraint<NoSize>);
  static_assert(!is_constraint<NoViolation>);
  static_assert(!is_constraint<NoPullBack>);
  static_assert(!is_constraint<NoViolations>);
  static_assert(!is_constraint<int>);
  gaus::check_constraint<Least, Space, G, double>();
}

TEST_CASE("constraint: a list visits its members in order") {
  gaus::Constraints const list{gaus::Deadline{.step = 3}, Least{}, gaus::Deadline{.step = 4}};
  std::string names;
  list.for_each([&](auto const& policy) { names += std::string(policy.name) + " "; });
  CHECK(names == "deadline least deadline ");
  int visits = 0;
  gaus::Constraints{}.for_each([&](auto const&) { ++visits; });
  CHECK(visits == 0);
}

}  // namespace
