// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_PROFILE_HPP
#define GAUS_PROFILE_HPP

#include <gaus/detail/scatter.hpp>
#include <gaus/detail/workspace.hpp>
#include <gaus/start_steps.hpp>

#include <Kokkos_Core.hpp>

// Curves over steps: the one mechanism behind usage and liveness.
//
// A profile has a row a resource class (one row for liveness) and a column a step. Kernels write
// *differences*, profile(t) - profile(t - 1), which vanish outside windows, so that flat stretches
// cost nothing; one prefix sum makes the curve. Each row has at least one entry more than steps, where
// everything that rose has fallen again, so that one sum runs over all rows.
//
// What varies from step to step inside a window may instead be written as it is, whole lanes at a
// time and without a difference: into local values, which are added to the prefix sums. Where a curve
// is itself the difference of another one (units in use for one step: C(t) - C(t - 1)), the local
// values are those of the other one, and finish() takes the difference.
//
// A pipelined schedule repeats every II steps: the unfolded curve over the horizon is folded,
// folded(m) = sum of profile(t) over t = m (mod II); the adjoint of that is q(t) = q_folded(t mod II).
//
// Differences are fixed-point integers (detail/scatter.hpp): the same bits on any number of threads.
namespace gaus {

/// Values (or adjoints) of a profile: rows of length slots.
template <class MemorySpace>
struct Profile {
  Kokkos::View<double*, MemorySpace> values;  ///< rows one after the other
  int rows = 0;                               ///< classes, say, times copies of a batch
  int slots = 0;                              ///< steps, or slots of an interval

  /// The entry of a row.
  KOKKOS_FUNCTION double& operator()(int row, int slot) const {
    return values(static_cast<std::size_t>(row) * static_cast<std::size_t>(slots) +
                  static_cast<std::size_t>(slot));
  }
};

namespace detail {

/// What the local values of a profile are.
enum class LocalValues { none, own, sums };

/// Sums the copies of the differences and runs along them, adds the local values; drops what follows
/// the last slot of each row.
template <class MemorySpace>
struct PrefixSum {
  FixedCopies<MemorySpace> differences;
  FixedCopies<MemorySpace> local;
  LocalValues kind;
  Kokkos::View<double*, MemorySpace> values;
  int slots;
  int stride;
  double unit;
  using value_type = Fixed;

  KOKKOS_FUNCTION void operator()(int k, Fixed& sum, bool final) const {
    for (std::size_t c = 0; c < differences.extent(0); ++c)
      sum += differences(c, static_cast<std::size_t>(k));
    if (!final) return;
    int const row = k / stride;
    int const slot = k - row * stride;
    if (slot >= slots) return;
    Fixed all = sum;
    if (kind != LocalValues::none) {
      bool const changes = kind == LocalValues::sums && k > 0;
      for (std::size_t c = 0; c < local.extent(0); ++c) {
        all += local(c, static_cast<std::size_t>(k));
        if (changes) all -= local(c, static_cast<std::size_t>(k - 1));
      }
    }
    values(static_cast<std::size_t>(row * slots + slot)) = double(all) * unit;
  }
};

/// One slot of the folded profile.
template <class MemorySpace>
struct Fold {
  Profile<MemorySpace> unfolded;
  Profile<MemorySpace> folded;
  KOKKOS_FUNCTION void operator()(int k) const {
    int const row = k / folded.slots;
    int const slot = k - row * folded.slots;
    double sum = 0;
    for (int t = slot; t < unfolded.slots; t += folded.slots) sum += unfolded(row, t);
    folded(row, slot) = sum;
  }
};

}  // namespace detail

/// Folds a profile into interval slots: folded(m) = sum over t = m (mod interval).
template <class ExecutionSpace, class MemorySpace>
Profile<MemorySpace> fold(ExecutionSpace const& exec, Workspace<MemorySpace>& workspace,
                          Profile<MemorySpace> const& unfolded, int interval) {
  Profile<MemorySpace> folded{workspace.template array<double>(
                                  "gaus::profile::folded", static_cast<std::size_t>(unfolded.rows) *
                                                               static_cast<std::size_t>(interval)),
                              unfolded.rows, interval};
  Kokkos::parallel_for("gaus::profile::fold",
                       Kokkos::RangePolicy<ExecutionSpace>(exec, 0, unfolded.rows * interval),
                       detail::Fold<MemorySpace>{unfolded, folded});
  return folded;
}

/// Accumulates rows of curves over length steps, from contributions of type Real.
template <class ExecutionSpace, class MemorySpace, class Real = double>
class ProfileBuilder {
 public:
  /// total: an upper bound of the sum of all rises, most: of a single one; they scale the fixed-point
  /// numbers. local: what is written through the second adder, if anything.
  ProfileBuilder(ExecutionSpace const& exec, Workspace<MemorySpace>& workspace, int contributors,
                 int rows, int length, double total, double most,
                 detail::LocalValues local = detail::LocalValues::none)
      : workspace_(&workspace),
        contributors_(contributors),
        rows_(rows),
        length_(length),
        kind_(local),
        scale_(detail::fixed_scale<Real>(total, most)),
        differences_(detail::fixed_copies(exec, workspace, "gaus::profile::differences",
                                          contributors, entries())),
        local_(local == detail::LocalValues::none
                   ? differences_
                   : detail::fixed_copies(exec, workspace, "gaus::profile::local", contributors,
                                          entries())) {}

  /// Fixed-point units in 1.
  [[nodiscard]] double scale() const { return scale_; }
  /// Entries from one row to the next: rows begin at whole lanes.
  [[nodiscard]] int stride() const {
    constexpr int lanes = detail::lanes_of<MemorySpace>;
    return (length_ + lanes) / lanes * lanes;
  }

  /// Runs body(i, add, local) over the contributors: add(row * stride + t, detail::Fixed) for
  /// differences, local.lanes(row * stride + t, shares) for local values.
  template <class Body>
  void scatter(ExecutionSpace const& exec, char const* label, Body const& body) const {
    detail::scatter(label, exec, contributors_, differences_, local_, body);
  }

  /// The curve, by one prefix sum; folded into interval slots when interval > 0.
  Profile<MemorySpace> finish(ExecutionSpace const& exec, int interval) const {
    Profile<MemorySpace> profile{
        workspace_->template array<double>(
            "gaus::profile::values",
            static_cast<std::size_t>(rows_) * static_cast<std::size_t>(length_)),
        rows_, length_};
    Kokkos::parallel_scan(
        "gaus::profile::prefix_sum", Kokkos::RangePolicy<ExecutionSpace>(exec, 0, rows_ * stride()),
        detail::PrefixSum<MemorySpace>{differences_, local_, kind_, profile.values, length_,
                                       stride(), 1.0 / scale_});
    if (interval <= 0) return profile;
    return fold(exec, *workspace_, profile, interval);
  }

 private:
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(rows_) * static_cast<std::size_t>(stride());
  }

  Workspace<MemorySpace>* workspace_;
  int contributors_;
  int rows_;
  int length_;
  detail::LocalValues kind_;
  double scale_;
  detail::FixedCopies<MemorySpace> differences_;
  detail::FixedCopies<MemorySpace> local_;
};

}  // namespace gaus

#endif
