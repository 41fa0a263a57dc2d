// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_LIMITED_PROJECT_HPP
#define GAUS_DETAIL_LIMITED_PROJECT_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/infeasible.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Difference constraints and resource limits, made ready for searches that build schedules by the
// hundred thousand: all in integers, and the same project read backwards in time.
//
// Units become integers. Where demands and limit of a class are whole numbers they stay what they
// are; else they are multiples of a power of two, fine enough that sums of fractions keep the
// tolerance of resource_violations(). Classes are then packed side by side into 64-bit words, each
// with a guard bit on top: one subtraction and one mask tell whether an operation fits into a step
// (SIMD within a register; Fisher and Dietz 1998), whatever the number of classes in the word.
//
// The mirrored project counts time from the end: r_i = T - s_i - busy_i. Then s_j - s_i >= delta
// becomes r_i - r_j >= delta - busy_i + busy_j, s_i + length_i <= T becomes the release
// r_i >= length_i - busy_i, and s_i >= 0 becomes the length busy_i.
namespace gaus::detail {

/// What an operation takes of a limited class, in the integers of the class.
struct ClassUse {
  int limited;  ///< place among the limited classes
  long long units;
};

/// A project: start_i >= release_i, difference constraints, limits; makespan max(start + length).
struct LimitedProject {
  int operations = 0;
  int words = 0;             ///< of a step; 0: nothing is limited
  DifferenceSystem system;   ///< length in it is that of this direction of time
  std::vector<int> release;  ///< least start
  std::vector<int> busy;     ///< steps for which it keeps units of limited classes; 0: takes none
  std::vector<std::uint64_t> demand;  ///< operations * words
  std::vector<std::uint64_t> full;    ///< of a step with nothing in use, guard bits set
  std::vector<std::uint64_t> guard;
  std::vector<int> use_offset;
  std::vector<ClassUse> uses;
  std::vector<long long> limit;  ///< of the limited classes
  std::vector<int> class_of;     ///< limited class -> class of the graph
  std::vector<double> weight;    ///< busy * sum of the shares of limits that it takes

  /// Whether two operations cannot be busy in a common step.
  [[nodiscard]] bool exclusive(int i, int j) const {
    for (int w = 0; w < words; ++w) {
      std::uint64_t const left = full[at(w)] - demand[at(i * words + w)];
      if (((left - demand[at(j * words + w)]) & guard[at(w)]) != guard[at(w)]) return true;
    }
    return false;
  }
};

/// Sorts all constraints topologically, where the graph's own order leaves some of them backward
/// although no cycle asks for it. False when there is a cycle.
inline bool sort_acyclic(DifferenceSystem& system) {
  int const n = system.operations;
  std::vector<int> waiting(at(n));
  std::vector<int> order;
  for (int i = 0; i < n; ++i) {
    waiting[at(i)] = system.in_offset[at(i) + 1] - system.in_offset[at(i)];
    if (waiting[at(i)] == 0) order.push_back(i);
  }
  for (std::size_t done = 0; done < order.size(); ++done)
    for (int k = system.out_offset[at(order[done])]; k < system.out_offset[at(order[done]) + 1];
         ++k)
      if (--waiting[at(system.out_to[at(k)])] == 0) order.push_back(system.out_to[at(k)]);
  if (order.size() != at(n)) return false;
  system.order = order;
  system.acyclic = true;
  system.backward = 0;
  return true;
}

/// The same constraints and further ones.
inline DifferenceSystem with_constraints(DifferenceSystem const& s,
                                         std::vector<DifferenceBound> const& more) {
  int const n = s.operations;
  std::vector<DifferenceBound> bounds;
  bounds.reserve(s.out_to.size() + more.size());
  for (int i = 0; i < n; ++i)
    for (int k = s.out_offset[at(i)]; k < s.out_offset[at(i) + 1]; ++k)
      bounds.push_back({i, s.out_to[at(k)], s.out_delta[at(k)]});
  bounds.insert(bounds.end(), more.begin(), more.end());
  DifferenceSystem result;
  result.operations = n;
  result.length = s.length;
  fill_rows(
      n, bounds, [](auto const& b) { return b.from; }, [](auto const& b) { return b.to; },
      result.out_offset, result.out_to, result.out_delta);
  fill_rows(
      n, bounds, [](auto const& b) { return b.to; }, [](auto const& b) { return b.from; },
      result.in_offset, result.in_from, result.in_delta);
  if (!sort_acyclic(result)) {
    result.acyclic = false;
    result.order = s.order;
    result.backward = n;  // at most
  }
  for (int v = 0; v < n; ++v) {
    int longest = 0;
    for (int k = result.in_offset[at(v)]; k < result.in_offset[at(v) + 1]; ++k)
      longest = std::max(longest, result.in_delta[at(k)]);
    result.reach += longest;
  }
  return result;
}

/// Integers for one class. scale: 1, or a power of two.
inline long long integer_units(double units, double scale) {
  return static_cast<long long>(std::llround(units * scale));
}

/// Throws InvalidInput for another number of limits or limits that are no numbers >= 0, Infeasible
/// for an operation that takes more of a class than there is.
template <Graph H>
LimitedProject make_limited_project(H const& graph, DifferenceSystem const& system,
                                    std::vector<std::optional<double>> const& limits) {
  int const classes = graph.num_resources();
  int const n = graph.num_operations();
  if (limits.size() != at(classes))
    throw InvalidInput(detail::message({limits.size(), " resource limits are given, the graph has ",
                                        classes, " resource classes"}));
  if (system.operations != n)
    throw InvalidInput(detail::message({"the difference constraints are of ", system.operations,
                                        " operations, the graph has ", n}));
  LimitedProject p;
  p.operations = n;
  p.system = system;
  if (!p.system.acyclic) sort_acyclic(p.system);
  p.release.assign(at(n), 0);
  p.busy.assign(at(n), 0);
  p.weight.assign(at(n), 0.0);

  // The scale of every limited class.
  std::vector<int> row(at(classes), -1);
  std::vector<double> scale;
  for (int r = 0; r < classes; ++r) {
    if (!limits[at(r)]) continue;
    double const limit = *limits[at(r)];
    if (!(limit >= 0) || !std::isfinite(limit))
      throw InvalidInput(detail::message(
          {"limit ", text_of(limit), " of resource class ", r, " is not a finite number >= 0"}));
    row[at(r)] = static_cast<int>(p.limit.size());
    p.class_of.push_back(r);
    p.limit.push_back(0);
    scale.push_back(1);
  }
  auto const each_use = [&](auto&& visit) {
    for (int i = 0; i < n; ++i) {
      if (graph.occupancy(i) == 0) continue;
      auto const demands = graph.demands(i);
      for (int k = 0; k < demands.size(); ++k) {
        Demand const d = demands[k];
        if (row[at(d.resource)] >= 0 && d.units > 0) visit(i, d);
      }
    }
  };
  // All units of an operation from one class may come in several demands.
  std::vector<char> fractional(p.limit.size(), 0);
  each_use([&](int, Demand const& d) {
    if (d.units != std::floor(d.units)) fractional[at(row[at(d.resource)])] = 1;
  });
  for (std::size_t r = 0; r < p.limit.size(); ++r) {
    double const limit = *limits[at(p.class_of[r])];
    int const size = std::ilogb(std::max(1.0, limit)) + 1;  // limit < 2^size
    if (fractional[r] || size > 48) scale[r] = std::ldexp(1.0, std::min(40, 48 - size));
    p.limit[r] =
        static_cast<long long>(std::floor((limit + 0.5e-9 * std::max(1.0, limit)) * scale[r]));
  }
  std::vector<long long> total(p.limit.size(), 0);
  p.use_offset.assign(at(n) + 1, 0);
  int last = -1;
  std::vector<ClassUse> own;
  auto const flush = [&] {
    for (auto const& u : own) p.uses.push_back(u);
    own.clear();
  };
  each_use([&](int i, Demand const& d) {
    if (i != last) flush();
    last = i;
    int const r = row[at(d.resource)];
    double const limit = *limits[at(d.resource)];
    // More than the limit is infeasible whatever it is: keep the integer in range.
    long long const units =
        d.units > 2 * limit + 1 ? p.limit[at(r)] + 1 : integer_units(d.units, scale[at(r)]);
    auto const same =
        std::find_if(own.begin(), own.end(), [&](auto const& u) { return u.limited == r; });
    long long const sum = units + (same != own.end() ? same->units : 0);
    if (sum > p.limit[at(r)]) {
      auto const reason = one_takes_too_much(i, d.resource, d.units, limit);
      throw Infeasible(reason_text(reason), reason);
    }
    if (units == 0) return;  // below the tolerance
    if (same != own.end())
      same->units = sum;
    else
      own.push_back({r, units}), ++p.use_offset[at(i) + 1];
    p.busy[at(i)] = graph.occupancy(i);
    p.weight[at(i)] += graph.occupancy(i) * d.units / std::max(limit, 1e-9);
  });
  flush();
  for (int i = 0; i < n; ++i) p.use_offset[at(i) + 1] += p.use_offset[at(i)];

  // Fields: a limit and its guard bit.
  std::vector<int> word(p.limit.size());
  std::vector<int> shift(p.limit.size());
  int bits = 64;
  for (std::size_t r = 0; r < p.limit.size(); ++r) {
    int const field = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(p.limit[r]))) + 1;
    if (bits + field > 64) {
      ++p.words;
      bits = 0;
      p.full.push_back(0);
      p.guard.push_back(0);
    }
    word[r] = p.words - 1;
    shift[r] = bits;
    bits += field;
    std::uint64_t const guard = std::uint64_t{1} << (shift[r] + field - 1);
    p.guard.back() |= guard;
    p.full.back() |= guard | (static_cast<std::uint64_t>(p.limit[r]) << shift[r]);
  }
  p.demand.assign(at(n) * at(p.words), 0);
  for (int i = 0; i < n; ++i)
    for (int k = p.use_offset[at(i)]; k < p.use_offset[at(i) + 1]; ++k) {
      auto const r = at(p.uses[at(k)].limited);
      p.demand[at(i) * at(p.words) + at(word[r])] |= static_cast<std::uint64_t>(p.uses[at(k)].units)
                                                     << shift[r];
    }
  return p;
}

/// The project with time running backwards; see above.
inline LimitedProject mirrored(LimitedProject const& p) {
  LimitedProject m = p;
  auto const& s = p.system;
  auto& d = m.system;
  d.out_offset = s.in_offset;
  d.out_to = s.in_from;
  d.out_delta = s.in_delta;
  d.in_offset = s.out_offset;
  d.in_from = s.out_to;
  d.in_delta = s.out_delta;
  std::reverse(d.order.begin(), d.order.end());
  std::vector<int> rank(at(p.operations));
  for (int k = 0; k < p.operations; ++k) rank[at(d.order[at(k)])] = k;
  d.backward = 0;
  d.reach = 0;
  for (int i = 0; i < p.operations; ++i) {
    m.release[at(i)] = s.length[at(i)] - p.busy[at(i)];
    d.length[at(i)] = p.busy[at(i)];
    for (int k = d.out_offset[at(i)]; k < d.out_offset[at(i) + 1]; ++k)
      d.out_delta[at(k)] += p.busy[at(i)] - p.busy[at(d.out_to[at(k)])];
    bool against = false;
    int longest = 0;
    for (int k = d.in_offset[at(i)]; k < d.in_offset[at(i) + 1]; ++k) {
      d.in_delta[at(k)] += p.busy[at(d.in_from[at(k)])] - p.busy[at(i)];
      against = against || rank[at(d.in_from[at(k)])] > rank[at(i)];
      longest = std::max(longest, d.in_delta[at(k)]);
    }
    d.backward += against ? 1 : 0;
    d.reach += longest;
  }
  return m;
}

/// Start steps of one direction of time from those of the other, for a makespan in both.
inline void mirror_steps(LimitedProject const& p, int makespan, std::vector<int>& start) {
  for (int i = 0; i < p.operations; ++i) start[at(i)] = makespan - start[at(i)] - p.busy[at(i)];
}

}  // namespace gaus::detail

#endif
