// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_CONSTRAINT_RESOURCE_LIMIT_HPP
#define GAUS_CONSTRAINT_RESOURCE_LIMIT_HPP

#include <gaus/constraint.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/detail/arrays.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/units_in_use.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/problem.hpp>
#include <gaus/profile/usage.hpp>

#include <Kokkos_Core.hpp>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Resource limits: U_r(t) <= limit_r in every step, or in every slot t mod II of a pipelined
// schedule. An operation is busy for its occupancy, whatever its latency is.
//
// Exact: resource_violations() of a schedule. Relaxed: ResourceLimit, the residuals
//
//   g_r(t) = E U_r(t) - limit_r
//
// by the kernels of profile/usage.hpp. Expected units that keep a limit are necessary, not
// sufficient, for the sampled ones to keep it: spread-out operations share a slot on average that
// one of them will take. As the spreads shrink the two agree, and a legaliser has little to mend.
namespace gaus {

/// Where a schedule takes more units of a class than there are: one violation a stretch of steps or
/// slots, with the most units in use, the step, and the operations that are busy there. limits: one
/// a class, none for unlimited. names: the description that the graph was built from, or null. A
/// wrong number of start steps is itself a violation. O(D log D) for D demands, and V for each
/// violation. Throws InvalidInput for another number of limits.
template <Graph G>
std::vector<Violation> resource_violations(Problem<G> const& problem,
                                           std::span<int const> start_steps,
                                           std::vector<std::optional<double>> const& limits,
                                           GraphDescription const* names = nullptr) {
  using detail::at;
  auto const& graph = problem.graph;
  constexpr char const* name = "resource_limit";
  int const n = graph.num_operations();
  int const classes = graph.num_resources();
  int const interval = problem.initiation_interval;
  if (limits.size() != at(classes))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        classes, " resource classes"}));
  if (static_cast<long long>(start_steps.size()) != n)
    return {{name,
             detail::message({"the schedule has ", start_steps.size(),
                              " start steps, the graph has ", n, " operations"}),
             1.0}};
  std::vector<detail::UnitsInUse> use(at(classes), detail::UnitsInUse(interval));
  auto const each_demand = [&](auto&& visit) {
    for (int i = 0; i < n; ++i) {
      auto const row = graph.demands(i);
      long long const start = start_steps[at(i)];
      for (int k = 0; k < row.size(); ++k)
        visit(i, Demand(row[k]), start, start + graph.occupancy(i));
    }
  };
  each_demand([&](int, Demand const& d, long long first, long long last) {
    if (limits[at(d.resource)]) use[at(d.resource)].add(first, last, d.units);
  });
  std::vector<Violation> all;
  for (int r = 0; r < classes; ++r) {
    if (!limits[at(r)]) continue;
    double const limit = *limits[at(r)];
    for (auto const& excess : use[at(r)].above(limit)) {
      std::string const what = interval > 0 ? "slot" : "step";
      std::string text = detail::message({"resource ", detail::call_class(names, r), ": ",
                                          detail::units_text(excess.units), " in use at ", what,
                                          " ", excess.worst, ", limit ", detail::text_of(limit)});
      if (excess.last > excess.first + 1)
        text +=
            detail::message({" (passed at ", what, "s ", excess.first, "..", excess.last - 1, ")"});
      constexpr int most = 8;
      constexpr std::size_t most_listed = 32;  // each takes a look at all operations
      int shown = 0;
      if (all.size() < most_listed)
        each_demand([&](int i, Demand const& d, long long first, long long last) {
          if (d.resource != r || d.units <= 0 ||
              !detail::covers(first, last, excess.worst, interval))
            return;
          if (shown < most)
            text += (shown == 0 ? "; busy: " : ", ") + detail::call_operation(names, i);
          if (shown++ == most) text += ", ...";
        });
      all.push_back({name, std::move(text), excess.units - limit});
    }
  }
  return all;
}

namespace detail {

/// Limited classes as kernels see them. Residual (copy * count + l) * slots + slot is that of the
/// l-th limited class.
template <class MemorySpace>
struct LimitedClasses {
  Kokkos::View<int const*, MemorySpace> resource;  ///< of the l-th limited class
  Kokkos::View<int const*, MemorySpace> index;     ///< of a class among the limited, or -1
  Kokkos::View<double const*, MemorySpace> limit;  ///< of the l-th limited class
};

template <class Real, class MemorySpace>
struct LimitResidual {
  LimitedClasses<MemorySpace> classes;
  Profile<MemorySpace> usage;
  Kokkos::View<Real*, MemorySpace> residual;

  KOKKOS_FUNCTION void operator()(int k) const {
    int const count = static_cast<int>(classes.limit.extent(0));
    int const line = k / usage.slots;
    int const copy = line / count;
    int const own = line - copy * count;
    int const row = copy * static_cast<int>(classes.index.extent(0)) + classes.resource(own);
    residual(k) = static_cast<Real>(usage(row, k - line * usage.slots) - classes.limit(own));
  }
};

/// The adjoint of the usage: the weight of every residual, 0 in the rows of unlimited classes.
template <class Weight, class Real, class MemorySpace>
struct LimitAdjoint {
  LimitedClasses<MemorySpace> classes;
  Profile<MemorySpace> usage;    ///< without rows where the weight does not ask for residuals
  Profile<MemorySpace> adjoint;  ///< may be the usage itself
  Weight weight;

  KOKKOS_FUNCTION void operator()(int k) const {
    int const line = k / adjoint.slots;
    int const slot = k - line * adjoint.slots;
    int const all = static_cast<int>(classes.index.extent(0));
    int const copy = line / all;
    int const own = classes.index(line - copy * all);
    double w = 0;
    if (own >= 0) {
      int const count = static_cast<int>(classes.limit.extent(0));
      Real const g =
          usage.rows > 0 ? static_cast<Real>(usage(line, slot) - classes.limit(own)) : Real(0);
      w = static_cast<double>(weight((copy * count + own) * adjoint.slots + slot, g));
    }
    adjoint(line, slot) = w;
  }
};

/// A workspace that copies do not share: each run over a copy of a policy has buffers of its own.
template <class MemorySpace>
struct OwnWorkspace {
  Workspace<MemorySpace> buffers;
  OwnWorkspace() = default;
  OwnWorkspace(OwnWorkspace const&) {}
  OwnWorkspace(OwnWorkspace&&) = default;
  OwnWorkspace& operator=(OwnWorkspace const&) { return *this; }
  OwnWorkspace& operator=(OwnWorkspace&&) = default;
  ~OwnWorkspace() = default;
};

}  // namespace detail

/// Limits on the units in use at once: a residual a limited class and step, a slot when pipelined,
/// by class and then in time. Unit: units. size = limited classes * slots.
///
/// O(sum of windows * demands + classes * steps), as one evaluation of PeakUsage. Buffers are
/// allocated in the first evaluation of a copy and kept; one copy must not be evaluated from two
/// threads at once.
template <class MemorySpace = Kokkos::HostSpace>
class ResourceLimit {
 public:
  static constexpr char const* name = "resource_limit";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)

  /// limits: one a class, none for unlimited (GraphDescription::limits()). Throws InvalidInput for
  /// one that is negative or not finite.
  explicit ResourceLimit(std::vector<std::optional<double>> limits) : limits_(std::move(limits)) {
    std::vector<int> resource;
    std::vector<int> index;
    std::vector<double> limit;
    for (std::size_t r = 0; r < limits_.size(); ++r) {
      index.push_back(limits_[r] ? static_cast<int>(limit.size()) : -1);
      if (!limits_[r]) continue;
      if (!(*limits_[r] >= 0 && std::isfinite(*limits_[r])))
        throw InvalidInput(
            detail::message({"resource ", r, ": limit ", detail::text_of(*limits_[r]),
                             " is not a finite number >= 0"}));
      resource.push_back(static_cast<int>(r));
      limit.push_back(*limits_[r]);
    }
    classes_ = {detail::make_array<MemorySpace>("gaus::resource_limit::resource", resource),
                detail::make_array<MemorySpace>("gaus::resource_limit::index", index),
                detail::make_array<MemorySpace>("gaus::resource_limit::limit", limit)};
  }

  /// What was given: solvers that keep limits by construction recognise the policy by it.
  [[nodiscard]] std::vector<std::optional<double>> const& limits() const { return limits_; }

  /// Throws InvalidInput when the graph has another number of classes.
  template <class G>
  int size(Problem<G> const& problem) const {
    int const given = static_cast<int>(limits_.size());
    if (given != problem.graph.num_resources())
      throw InvalidInput(detail::message({given, " resource limits are given, the graph has ",
                                          problem.graph.num_resources(), " resource classes"}));
    return problem.batch * static_cast<int>(classes_.limit.extent(0)) * problem.slots();
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    int const residuals = size(problem);
    if (residuals == 0) return;
    workspace_.buffers.rewind();
    auto const usage = expected_usage(exec, problem, starts, workspace_.buffers);
    Kokkos::parallel_for("gaus::resource_limit::violation",
                         Kokkos::RangePolicy<ExecutionSpace>(exec, 0, residuals),
                         detail::LimitResidual<Real, MemorySpace>{classes_, usage, residual});
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    if (size(problem) == 0) return;
    int const rows = problem.batch * problem.graph.num_resources();
    Profile<MemorySpace> const adjoint{
        result.workspace->template array<double>("gaus::resource_limit::adjoint",
                                                 detail::at(rows) * detail::at(problem.slots())),
        rows, problem.slots()};
    pull_back_weights(exec, problem, starts, Profile<MemorySpace>{}, adjoint,
                      detail::GivenWeight<Real, MemorySpace>{weight}, result);
  }
  /// The augmented Lagrangian's part at once: one profile, one adjoint, one pull-back.
  template <class ExecutionSpace, class G, class Real>
  void penalty(ExecutionSpace const& exec, Problem<G> const& problem,
               StartSteps<Real, typename G::memory_space> const& starts,
               Kokkos::View<Real const*, typename G::memory_space> const& multiplier,
               PenaltyFactor<Real, typename G::memory_space> const& rho,
               Evaluation<Real, typename G::memory_space> const& result) const {
    if (size(problem) == 0) return;
    auto const usage = expected_usage(exec, problem, starts, *result.workspace);
    pull_back_weights(exec, problem, starts, usage, usage,
                      detail::PenaltyWeight<Real, MemorySpace>{multiplier, rho}, result);
  }
  /// What a schedule violates, on the host. O(size).
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const& problem,
                                    std::span<int const> start_steps) const {
    return resource_violations(problem, start_steps, limits_);
  }

 private:
  template <class ExecutionSpace, class G, class Real, class Weight>
  void pull_back_weights(ExecutionSpace const& exec, Problem<G> const& problem,
                         StartSteps<Real, MemorySpace> const& starts,
                         Profile<MemorySpace> const& usage, Profile<MemorySpace> const& adjoint,
                         Weight const& weight, Evaluation<Real, MemorySpace> const& result) const {
    Kokkos::parallel_for(
        "gaus::resource_limit::adjoint",
        Kokkos::RangePolicy<ExecutionSpace>(exec, 0, adjoint.rows * adjoint.slots),
        detail::LimitAdjoint<Weight, Real, MemorySpace>{classes_, usage, adjoint, weight});
    pull_back_usage(exec, problem, starts, adjoint, 1.0, result);
  }

  std::vector<std::optional<double>> limits_;
  detail::LimitedClasses<MemorySpace> classes_;
  mutable detail::OwnWorkspace<MemorySpace> workspace_;
};

}  // namespace gaus

#endif
