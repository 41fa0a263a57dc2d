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
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// From a description in plain vectors to a checked DependenceGraph.
//
// A GraphDescription is what readers and users fill, in any order. build_graph() checks it as a
// whole (ranges, numbers, duplicates, cycles of forward dependences), names what is wrong by
// operation or dependence, and compresses it: attributes that turn out constant cost no memory.
// O(V + E log d) for V operations, E dependences and at most d in a row, O(V + E) where the
// dependences come sorted by either end, as most readers bring them.
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
  if (std::abs(x) >= 1e-4 && std::abs(x) < 1e15) return std::to_string(x);
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, x).ptr};
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

/// What costs are sums of: beyond 2^53 they would not be exact, and some not be finite.
inline void check_total(char const* what, double total) {
  if (!(total <= 9007199254740992))
    throw InvalidInput(
        message({what, " add up to ", text_of(total), ", at most 9007199254740992 are possible"}));
}

inline void check_operations(GraphDescription const& g) {
  if (g.operations.size() >= static_cast<std::size_t>(max_steps))
    throw InvalidInput(detail::message({"the graph has ", g.operations.size(),
                                        " operations, at most ", max_steps - 1, " are possible"}));
  if (g.names.size() > g.operations.size())
    throw InvalidInput(detail::message(
        {"the graph has ", g.names.size(), " names for ", g.operations.size(), " operations"}));
  long long total = 0;
  double sizes = 0;
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
    sizes += o.size;
  }
  check_total("sizes", sizes);
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
  double units = 0;
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
    units += d.units * g.operations[static_cast<std::size_t>(d.operation)].occupancy;
  }
  check_total("units times occupancies", units);
}

/// Throws when two dependences agree in all but their weights. order: by producer, then consumer.
inline void check_repeats(GraphDescription const& g, std::vector<int> const& order) {
  auto const link = [&](int k) -> auto const& {
    return g.dependences[static_cast<std::size_t>(k)];
  };
  std::vector<int> alike;  // dependences between the same two operations
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    auto const& d = link(order[first]);
    for (++last; last < order.size(); ++last)
      if (link(order[last]).to != d.to || link(order[last]).from != d.from) break;
    if (last - first == 1) continue;
    alike.assign(order.begin() + static_cast<std::ptrdiff_t>(first),
                 order.begin() + static_cast<std::ptrdiff_t>(last));
    sort_numbers(alike, [&](int x, int y) {
      auto const& a = link(x);
      auto const& b = link(y);
      if (a.distance != b.distance) return a.distance < b.distance;
      return a.delay != b.delay ? a.delay < b.delay : x < y;
    });
    for (std::size_t k = 1; k < alike.size(); ++k) {
      auto const& a = link(alike[k - 1]);
      auto const& b = link(alike[k]);
      if (a.distance == b.distance && a.delay == b.delay)
        throw InvalidInput(
            message({"dependence ", alike[k], " repeats dependence ", alike[k - 1], ": ",
                     g.call(a.from), " -> ", g.call(a.to), ", distance ", a.distance}));
    }
  }
}

/// Checks each dependence; all of them in rows by producer, sorted by consumer.
inline Rows check_dependences(GraphDescription const& g) {
  int const operations = static_cast<int>(g.operations.size());
  if (g.dependences.size() > static_cast<std::size_t>(max_steps))
    throw InvalidInput(detail::message({"the graph has ", g.dependences.size(),
                                        " dependences, at most ", max_steps, " are possible"}));
  double weights = 0;
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
    weights += d.weight;
  }
  check_total("weights", weights);
  auto rows = sorted_rows(g.operations.size(), g.dependences,
                          [](auto const& d) { return std::pair(d.from, d.to); });
  check_repeats(g, rows.order);
  return rows;
}

/// Throws when forward dependences form a cycle, and names its operations; time lags may.
inline void check_acyclic(GraphDescription const& g) {
  auto const orders = [&](GraphDescription::Link const& d) {
    return is_ordering(g.operations[static_cast<std::size_t>(d.from)].latency, d.distance, d.delay);
  };
  // Readers mostly number operations in an order that shows it.
  if (std::all_of(g.dependences.begin(), g.dependences.end(),
                  [&](auto const& d) { return d.from < d.to || !orders(d); }))
    return;
  std::vector<std::pair<int, int>> forward;
  for (auto const& d : g.dependences)
    if (orders(d)) forward.emplace_back(d.from, d.to);
  auto const cycle = find_cycle(static_cast<int>(g.operations.size()), forward);
  if (cycle.empty()) return;
  std::string text =
      detail::message({"the forward dependences form a cycle of ", cycle.size(), " operations: "});
  std::size_t const shown = std::min<std::size_t>(cycle.size(), 8);
  for (std::size_t k = 0; k < shown; ++k) text += g.call(cycle[k]) + " -> ";
  text += shown < cycle.size() ? "..." : g.call(cycle.front());
  throw InvalidInput(text);
}

/// Checks a description as a whole; its dependences in rows by producer, sorted by consumer.
inline Rows check_into_rows(GraphDescription const& g) {
  check_operations(g);
  check_demands(g);
  auto rows = check_dependences(g);
  check_acyclic(g);
  return rows;
}

/// One column of n values as a labelled array of a memory space, or the one constant they all are.
template <class MemorySpace, class T, class Value>
Attribute<T, MemorySpace> make_attribute(char const* label, T fallback, std::size_t n,
                                         Value&& value) {
  if (n == 0) return {fallback, {}};
  T const first = value(std::size_t{0});
  std::size_t same = 1;
  while (same < n && value(same) == first) ++same;
  if (same == n) return {first, {}};
  std::vector<T> column(n);
  for (std::size_t k = 0; k < n; ++k) column[k] = value(k);
  return {fallback, make_array<MemorySpace>(label, column)};
}

/// The demands of all operations: several of one class add up, one without units disappears.
template <class MemorySpace>
void fill_demands(GraphDescription const& g, typename DependenceGraph<MemorySpace>::Data& data) {
  using Need = GraphDescription::Need;
  auto const by_place = sorted_rows(g.operations.size(), g.demands, [](Need const& d) {
    return std::pair(d.operation, d.resource);
  });
  std::vector<int> offset(g.operations.size() + 1, 0);
  std::vector<int> resource;
  std::vector<double> units;
  bool one_each = data.resources > 0;
  for (std::size_t i = 0; i < g.operations.size(); ++i) {
    auto const begin = resource.size();
    for (int k = by_place.offset[i]; k < by_place.offset[i + 1]; ++k) {
      Need const& d =
          g.demands[static_cast<std::size_t>(by_place.order[static_cast<std::size_t>(k)])];
      if (d.units <= 0) continue;
      if (resource.size() > begin && resource.back() == d.resource) {
        units.back() += d.units;
      } else {
        resource.push_back(d.resource);
        units.push_back(d.units);
      }
    }
    offset[i + 1] = static_cast<int>(resource.size());
    one_each = one_each && resource.size() == i + 1 && resource.back() == 0 && units.back() == 1;
  }
  if (one_each) return;
  data.demand_offset = make_array<MemorySpace>("gaus::graph::demand_offset", offset);
  data.demand_resource = make_array<MemorySpace>("gaus::graph::demand_resource", resource);
  data.demand_units = make_array<MemorySpace>("gaus::graph::demand_units", units);
}

}  // namespace detail

/// Checks everything that can be wrong with a description: ranges, numbers, duplicates, cycles of
/// forward dependences. Throws InvalidInput.
inline void check(GraphDescription const& description) { detail::check_into_rows(description); }

/// Checks a description and compresses it into a graph in MemorySpace. Waits for the copies.
/// Beside the description and the graph it needs 4 (V + 3 E) bytes for a while.
template <class MemorySpace = Kokkos::HostSpace>
DependenceGraph<MemorySpace> build_graph(GraphDescription const& g) {
  auto const at = [](int i) { return static_cast<std::size_t>(i); };
  auto const out = detail::check_into_rows(g);
  typename DependenceGraph<MemorySpace>::Data data;
  auto const operations = g.operations.size();
  auto const dependences = g.dependences.size();
  data.operations = static_cast<int>(operations);
  data.dependences = static_cast<int>(dependences);
  data.resources = static_cast<int>(g.resources.size());

  data.latency =
      detail::make_attribute<MemorySpace>("gaus::graph::latency", 1, operations,
                                          [&](std::size_t i) { return g.operations[i].latency; });
  data.occupancy =
      detail::make_attribute<MemorySpace>("gaus::graph::occupancy", 1, operations,
                                          [&](std::size_t i) { return g.operations[i].occupancy; });
  data.size = detail::make_attribute<MemorySpace>(
      "gaus::graph::size", 1.0, operations, [&](std::size_t i) { return g.operations[i].size; });
  detail::fill_demands<MemorySpace>(g, data);

  auto const link = [&](std::size_t e) -> GraphDescription::Link const& {
    return g.dependences[at(out.order[e])];
  };
  data.distance = detail::make_attribute<MemorySpace>(
      "gaus::graph::distance", 0, dependences, [&](std::size_t e) { return link(e).distance; });
  data.delay = detail::make_attribute<MemorySpace>("gaus::graph::delay", 0, dependences,
                                                   [&](std::size_t e) { return link(e).delay; });
  data.weight = detail::make_attribute<MemorySpace>("gaus::graph::weight", 1.0, dependences,
                                                    [&](std::size_t e) { return link(e).weight; });
  data.outgoing_offset = detail::make_array<MemorySpace>("gaus::graph::outgoing", out.offset);
  std::vector<int> place(dependences);  // in the outgoing rows, then in the incoming ones
  for (std::size_t e = 0; e < dependences; ++e) place[e] = link(e).to;
  data.target = detail::make_array<MemorySpace>("gaus::graph::target", place);
  auto const in = detail::sorted_rows(operations, place, [](int to) { return std::pair(to, 0); });
  data.incoming_offset = detail::make_array<MemorySpace>("gaus::graph::incoming", in.offset);
  data.incoming_index = detail::make_array<MemorySpace>("gaus::graph::incoming_index", in.order);
  for (std::size_t e = 0; e < dependences; ++e) place[e] = link(e).from;
  std::vector<int> source(dependences);
  for (std::size_t k = 0; k < dependences; ++k) source[k] = place[at(in.order[k])];
  data.source = detail::make_array<MemorySpace>("gaus::graph::source", source);
  return DependenceGraph<MemorySpace>(data);
}

}  // namespace gaus

#endif
