// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_BUILDER_HPP
#define GAUS_GRAPH_BUILDER_HPP

#include <gaus/detail/arrays.hpp>
#include <gaus/detail/csr.hpp>
#include <gaus/detail/message.hpp>
#include <gaus/detail/sorting.hpp>
#include <gaus/error.hpp>
#include <gaus/graph.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// From a description in plain vectors to a checked DependenceGraph.
//
// A GraphDescription is what readers and users fill, in any order. build_graph() checks it as a
// whole (ranges, numbers, duplicates, cycles of forward dependences), names what is wrong by
// operation or dependence, and compresses it: attributes that turn out constant cost no memory.
// O(V + E log E) for V operations and E dependences.
namespace gaus {

/// A graph as its author thinks of it. Numbers of operations, classes and dependences are their
/// places in these vectors.
struct GraphDescription {
  struct Operation {
    int latency = 1;
    int occupancy = 1;
    double size = 1;
  };
  struct Resource {
    std::string name;
    std::optional<double> limit{};  ///< units at once; none: unlimited
  };
  struct Need {
    int operation = 0;
    int resource = 0;
    double units = 1;
  };
  struct Link {
    int from = 0;
    int to = 0;
    int distance = 0;
    double weight = 1;
    int delay = 0;
  };

  std::vector<Operation> operations;
  std::vector<Resource> resources;
  std::vector<Need> demands;
  std::vector<Link> dependences;
  std::vector<std::string> names;  ///< of operations; may be shorter than operations

  int add_resource(std::string name, std::optional<double> limit = {}) {
    resources.push_back({std::move(name), limit});
    return static_cast<int>(resources.size()) - 1;
  }
  int add_operation(Operation const& operation, std::string const& name = {}) {
    operations.push_back(operation);
    int const i = static_cast<int>(operations.size()) - 1;
    if (!name.empty()) {
      names.resize(operations.size());
      names.back() = name;
    }
    return i;
  }
  void add_demand(int operation, int resource, double units = 1) {
    demands.push_back({operation, resource, units});
  }
  void add_dependence(Link const& link) { dependences.push_back(link); }
  void add_dependence(int from, int to) { dependences.push_back({from, to}); }

  /// Units at once of every class; none: unlimited.
  [[nodiscard]] std::vector<std::optional<double>> limits() const {
    std::vector<std::optional<double>> all;
    for (auto const& r : resources) all.push_back(r.limit);
    return all;
  }

  /// "7" or "7 (name)": how messages call an operation.
  [[nodiscard]] std::string call(int i) const {
    auto const k = static_cast<std::size_t>(i);
    std::string text = std::to_string(i);
    if (k < names.size() && !names[k].empty() && names[k] != text) text += " (" + names[k] + ")";
    return text;
  }
};

namespace detail {

inline std::string text_of(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) return std::to_string(static_cast<long long>(x));
  return std::to_string(x);
}

/// How messages about a graph call its parts: by the description that it was built from, if any.
inline std::string call_operation(GraphDescription const* names, int i) {
  return names != nullptr ? names->call(i) : std::to_string(i);
}

inline std::string call_class(GraphDescription const* names, int r) {
  return names != nullptr ? names->resources[static_cast<std::size_t>(r)].name : std::to_string(r);
}

inline std::string units_text(double units) {
  return text_of(units) + (units == 1 ? " unit" : " units");
}

/// Latest step that the library counts to: sums of two steps stay inside int.
inline constexpr int max_steps = std::numeric_limits<int>::max() / 4;

inline void check_operations(GraphDescription const& g) {
  if (g.operations.size() >= static_cast<std::size_t>(max_steps))
    throw InvalidInput(detail::message({"the graph has ", g.operations.size(),
                                        " operations, at most ", max_steps - 1, " are possible"}));
  if (g.names.size() > g.operations.size())
    throw InvalidInput(detail::message(
        {"the graph has ", g.names.size(), " names for ", g.operations.size(), " operations"}));
  long long total = 0;
  for (std::size_t k = 0; k < g.operations.size(); ++k) {
    auto const& o = g.operations[k];
    // Put together only when needed: this loop runs for millions of operations.
    auto const what = [&] { return "operation " + g.call(static_cast<int>(k)) + ": "; };
    if (o.latency < 0) throw InvalidInput(detail::message({what(), "latency ", o.latency, " < 0"}));
    if (o.occupancy < 0)
      throw InvalidInput(detail::message({what(), "occupancy ", o.occupancy, " < 0"}));
    if (!(o.size >= 0) || !std::isfinite(o.size))
      throw InvalidInput(what() + "size " + text_of(o.size) + " is not a finite number >= 0");
    total += std::max(o.latency, o.occupancy);
  }
  for (auto const& d : g.dependences) total += std::abs(static_cast<long long>(d.delay));
  if (total > max_steps)
    throw InvalidInput(detail::message({"latencies, occupancies and delays add up to ", total,
                                        " steps, at most ", max_steps, " are possible"}));
}

/// Throws for the first resource that has the name of an earlier one.
inline void check_names(GraphDescription const& g) {
  auto const name = [&g](int r) -> auto const& {
    return g.resources[static_cast<std::size_t>(r)].name;
  };
  std::vector<int> order(g.resources.size());
  for (std::size_t r = 0; r < order.size(); ++r) order[r] = static_cast<int>(r);
  sort_numbers(order, [&](int a, int b) {
    int const way = name(a).compare(name(b));
    return way != 0 ? way < 0 : a < b;
  });
  std::size_t repeat = 0;  // its place in the order
  for (std::size_t k = 1; k < order.size(); ++k)
    if (name(order[k]) == name(order[k - 1]) && (repeat == 0 || order[k] < order[repeat]))
      repeat = k;
  if (repeat == 0) return;
  throw InvalidInput(message({"resource ", order[repeat], " repeats the name \"",
                              name(order[repeat]), "\" of resource ", order[repeat - 1]}));
}

inline void check_demands(GraphDescription const& g) {
  check_names(g);
  for (std::size_t a = 0; a < g.resources.size(); ++a) {
    auto const& limit = g.resources[a].limit;
    if (limit && (!(*limit >= 0) || !std::isfinite(*limit)))
      throw InvalidInput("resource " + g.resources[a].name + ": limit " + text_of(*limit) +
                         " is not a finite number >= 0");
  }
  int const operations = static_cast<int>(g.operations.size());
  int const resources = static_cast<int>(g.resources.size());
  for (std::size_t k = 0; k < g.demands.size(); ++k) {
    auto const& d = g.demands[k];
    if (d.operation < 0 || d.operation >= operations)
      throw InvalidInput(detail::message({"demand ", k, ": operation ", d.operation,
                                          ", the graph has ", operations, " operations"}));
    auto const what = [&] { return "operation " + g.call(d.operation) + ": demand of resource "; };
    if (d.resource < 0 || d.resource >= resources)
      throw InvalidInput(
          detail::message({what(), d.resource, ", the graph has ", resources, " resources"}));
    if (!(d.units >= 0) || !std::isfinite(d.units))
      throw InvalidInput(what() + g.resources[static_cast<std::size_t>(d.resource)].name + ": " +
                         text_of(d.units) + " units is not a finite number >= 0");
    if (d.units > 0 && g.operations[static_cast<std::size_t>(d.operation)].occupancy == 0)
      throw InvalidInput(what() + g.resources[static_cast<std::size_t>(d.resource)].name + ": " +
                         text_of(d.units) + " units, but its occupancy is 0");
  }
}

inline void check_dependences(GraphDescription const& g) {
  int const operations = static_cast<int>(g.operations.size());
  if (g.dependences.size() > static_cast<std::size_t>(max_steps))
    throw InvalidInput(detail::message({"the graph has ", g.dependences.size(),
                                        " dependences, at most ", max_steps, " are possible"}));
  for (std::size_t k = 0; k < g.dependences.size(); ++k) {
    auto const& d = g.dependences[k];
    auto const what = [&] {
      return detail::message({"dependence ", k, ", ", d.from, " -> ", d.to, ": "});
    };
    if (d.from < 0 || d.from >= operations || d.to < 0 || d.to >= operations)
      throw InvalidInput(detail::message({what(), "the graph has operations 0..", operations - 1}));
    if (d.distance < 0)
      throw InvalidInput(detail::message({what(), "distance ", d.distance, " < 0"}));
    if (!(d.weight >= 0) || !std::isfinite(d.weight))
      throw InvalidInput(what() + "weight " + text_of(d.weight) + " is not a finite number >= 0");
    if (d.from == d.to && d.distance == 0)
      throw InvalidInput(what() + "an operation cannot wait for itself in the same iteration");
  }
  // Sorted by their ends; those that share both, few as a rule, by the rest too.
  auto const link = [&g](int k) -> auto const& {
    return g.dependences[static_cast<std::size_t>(k)];
  };
  auto order = sorted_rows(g.operations.size(), g.dependences, [](auto const& d) {
                 return std::pair(d.from, d.to);
               }).order;
  auto const same_ends = [&](std::size_t k) {
    auto const& a = link(order[k - 1]);
    auto const& b = link(order[k]);
    return a.from == b.from && a.to == b.to;
  };
  std::vector<int> shared;
  for (std::size_t k = 1; k < order.size(); ++k) {
    if (!same_ends(k)) continue;
    std::size_t const first = k - 1;
    while (k + 1 < order.size() && same_ends(k + 1)) ++k;
    shared.assign(order.begin() + static_cast<std::ptrdiff_t>(first),
                  order.begin() + static_cast<std::ptrdiff_t>(k + 1));
    sort_numbers(shared, [&](int x, int y) {
      auto const& a = link(x);
      auto const& b = link(y);
      if (a.distance != b.distance) return a.distance < b.distance;
      return a.delay != b.delay ? a.delay < b.delay : x < y;
    });
    std::copy(shared.begin(), shared.end(), order.begin() + static_cast<std::ptrdiff_t>(first));
  }
  for (std::size_t k = 1; k < order.size(); ++k) {
    auto const& a = link(order[k - 1]);
    auto const& b = link(order[k]);
    if (same_ends(k) && a.distance == b.distance && a.delay == b.delay)
      throw InvalidInput(
          detail::message({"dependence ", order[k], " repeats dependence ", order[k - 1], ": ",
                           g.call(a.from), " -> ", g.call(a.to), ", distance ", a.distance}));
  }
}

/// Throws when forward dependences form a cycle, and names its operations; time lags may.
inline void check_acyclic(GraphDescription const& g) {
  std::vector<std::pair<int, int>> forward;
  for (auto const& d : g.dependences)
    if (is_ordering(g.operations[static_cast<std::size_t>(d.from)].latency, d.distance, d.delay))
      forward.emplace_back(d.from, d.to);
  auto const cycle = find_cycle(static_cast<int>(g.operations.size()), forward);
  if (cycle.empty()) return;
  std::string text =
      detail::message({"the forward dependences form a cycle of ", cycle.size(), " operations: "});
  std::size_t const shown = std::min<std::size_t>(cycle.size(), 8);
  for (std::size_t k = 0; k < shown; ++k) text += g.call(cycle[k]) + " -> ";
  text += shown < cycle.size() ? "..." : g.call(cycle.front());
  throw InvalidInput(text);
}

/// Copies values to a labelled array of a memory space, or keeps the one constant they all have.
template <class MemorySpace, class T>
Attribute<T, MemorySpace> make_attribute(char const* label, T fallback, std::vector<T> const& v) {
  if (std::all_of(v.begin(), v.end(), [&](T x) { return x == v.front(); }))
    return {v.empty() ? fallback : v.front(), {}};
  return {fallback, make_array<MemorySpace>(label, v)};
}

}  // namespace detail

/// Checks everything that can be wrong with a description: ranges, numbers, duplicates, cycles of
/// forward dependences. Throws InvalidInput.
inline void check(GraphDescription const& description) {
  detail::check_operations(description);
  detail::check_demands(description);
  detail::check_dependences(description);
  detail::check_acyclic(description);
}

/// Checks a description and compresses it into a graph in MemorySpace. Waits for the copies.
template <class MemorySpace = Kokkos::HostSpace>
DependenceGraph<MemorySpace> build_graph(GraphDescription const& g) {
  check(g);
  typename DependenceGraph<MemorySpace>::Data data;
  auto const operations = g.operations.size();
  data.operations = static_cast<int>(operations);
  data.dependences = static_cast<int>(g.dependences.size());
  data.resources = static_cast<int>(g.resources.size());

  // Plain loops: each kind of column by a function of its own would take long to compile.
  std::vector<int> first(operations);
  std::vector<int> second(operations);
  std::vector<double> real(operations);
  for (std::size_t k = 0; k < operations; ++k) {
    first[k] = g.operations[k].latency;
    second[k] = g.operations[k].occupancy;
    real[k] = g.operations[k].size;
  }
  data.latency = detail::make_attribute<MemorySpace>("gaus::graph::latency", 1, first);
  data.occupancy = detail::make_attribute<MemorySpace>("gaus::graph::occupancy", 1, second);
  data.size = detail::make_attribute<MemorySpace>("gaus::graph::size", 1.0, real);

  // Several demands of one class add up; a row without units disappears.
  std::vector<GraphDescription::Need> needs;
  auto const by_place = detail::sorted_rows(
      operations, g.demands, [](auto const& d) { return std::pair(d.operation, d.resource); });
  for (int const k : by_place.order) {
    auto const& d = g.demands[static_cast<std::size_t>(k)];
    if (d.units <= 0) continue;
    if (!needs.empty() && needs.back().operation == d.operation &&
        needs.back().resource == d.resource)
      needs.back().units += d.units;
    else
      needs.push_back(d);
  }
  bool one_each = needs.size() == operations && data.resources > 0;
  for (std::size_t i = 0; one_each && i < operations; ++i)
    one_each =
        needs[i].operation == static_cast<int>(i) && needs[i].resource == 0 && needs[i].units == 1;
  if (!one_each) {
    std::vector<int> offset(operations + 1, 0);
    for (auto const& d : needs) ++offset[static_cast<std::size_t>(d.operation) + 1];
    std::partial_sum(offset.begin(), offset.end(), offset.begin());
    data.demand_offset = detail::make_array<MemorySpace>("gaus::graph::demand_offset", offset);
    first.resize(needs.size());
    real.resize(needs.size());
    for (std::size_t k = 0; k < needs.size(); ++k) {
      first[k] = needs[k].resource;
      real[k] = needs[k].units;
    }
    data.demand_resource = detail::make_array<MemorySpace>("gaus::graph::demand_resource", first);
    data.demand_units = detail::make_array<MemorySpace>("gaus::graph::demand_units", real);
  }

  using Link = GraphDescription::Link;
  auto const out = detail::sorted_rows(operations, g.dependences,
                                       [](Link const& d) { return std::pair(d.from, d.to); });
  std::vector<Link> links;
  links.reserve(g.dependences.size());
  for (int const k : out.order) links.push_back(g.dependences[static_cast<std::size_t>(k)]);
  auto const in =
      detail::sorted_rows(operations, links, [](Link const& d) { return std::pair(d.to, d.from); });
  first.resize(links.size());
  second.resize(links.size());
  for (std::size_t k = 0; k < links.size(); ++k) {
    first[k] = links[k].to;
    second[k] = links[static_cast<std::size_t>(in.order[k])].from;
  }
  data.outgoing_offset = detail::make_array<MemorySpace>("gaus::graph::outgoing", out.offset);
  data.target = detail::make_array<MemorySpace>("gaus::graph::target", first);
  data.incoming_offset = detail::make_array<MemorySpace>("gaus::graph::incoming", in.offset);
  data.source = detail::make_array<MemorySpace>("gaus::graph::source", second);
  data.incoming_index = detail::make_array<MemorySpace>("gaus::graph::incoming_index", in.order);
  real.resize(links.size());
  for (std::size_t k = 0; k < links.size(); ++k) {
    first[k] = links[k].distance;
    second[k] = links[k].delay;
    real[k] = links[k].weight;
  }
  data.distance = detail::make_attribute<MemorySpace>("gaus::graph::distance", 0, first);
  data.delay = detail::make_attribute<MemorySpace>("gaus::graph::delay", 0, second);
  data.weight = detail::make_attribute<MemorySpace>("gaus::graph::weight", 1.0, real);
  return DependenceGraph<MemorySpace>(data);
}

}  // namespace gaus

#endif
