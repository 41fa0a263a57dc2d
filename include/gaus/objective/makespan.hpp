// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_OBJECTIVE_MAKESPAN_HPP
#define GAUS_OBJECTIVE_MAKESPAN_HPP

#include <gaus/detail/launch.hpp>
#include <gaus/objective.hpp>
#include <gaus/profile.hpp>
#include <gaus/schedule/cost.hpp>

#include <Kokkos_Core.hpp>
#include <span>

// Expected makespan: operations are independent, so with l_i = max(lat_i, occ_i)
//
//   E max_i (S_i + l_i) = D - sum_{t < D} P(t),   P(t) = prod_i C_i(t - l_i)
//   dE/dmean_i   = 1/spread_i sum_t P(t) / C_i(t - l_i) phi(z)        (likewise * z for the spread)
//
// The product runs in logarithms through the same profile machinery: differences of log C inside
// windows, and a count of the operations that have not begun to end (whose factor is 0). A factor
// below 1e-30 counts as 0.
namespace gaus {
namespace detail {

template <class G, class Real>
struct MakespanReader {
  using MemorySpace = typename G::memory_space;
  Problem<G> problem;
  StartSteps<Real, MemorySpace> starts;

  KOKKOS_FUNCTION int length(int i) const {
    int const latency = problem.graph.latency(i);
    int const occupancy = problem.graph.occupancy(i);
    return latency > occupancy ? latency : occupancy;
  }
  /// log C inside the window.
  KOKKOS_FUNCTION static double log_cdf(StartWindow<Real> const& s, int t) {
    double const c = double(normal_cdf(s.z(t)));
    return Kokkos::log(c > 1e-30 ? c : 1e-30);
  }
};

/// Of a copy, row 0: sum of log C over operations whose window has begun; row 1: operations that
/// have not.
template <class G, class Real>
struct MakespanScatter {
  MakespanReader<G, Real> reader;
  int stride;
  double scale;

  template <class Add>
  KOKKOS_FUNCTION void operator()(int i, Add const& add, Add const&) const {
    auto const s = start_window(reader.problem, reader.starts, i);
    int const shift = reader.length(i);
    std::size_t const row = static_cast<std::size_t>(stride);
    std::size_t const logs = 2 * row * static_cast<std::size_t>(reader.problem.copy_of(i));
    Fixed before = 0;
    for (int t = s.first; t <= s.last; ++t) {
      Fixed const now = to_fixed(reader.log_cdf(s, t), scale);
      add(logs + static_cast<std::size_t>(t + shift), now - before);
      before = now;
    }
    // The last boundary is t = latest + length <= D; the row has D + 1 entries and more.
    add(logs + static_cast<std::size_t>(s.last + 1 + shift), -before);
    Fixed const one = to_fixed(1.0, scale);
    add(logs + row, one);
    add(logs + row + static_cast<std::size_t>(s.first + shift), -one);
  }
};

/// P(t), and the makespan as one sum, over all copies.
template <class MemorySpace>
struct MakespanProduct {
  Profile<MemorySpace> logs;
  int steps;
  KOKKOS_FUNCTION void operator()(int k, double& sum) const {
    int const copy = k / steps;
    int const t = k - copy * steps;
    double const product = logs(2 * copy + 1, t) > 0.5 ? 0.0 : Kokkos::exp(logs(2 * copy, t));
    logs(2 * copy, t) = product;
    sum += 1 - product;
  }
};

template <class G, class Real>
struct MakespanPullBack {
  using MemorySpace = typename G::memory_space;
  MakespanReader<G, Real> reader;
  Profile<MemorySpace> products;
  Evaluation<Real, MemorySpace> result;

  KOKKOS_FUNCTION void operator()(int i) const {
    auto const s = start_window(reader.problem, reader.starts, i);
    int const shift = reader.length(i);
    int const row = 2 * reader.problem.copy_of(i);
    double mean = 0;
    double spread = 0;
    for (int t = s.first; t <= s.last; ++t) {
      double const product = products(row, t + shift);
      if (product <= 0) continue;
      Real const z = s.z(t);
      auto const p = normal_point(z);
      double const g = product / (double(p.cdf) > 1e-30 ? double(p.cdf) : 1e-30) * double(p.pdf);
      mean += g;
      spread += g * double(z);
    }
    double const factor = result.weight * double(s.inverse_spread);
    result.add(i, static_cast<Real>(factor * mean), static_cast<Real>(factor * spread));
  }
};

}  // namespace detail

/// Steps until everything has finished. Unit: steps.
struct Makespan {
  static constexpr char const* name = "makespan";  ///< in messages and reports
  static constexpr bool batches = true;  ///< whether it serves a batch of copies (objective.hpp)

  /// Value and gradient, on the device, as objective.hpp asks. O(V + sum of windows + steps).
  template <class ExecutionSpace, class G, class Real>
  void evaluate(ExecutionSpace const& exec, Problem<G> const& problem,
                StartSteps<Real, typename G::memory_space> const& starts,
                Evaluation<Real, typename G::memory_space> const& result) const {
    using MemorySpace = typename G::memory_space;
    detail::check_accessible<ExecutionSpace, MemorySpace>();
    int const n = problem.graph.num_operations();
    int const length = problem.steps + 1;
    ProfileBuilder<ExecutionSpace, MemorySpace> const builder(
        exec, *result.workspace, n, 2 * problem.batch, length, 150.0 * (n / problem.batch + 1.0),
        150.0);
    builder.scatter(
        exec, "gaus::makespan::scatter",
        detail::MakespanScatter<G, Real>{{problem, starts}, builder.stride(), builder.scale()});
    auto const products = builder.finish(exec, 0);
    Kokkos::parallel_reduce(
        "gaus::makespan::product",
        Kokkos::RangePolicy<ExecutionSpace>(exec, 0, problem.batch * problem.steps),
        detail::MakespanProduct<MemorySpace>{products, problem.steps},
        Kokkos::Sum<double, MemorySpace>(result.cost));
    Kokkos::parallel_for("gaus::makespan::pull_back", detail::direct_launch(exec, n),
                         detail::MakespanPullBack<G, Real>{{problem, starts}, products, result});
  }

  /// The cost of a schedule, on the host. O(V + E + D).
  template <Graph G>
  double exact(Problem<G> const& problem, std::span<int const> start_steps) const {
    return makespan(problem, start_steps);
  }

  /// Tells discrete searches and bounds what it stands for.
  void describe(CostModel& model, double weight) const { model.makespan += weight; }
};

}  // namespace gaus

#endif
