// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_QUALITY_OBJECTIVE_HPP
#define GAUS_BENCH_QUALITY_OBJECTIVE_HPP

#include <gaus/objective/communication.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <quality/instances.hpp>

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gaus_quality {

/// One of several objectives, chosen at run time: the solver is compiled once for all rows, and no
/// row pays for the terms of another.
template <class... Policies>
struct OneOf {
  static constexpr char const* name = "one_of";
  std::variant<Policies...> policy;

  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, gaus::Problem<G> const& problem,
                gaus::StartSteps<Real, typename G::memory_space> const& starts,
                gaus::Evaluation<Real, typename G::memory_space> const& result) const {
    std::visit([&](auto const& own) { own.evaluate(exec, problem, starts, result); }, policy);
  }
  template <gaus::Graph G>
  [[nodiscard]] double exact(gaus::Problem<G> const& problem,
                             std::span<int const> start_steps) const {
    return std::visit([&](auto const& own) { return own.exact(problem, start_steps); }, policy);
  }
  void describe(gaus::CostModel& model, double weight) const {
    std::visit([&](auto const& own) { own.describe(model, weight); }, policy);
  }
};

using Objective = OneOf<gaus::WeightedSum<gaus::PeakUsage, gaus::Communication>,
                        gaus::MemoryFootprint, gaus::WeightedSum<gaus::PeakUsage, gaus::PeakUsage>>;

/// An objective as the table calls it.
struct Goal {
  std::string name;
  std::string expression;
  Objective objective;
};

/// What a family is scheduled for. Memory on rw says nothing: with latency 0 everything fits into
/// one step, and no value is ever live.
inline std::vector<Goal> goals(Family family) {
  if (family == Family::dfg)  // the reader of DOT has the classes MUL and ALU, in this order
    return {{"units",
             "usage[MUL] + usage[ALU]",
             {1.0 * gaus::PeakUsage{.resource = 0} + gaus::PeakUsage{.resource = 1}}}};
  return {{"A", "100*usage + communication", {100.0 * gaus::PeakUsage{} + gaus::Communication{}}},
          {"B", "memory", {gaus::MemoryFootprint{}}}};
}

inline gaus::CostModel cost_model(Objective const& objective) {
  gaus::CostModel model;
  objective.describe(model, 1.0);
  return model;
}

}  // namespace gaus_quality

#endif
