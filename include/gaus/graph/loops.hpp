// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_LOOPS_HPP
#define GAUS_GRAPH_LOOPS_HPP

#include <gaus/detail/message.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Loops for pipelined schedules: resources made scarce on any graph, and small loops of signal
// processing whose best folded memory is known.
//
//   add_two_classes              two resource classes at 99 % utilisation, at random
//   fir_tree(taps)               multiplications and a balanced tree of additions; no recurrence
//   biquad_cascade(sections)     second-order sections in direct form II; RecMII 3
//   all_pole_lattice(stages)     two multiplications a stage, long recurrences; RecMII 7 from two on
//   dct8                         the eight-point cosine transform of Loeffler; no recurrence
//
// The small loops have the classes MUL (latency 2, pipelined) and ALU (latency 1), with the least
// whole limits that an interval needs; values from outside are operations of latency 1 that take
// no units. Least folded memory at MII (sizes 1, outputs not held), proved by exhaustive search or
// by total lifetime in tests/graph/loops.cpp:
//
//   fir_tree(16, 4)          13        biquad_cascade(4, 3)     21
//   all_pole_lattice(4, 7)    7        biquad_cascade(4, 4)     17
//   dct8(4)                  14
namespace gaus {
namespace detail {

/// The least whole limit at which work units x steps an iteration take at most the given share of
/// limit * interval.
inline double limit_for(double work, int interval, double utilisation = 1) {
  return std::max(0.0, rounded_up(work / (utilisation * interval)));
}

/// Gives every class of a description the least whole limit that an interval needs.
inline void limit_classes(GraphDescription& description, int interval, double utilisation = 1) {
  std::vector<double> work(description.resources.size(), 0.0);
  for (auto const& d : description.demands)
    work[at(d.resource)] += d.units * description.operations[at(d.operation)].occupancy;
  for (std::size_t r = 0; r < work.size(); ++r)
    description.resources[r].limit = limit_for(work[r], interval, utilisation);
}

}  // namespace detail

/// Settings of add_two_classes().
struct TwoClasses {
  double utilisation = 0.99;  ///< at most, of each class at the interval, in (0, 1]
  int interval = 0;           ///< the limits are for this initiation interval; 0: for RecMII
  std::uint64_t seed = 1;     ///< of the random numbers
};

/// Makes resources scarce: takes away the classes of a description, and gives each operation that
/// is busy one unit of one of two classes ("first", "second"), by the toss of a coin. Limits are the
/// least whole ones that keep a class at or below the utilisation,
///
///   limit_r = ceil(work_r / (utilisation * interval)),   work_r = sum of occupancies,
///
/// at the interval asked for or at RecMII, whichever is larger, which is returned. ResMII =
/// ceil(work_r / limit_r) does not pass it, so that MII stays what it was where that was RecMII.
/// O(V + E) and the search for RecMII. Throws InvalidInput for a description that build_graph() refuses.
inline int add_two_classes(GraphDescription& description, TwoClasses const& settings = {}) {
  if (!(settings.utilisation > 0 && settings.utilisation <= 1))
    throw InvalidInput(detail::message(
        {"add_two_classes: utilisation = ", settings.utilisation, " is not in (0, 1]"}));
  detail::require_positive("add_two_classes: interval", settings.interval, 0);
  int const recurrences = recurrence_interval(build_graph(description), &description).interval;
  int const interval = std::max(settings.interval, recurrences);
  description.resources.clear();
  description.demands.clear();
  int const classes[] = {description.add_resource("first"), description.add_resource("second")};
  detail::RandomBits random(settings.seed);
  for (std::size_t i = 0; i < description.operations.size(); ++i) {
    int const own = classes[random.below(2)];
    if (description.operations[i].occupancy > 0) description.add_demand(static_cast<int>(i), own);
  }
  detail::limit_classes(description, interval, settings.utilisation);
  return interval;
}

namespace detail {

/// Writes down a data-flow graph of multiplications and additions.
class SignalFlow {
 public:
  /// A value read, of so many iterations before.
  struct Read {
    int value;
    int distance = 0;
  };

  int input(std::string const& name) { return graph_.add_operation({}, name); }
  int multiply(std::string const& name) { return operation(name, 2, mul_); }
  int add(std::string const& name) { return operation(name, 1, alu_); }
  int multiply(std::string const& name, Read a) {
    int const i = multiply(name);
    read(i, a);
    return i;
  }
  int add(std::string const& name, Read a, Read b) {
    int const i = add(name);
    read(i, a);
    read(i, b);
    return i;
  }
  void read(int operation, Read const& a) {
    graph_.add_dependence({.from = a.value, .to = operation, .distance = a.distance});
  }
  /// The graph, with the least limits at an interval.
  GraphDescription finish(int interval) {
    limit_classes(graph_, interval);
    return std::move(graph_);
  }

 private:
  int operation(std::string const& name, int latency, int resource) {
    int const i = graph_.add_operation({.latency = latency}, name);
    graph_.add_demand(i, resource);
    return i;
  }
  GraphDescription graph_;
  int mul_ = graph_.add_resource("MUL");
  int alu_ = graph_.add_resource("ALU");
};

}  // namespace detail

/// A filter as a tree: an input and a multiplication a tap, taps - 1 additions, balanced. Unlike
/// fir_filter() it has no delay line: every tap's sample comes from outside.
inline GraphDescription fir_tree(int taps, int interval) {
  detail::require_positive("fir_tree: taps", taps);
  detail::require_positive("fir_tree: interval", interval);
  detail::SignalFlow flow;
  std::vector<int> terms;
  for (int k = 0; k < taps; ++k) terms.push_back(flow.input(detail::message({"x", k})));
  for (int k = 0; k < taps; ++k) {
    int& term = terms[detail::at(k)];
    term = flow.multiply(detail::message({"mul", k}), {term});
  }
  for (int sums = 0; terms.size() > 1;) {
    std::vector<int> next;
    for (std::size_t k = 0; k + 1 < terms.size(); k += 2)
      next.push_back(flow.add(detail::message({"add", sums++}), {terms[k]}, {terms[k + 1]}));
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  return flow.finish(interval);
}

/// Second-order sections one after the other, each in direct form II (Oppenheim and Schafer,
/// Discrete-Time Signal Processing), five multiplications and four additions:
///
///   w[n] = (x[n] + a2 w[n-2]) + a1 w[n-1]
///   y[n] = (b0 w[n] + b2 w[n-2]) + b1 w[n-1]
///
/// The recurrence of w over a1 sets RecMII 3.
inline GraphDescription biquad_cascade(int sections, int interval) {
  detail::require_positive("biquad_cascade: sections", sections);
  detail::require_positive("biquad_cascade: interval", interval);
  detail::SignalFlow flow;
  int x = flow.input("x");
  for (int k = 0; k < sections; ++k) {
    std::string const s = std::to_string(k);
    int const w = flow.add("w" + s);
    int const a1 = flow.multiply("a1_" + s, {w, 1});
    int const a2 = flow.multiply("a2_" + s, {w, 2});
    flow.read(w, {flow.add("v" + s, {x}, {a2})});
    flow.read(w, {a1});
    int const b0 = flow.multiply("b0_" + s, {w});
    int const b1 = flow.multiply("b1_" + s, {w, 1});
    int const b2 = flow.multiply("b2_" + s, {w, 2});
    x = flow.add("y" + s, {flow.add("u" + s, {b0}, {b2})}, {b1});
  }
  return flow.finish(interval);
}

/// An all-pole filter as a lattice (Gray and Markel, Digital lattice and ladder filter synthesis,
/// 1973), two multiplications and two additions a stage:
///
///   f_(m-1)[n] = f_m[n] - k_m g_(m-1)[n-1],   m = stages .. 1,   f_stages = x
///   g_m[n]     = g_(m-1)[n-1] + k_m f_(m-1)[n],   g_0 = f_0
///
/// The recurrences of g_m over two stages set RecMII 7; with one stage it is 3.
inline GraphDescription all_pole_lattice(int stages, int interval) {
  detail::require_positive("all_pole_lattice: stages", stages);
  detail::require_positive("all_pole_lattice: interval", interval);
  detail::SignalFlow flow;
  std::vector<int> back(detail::at(stages) + 1);     // k_m g_(m-1)[n-1], by m
  std::vector<int> forward(detail::at(stages) + 1);  // f_m, by m
  std::vector<int> g(detail::at(stages) + 1);
  forward.back() = flow.input("x");
  for (int m = stages; m >= 1; --m) {
    back[detail::at(m)] = flow.multiply(detail::message({"back", m}));
    forward[detail::at(m - 1)] =
        flow.add(detail::message({"f", m - 1}), {forward[detail::at(m)]}, {back[detail::at(m)]});
  }
  g[0] = forward[0];
  for (int m = 1; m <= stages; ++m) {
    std::string const s = std::to_string(m);
    int const product = flow.multiply("forth" + s, {forward[detail::at(m - 1)]});
    int const before = g[detail::at(m - 1)];
    flow.read(back[detail::at(m)], {before, 1});
    g[detail::at(m)] = flow.add("g" + s, {before, 1}, {product});
  }
  return flow.finish(interval);
}

/// The eight-point discrete cosine transform of Loeffler, Ligtenberg and Moschytz (Practical fast
/// 1-D DCT algorithms with 11 multiplications, 1989): 11 multiplications, 29 additions.
inline GraphDescription dct8(int interval) {
  detail::require_positive("dct8: interval", interval);
  detail::SignalFlow flow;
  int count = 0;
  auto const add = [&](int a, int b) {
    return flow.add(detail::message({"add", count++}), {a}, {b});
  };
  auto const multiply = [&](int a) {
    return flow.multiply(detail::message({"mul", count++}), {a});
  };
  // A rotation by three multiplications: c (a + b) shared by both results.
  auto const rotate = [&](int a, int b) {
    int const shared = multiply(add(a, b));
    int const first = add(shared, multiply(b));
    return std::pair(first, add(shared, multiply(a)));
  };
  int x[8];
  for (int k = 0; k < 8; ++k) x[k] = flow.input(detail::message({"x", k}));
  int sum[4];
  int difference[4];
  for (int k = 0; k < 4; ++k) sum[k] = add(x[k], x[7 - k]);
  for (int k = 0; k < 4; ++k) difference[k] = add(x[k], x[7 - k]);
  int const even[] = {add(sum[0], sum[3]), add(sum[1], sum[2]), add(sum[1], sum[2]),
                      add(sum[0], sum[3])};
  add(even[0], even[1]);  // outputs 0 and 4
  add(even[0], even[1]);
  rotate(even[2], even[3]);  // outputs 2 and 6
  auto const [a, b] = rotate(difference[0], difference[3]);
  auto const [c, d] = rotate(difference[1], difference[2]);
  int const odd[] = {add(a, c), add(b, d), add(a, c), add(b, d)};
  add(odd[0], odd[1]);  // outputs 1 and 7
  add(odd[0], odd[1]);
  multiply(odd[2]);  // outputs 3 and 5
  multiply(odd[3]);
  return flow.finish(interval);
}

}  // namespace gaus

#endif
