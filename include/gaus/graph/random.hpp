// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_RANDOM_HPP
#define GAUS_GRAPH_RANDOM_HPP

#include <gaus/detail/message.hpp>
#include <gaus/detail/random_bits.hpp>
#include <gaus/graph/builder.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// Graphs out of nothing, for tests, benchmarks and demonstrations: the same description from the
// same settings on every platform (detail/random_bits.hpp).
//
//   chain(n)             0 -> 1 -> ... -> n - 1: no freedom beyond the slack
//   star(n)              0 -> 1 .. n - 1: one value with many consumers
//   butterfly(stages)    the data flow of a fast Fourier transform of 2^stages points
//   fir_filter(taps)     a delay line, multiplications (class MUL), an adder tree (class ALU)
//   layered_workload     a random layered graph with mixed latencies, occupancies, sizes, demands
//   add_recurrences      back-edges onto any of them: loops for pipelined schedules
//
// Operations are numbered topologically. Time and memory are linear in operations and dependences:
// ten million operations take seconds. What comes back is a GraphDescription, which may still be
// changed; build_graph() checks and compresses it. Settings without meaning throw InvalidInput.
namespace gaus {
namespace detail {

inline void require_positive(char const* what, int n, int least = 1) {
  if (n < least)
    throw InvalidInput(detail::message({what, " = ", n, ", at least ", least, " is needed"}));
}

/// The forward dependences of a description in rows by producer, and the level of every operation:
/// the most dependences on a path that ends there.
struct ForwardLevels {
  std::vector<int> offset;
  std::vector<int> target;
  std::vector<int> level;
  int depth = 0;  ///< largest level
};

inline ForwardLevels forward_levels(GraphDescription const& g) {
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  std::size_t const n = g.operations.size();
  ForwardLevels f{std::vector<int>(n + 1, 0), {}, std::vector<int>(n, 0)};
  std::vector<int> waiting(n, 0);
  for (auto const& d : g.dependences) {
    if (d.distance != 0) continue;
    ++f.offset[at(d.from) + 1];
    ++waiting[at(d.to)];
  }
  for (std::size_t i = 0; i < n; ++i) f.offset[i + 1] += f.offset[i];
  f.target.resize(at(f.offset[n]));
  std::vector<int> next(f.offset.begin(), f.offset.end() - 1);
  for (auto const& d : g.dependences)
    if (d.distance == 0) f.target[at(next[at(d.from)]++)] = d.to;
  std::vector<int> ready;
  ready.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    if (waiting[i] == 0) ready.push_back(static_cast<int>(i));
  for (std::size_t done = 0; done < ready.size(); ++done) {
    int const v = ready[done];
    f.depth = std::max(f.depth, f.level[at(v)]);
    for (int k = f.offset[at(v)]; k < f.offset[at(v) + 1]; ++k) {
      int const to = f.target[at(k)];
      f.level[at(to)] = std::max(f.level[at(to)], f.level[at(v)] + 1);
      if (--waiting[at(to)] == 0) ready.push_back(to);
    }
  }
  return f;
}

}  // namespace detail

/// n operations in a row, each reading the one before; one class.
inline GraphDescription chain(int n) {
  detail::require_positive("chain: operations", n, 0);
  GraphDescription g;
  int const unit = g.add_resource("ALU");
  for (int i = 0; i < n; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
    if (i > 0) g.add_dependence(i - 1, i);
  }
  return g;
}

/// n operations: operation 0, and n - 1 that read its value; one class.
inline GraphDescription star(int n) {
  detail::require_positive("star: operations", n, 0);
  GraphDescription g;
  int const unit = g.add_resource("ALU");
  for (int i = 0; i < n; ++i) {
    g.add_operation({});
    g.add_demand(i, unit);
    if (i > 0) g.add_dependence(0, i);
  }
  return g;
}

/// The data flow of a transform of 2^stages points: 2^stages inputs, which take no units, and as
/// many operations a stage, each reading two of the stage before, 2^(stage - 1) apart.
inline GraphDescription butterfly(int stages) {
  detail::require_positive("butterfly: stages", stages, 0);
  if (stages > 22)
    throw InvalidInput(detail::message({"butterfly: stages = ", stages, ", at most 22 fit"}));
  GraphDescription g;
  int const unit = g.add_resource("ALU");
  int const points = 1 << stages;
  for (int p = 0; p < points; ++p) g.add_operation({});
  for (int stage = 1; stage <= stages; ++stage)
    for (int p = 0; p < points; ++p) {
      int const i = g.add_operation({});
      g.add_demand(i, unit);
      int const before = (stage - 1) * points;
      g.add_dependence(before + p, i);
      g.add_dependence(before + (p ^ (1 << (stage - 1))), i);
    }
  return g;
}

/// A filter y = sum of c_k x_k over the taps: a delay line x_0 .. x_(taps - 1), in which x_k is
/// x_(k - 1) of the iteration before and takes no units, a multiplication a tap (class MUL, latency
/// 2, pipelined), and taps - 1 additions as a balanced tree (class ALU, latency 1).
inline GraphDescription fir_filter(int taps) {
  detail::require_positive("fir_filter: taps", taps);
  GraphDescription g;
  int const mul = g.add_resource("MUL");
  int const alu = g.add_resource("ALU");
  std::vector<int> terms;
  for (int k = 0; k < taps; ++k) {
    int const x = g.add_operation({}, detail::message({"x", k}));
    if (k > 0) g.add_dependence({.from = x - 1, .to = x, .distance = 1});
  }
  for (int k = 0; k < taps; ++k) {
    int const i = g.add_operation({.latency = 2}, detail::message({"mul", k}));
    g.add_demand(i, mul);
    g.add_dependence(k, i);
    terms.push_back(i);
  }
  for (int sums = 0; terms.size() > 1;) {
    std::vector<int> next;
    for (std::size_t k = 0; k + 1 < terms.size(); k += 2) {
      int const i = g.add_operation({}, detail::message({"add", sums++}));
      g.add_demand(i, alu);
      g.add_dependence(terms[k], i);
      g.add_dependence(terms[k + 1], i);
      next.push_back(i);
    }
    if (terms.size() % 2 == 1) next.push_back(terms.back());
    terms = std::move(next);
  }
  return g;
}

/// Settings of layered_workload().
struct LayeredWorkload {
  int operations = 1000;                 ///< V
  int layers = 20;                       ///< operations of one layer do not depend on each other
  double dependences_per_operation = 2;  ///< beyond the first layer, on average and at least 1
  int max_latency = 3;                   ///< uniform in 1..max_latency
  int max_occupancy = 2;                 ///< uniform in 1..max_occupancy
  int max_size = 4;                      ///< uniform in 1..max_size
  int resources = 2;                     ///< each operation takes units of one class; 0: of none
  int max_units = 1;                     ///< uniform in 1..max_units
  std::uint64_t seed = 1;                ///< of the random numbers
};

/// A random layered graph. Layers have the same size up to one operation. An operation beyond the
/// first layer reads one of the layer just before, so that the depth is the number of layers, and
/// further ones of any earlier layer, mostly near: the layers back follow 1/2, 1/4, ... Values
/// have several consumers, or none.
inline GraphDescription layered_workload(LayeredWorkload const& settings) {
  detail::require_positive("layered_workload: operations", settings.operations, 0);
  detail::require_positive("layered_workload: layers", settings.layers);
  detail::require_positive("layered_workload: max_latency", settings.max_latency);
  detail::require_positive("layered_workload: max_occupancy", settings.max_occupancy);
  detail::require_positive("layered_workload: max_size", settings.max_size);
  detail::require_positive("layered_workload: resources", settings.resources, 0);
  detail::require_positive("layered_workload: max_units", settings.max_units);
  if (!(settings.dependences_per_operation >= 0 && settings.dependences_per_operation <= 1e6))
    throw InvalidInput(detail::message({"layered_workload: dependences_per_operation = ",
                                        settings.dependences_per_operation, " is not in 0..1e6"}));

  GraphDescription g;
  detail::RandomBits random(settings.seed);
  int const n = settings.operations;
  int const layers = std::max(1, std::min(settings.layers, n));
  g.operations.reserve(static_cast<std::size_t>(n));
  g.demands.reserve(static_cast<std::size_t>(n));
  g.dependences.reserve(static_cast<std::size_t>(n * settings.dependences_per_operation) + 16);
  for (int r = 0; r < settings.resources; ++r) g.add_resource(detail::message({"class", r}));
  auto const first_of = [&](int layer) {
    return static_cast<int>(static_cast<std::int64_t>(n) * layer / layers);
  };

  std::vector<int> sources;
  for (int layer = 0; layer < layers; ++layer) {
    for (int i = first_of(layer); i < first_of(layer + 1); ++i) {
      g.add_operation({.latency = 1 + random.below(settings.max_latency),
                       .occupancy = 1 + random.below(settings.max_occupancy),
                       .size = 1.0 + random.below(settings.max_size)});
      if (settings.resources > 0)
        g.add_demand(i, random.below(settings.resources), 1 + random.below(settings.max_units));
      if (layer == 0) continue;
      double const wanted = settings.dependences_per_operation;
      int reads = static_cast<int>(wanted);
      if (random.unit() < wanted - reads) ++reads;
      sources.clear();
      for (int k = 0; k < std::max(1, reads); ++k) {
        int back = 1;
        while (k > 0 && back < layer && random.below(2) == 1) ++back;
        int const begin = first_of(layer - back);
        sources.push_back(begin + random.below(first_of(layer - back + 1) - begin));
      }
      std::sort(sources.begin(), sources.end());
      sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
      for (int const from : sources) g.add_dependence(from, i);
    }
  }
  return g;
}

/// Settings of add_recurrences().
struct Recurrences {
  double share = 0.01;     ///< of the operations that a back-edge enters
  int max_length = 8;      ///< most dependences on the forward walk that a back-edge closes
  int max_distance = 4;    ///< distances are uniform in 1..max_distance
  double begin = 0.6;      ///< walks begin in this part of the depth, counted in dependences
  std::uint64_t seed = 1;  ///< of the random numbers
};

/// Turns a graph into a loop: a share of the operations begins a random forward walk, of at most
/// max_length dependences, and a back-edge closes it, from its last operation to its first. Fewer
/// where too few operations have a successor and lie early enough. Operations that a loop-carried
/// dependence enters already are left alone. Returns the number of back-edges.
inline int add_recurrences(GraphDescription& description, Recurrences const& settings = {}) {
  detail::require_positive("add_recurrences: max_length", settings.max_length);
  detail::require_positive("add_recurrences: max_distance", settings.max_distance);
  if (!(settings.share >= 0 && settings.share <= 1))
    throw InvalidInput(
        detail::message({"add_recurrences: share = ", settings.share, " is not in 0..1"}));
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  int const n = static_cast<int>(description.operations.size());
  auto const f = detail::forward_levels(description);
  std::vector<char> entered(at(n), 0);
  for (auto const& d : description.dependences)
    if (d.distance > 0) entered[at(d.to)] = 1;
  std::vector<int> candidates;
  for (int i = 0; i < n; ++i)
    if (f.offset[at(i)] < f.offset[at(i) + 1] && !entered[at(i)] &&
        f.level[at(i)] <= settings.begin * f.depth)
      candidates.push_back(i);

  detail::RandomBits random(settings.seed);
  int const wanted = static_cast<int>(settings.share * n + 0.5);
  int const count = std::min(wanted, static_cast<int>(candidates.size()));
  for (int k = 0; k < count; ++k) {
    int const rest = static_cast<int>(candidates.size()) - k;
    std::swap(candidates[at(k)], candidates[at(k + random.below(rest))]);
    int const first = candidates[at(k)];
    int last = first;
    for (int length = 1 + random.below(settings.max_length); length > 0; --length) {
      int const row = f.offset[at(last)];
      int const successors = f.offset[at(last) + 1] - row;
      if (successors == 0) break;
      last = f.target[at(row + random.below(successors))];
    }
    description.add_dependence(
        {.from = last, .to = first, .distance = 1 + random.below(settings.max_distance)});
  }
  return count;
}

}  // namespace gaus

#endif
