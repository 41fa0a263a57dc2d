// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_PER_DEPENDENCE_HPP
#define GAUS_OBJECTIVE_PER_DEPENDENCE_HPP

#include <gaus/constraint.hpp>
#include <gaus/detail/launch.hpp>
#include <gaus/objective.hpp>

#include <Kokkos_Core.hpp>
#include <span>
#include <string>
#include <vector>

// The easy road to a policy on dependences: a function of the Gaussian difference of the two ends.
//
//   struct LateUse {
//     static constexpr char const* name = "late_use";
//     KOKKOS_FUNCTION gaus::Term<Real> operator()(problem, dependence, Real mean, Real spread) const;
//     double exact(problem, dependence, int difference) const;
//   };
//
// The difference X_j + distance * II - X_i has mean = mean_j + distance * II - mean_i and spread =
// sqrt(spread_i^2 + spread_j^2); operator() returns value and derivatives in these two, the library
// applies the chain rule to both ends. dependence.operation is the consumer j, and from its row
// comes the producer: exact() and operator() get it as seen from i. Each end computes the term
// anew and gathers: one writer an entry, no buffer. Dependences that do not bind are left out.
namespace gaus {
namespace detail {

template <class Function, class G, class Real>
struct PerDependenceReader {
  using MemorySpace = typename G::memory_space;
  Function function;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;

  KOKKOS_FUNCTION Term<Real> term(Dependence d, int from, int to) const {
    d.operation = to;
    Real const mean = starts.mean(to) + Real(problem.shift(d)) - starts.mean(from);
    return function(problem, d, mean, Kokkos::hypot(starts.spread(from), starts.spread(to)));
  }
  /// Adds weight(d) * gradient of the terms of operation i; returns the sum over outgoing ones.
  template <class Weight>
  KOKKOS_FUNCTION double gather(int i, Evaluation<Real, MemorySpace> const& result,
                                Weight const& weight) const {
    double sum = 0;
    Real mean = 0;
    Real spread = 0;
    Real const own = starts.spread(i);
    auto const out = problem.graph.outgoing(i);
    for (int k = 0; k < out.size(); ++k) {
      Dependence const d = out[k];
      if (!problem.binds(d)) continue;
      auto const x = term(d, i, d.operation);
      Real const s = Kokkos::hypot(own, starts.spread(d.operation));
      sum += double(x.value);
      mean -= weight(d.index) * x.d_mean;
      if (s > Real(0)) spread += weight(d.index) * x.d_spread * own / s;
    }
    auto const in = problem.graph.incoming(i);
    for (int k = 0; k < in.size(); ++k) {
      Dependence const d = in[k];
      if (!problem.binds(d)) continue;
      auto const x = term(d, d.operation, i);
      Real const s = Kokkos::hypot(own, starts.spread(d.operation));
      mean += weight(d.index) * x.d_mean;
      if (s > Real(0)) spread += weight(d.index) * x.d_spread * own / s;
    }
    result.add(i, mean, spread);
    return sum;
  }
};

template <class Real>
struct SameWeight {
  Real weight;
  KOKKOS_FUNCTION Real operator()(int) const { return weight; }
};

template <class Function, class G, class Real>
struct PerDependenceKernel {
  PerDependenceReader<Function, G, Real> reader;
  Evaluation<Real, typename G::memory_space> result;
  KOKKOS_FUNCTION void operator()(int i, double& sum) const {
    sum += reader.gather(i, result, SameWeight<Real>{static_cast<Real>(result.weight)});
  }
};

template <class Function, class G, class Real>
struct PerDependenceResidual {
  PerDependenceReader<Function, G, Real> reader;
  Kokkos::View<Real*, typename G::memory_space> residual;
  KOKKOS_FUNCTION void operator()(int i) const {
    auto const row = reader.problem.graph.outgoing(i);
    for (int k = 0; k < row.size(); ++k) {
      Dependence const d = row[k];
      residual(d.index) = reader.problem.binds(d) ? reader.term(d, i, d.operation).value : Real(-1);
    }
  }
};

template <class Function, class G, class Real>
struct PerDependencePullBack {
  PerDependenceReader<Function, G, Real> reader;
  Kokkos::View<Real const*, typename G::memory_space> weight;
  Evaluation<Real, typename G::memory_space> result;
  KOKKOS_FUNCTION void operator()(int i) const { reader.gather(i, result, weight); }
};

}  // namespace detail

/// Turns a device function of one dependence into an Objective and a Constraint. One kernel.
template <class Function>
struct PerDependence {
  static constexpr char const* name = Function::name;  ///< in messages and reports
  /// Whether it serves a batch of copies (objective.hpp).
  static constexpr bool batches = gaus::batches<Function>;
  Function function;  ///< the term of one dependence

  /// Value and gradient, on the device, as objective.hpp asks. O(E) calls of the function, two a dependence.
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    Kokkos::parallel_reduce(
        std::string("gaus::") + name, detail::direct_launch(exec, problem.graph.num_operations()),
        detail::PerDependenceKernel<Function, G, Real>{{function, problem, starts}, result},
        Kokkos::Sum<double, typename G::memory_space>(result.cost));
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    double total = 0;
    each(problem, start_steps, [&](int, Dependence const&, double cost) { total += cost; });
    return total;
  }

  /// Number of residuals.
  template <class G>
  int size(Problem<G> const& problem) const {
    return problem.graph.num_dependences();
  }
  /// The residuals, on the device, as constraint.hpp asks.
  template <class ExecutionSpace, class G, class Real>
  void violation(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real*, typename G::memory_space> const& residual) const {
    detail::check_accessible<ExecutionSpace, typename G::memory_space>();
    Kokkos::parallel_for(
        std::string("gaus::violation::") + name,
        detail::direct_launch(exec, problem.graph.num_operations()),
        detail::PerDependenceResidual<Function, G, Real>{{function, problem, starts}, residual});
  }
  /// Adds the weighted gradients of the residuals, likewise.
  template <class ExecutionSpace, class G, class Real>
  void pull_back(ExecutionSpace const& exec, Problem<G> const& problem,
                 StartSteps<Real, typename G::memory_space> const& starts,
                 Kokkos::View<Real const*, typename G::memory_space> const& weight,
                 Evaluation<Real, typename G::memory_space> const& result) const {
    Kokkos::parallel_for(std::string("gaus::pull_back::") + name,
                         detail::direct_launch(exec, problem.graph.num_operations()),
                         detail::PerDependencePullBack<Function, G, Real>{
                             {function, problem, starts}, weight, result});
  }
  /// What a schedule violates, on the host. O(size).
  template <Graph G>
  std::vector<Violation> violations(Problem<G> const& problem,
                                    std::span<int const> start_steps) const {
    std::vector<Violation> all;
    each(problem, start_steps, [&](int i, Dependence const& d, double g) {
      if (g > 0)
        all.push_back({name,
                       "dependence " + std::to_string(i) + " -> " + std::to_string(d.operation) +
                           ", starts " + std::to_string(start_steps[detail::at(i)]) + " and " +
                           std::to_string(start_steps[detail::at(d.operation)]) + ": " + name +
                           " = " + std::to_string(g) + " > 0",
                       g});
    });
    return all;
  }

 private:
  template <class G, class Visit>
  void each(Problem<G> const& problem, std::span<int const> start_steps, Visit&& visit) const {
    for (int i = 0; i < problem.graph.num_operations(); ++i) {
      auto const row = problem.graph.outgoing(i);
      for (int k = 0; k < row.size(); ++k) {
        Dependence const d = row[k];
        if (problem.binds(d))
          visit(i, d,
                static_cast<double>(function.exact(problem, d,
                                                   start_steps[detail::at(d.operation)] +
                                                       problem.shift(d) -
                                                       start_steps[detail::at(i)])));
      }
    }
  }
};
/// PerDependence{f} wraps f.
template <class Function>
PerDependence(Function) -> PerDependence<Function>;

}  // namespace gaus

#endif
