// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_SUPPORT_ROUND_TRIP_HPP
#define GAUS_TESTS_SUPPORT_ROUND_TRIP_HPP

#include <gaus/graph/builder.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// Descriptions that use every field, and whether two of them are equal.
namespace gaus_test {

/// Equal in every field, in order; names that are missing at the end count as empty.
inline bool same_graph(gaus::GraphDescription const& a, gaus::GraphDescription const& b) {
  auto const equal = [](auto const& x, auto const& y, auto field) {
    if (x.size() != y.size()) return false;
    for (std::size_t k = 0; k < x.size(); ++k)
      if (field(x[k]) != field(y[k])) return false;
    return true;
  };
  auto const name = [](auto const& g, std::size_t i) {
    return i < g.names.size() ? g.names[i] : std::string();
  };
  for (std::size_t i = 0; i < a.operations.size(); ++i)
    if (name(a, i) != name(b, i)) return false;
  return equal(a.operations, b.operations,
               [](auto const& o) { return std::tuple(o.latency, o.occupancy, o.size); }) &&
         equal(a.resources, b.resources,
               [](auto const& r) { return std::tuple(r.name, r.limit); }) &&
         equal(a.demands, b.demands,
               [](auto const& d) { return std::tuple(d.operation, d.resource, d.units); }) &&
         equal(a.dependences, b.dependences, [](auto const& d) {
           return std::tuple(d.from, d.to, d.distance, d.weight, d.delay);
         });
}

/// What of a description is random beside its dependences.
struct RandomFields {
  bool operations = true;  ///< latency, occupancy, size
  bool classes = true;     ///< resources and demands; else one unit of "all" each
  bool loops = true;       ///< distances and delays
  int names = 2;           ///< 0: none, 1: plain words, each once, 2: any bytes, also none or twice
};

/// A legal description of 0 to 12 operations.
inline gaus::GraphDescription random_description(std::uint32_t seed, RandomFields const& fields,
                                                 int least = 0) {
  std::mt19937 random(seed);
  auto const below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  auto const number = [&] {
    double const some[] = {0, 0.1, 1, 1.0 / 3, 3, 1e13, 1e-300, 5e-324, 123456789.25, 2.5};
    return some[below(10)];
  };
  auto const word = [&] {
    std::string text;
    for (int k = below(6); k > 0; --k)
      text += std::string(" ,:;\\\"\n\t#%[]{}<>=/*ab1_-")[static_cast<std::size_t>(below(25))];
    return text + (below(4) == 0 ? "\xc3\xa4" : "");
  };
  gaus::GraphDescription g;
  int const n = least + below(13 - least);
  if (!fields.classes) g.add_resource("all");
  if (fields.classes)
    for (int r = below(4); r > 0; --r)
      g.add_resource(r == 1 ? word() : std::to_string(r) + word(),
                     below(2) == 0 ? std::nullopt : std::optional(number()));
  for (int i = 0; i < n; ++i) {
    gaus::GraphDescription::Operation o;
    if (fields.operations) o = {.latency = below(4), .occupancy = 1 + below(3), .size = number()};
    std::string const plain = "op" + std::to_string(n - i) + (below(2) == 0 ? ".a" : "-b");
    g.add_operation(o, fields.names == 0 ? "" : fields.names == 1 ? plain : word());
    if (!fields.classes) g.add_demand(i, 0);
    if (fields.classes && !g.resources.empty())
      for (int k = below(3); k > 0; --k)
        g.add_demand(i, below(static_cast<int>(g.resources.size())), number());
  }
  for (int from = 0; from < n; ++from)
    for (int to = 0; to < n; ++to) {
      bool const back = to <= from;
      if (below(3) != 0 || (back && !fields.loops)) continue;
      int const distance = back ? 1 + below(3) : fields.loops ? below(2) : 0;
      g.add_dependence({from, to, distance, number(), fields.loops ? below(5) - 2 : 0});
      if (fields.loops && below(4) == 0)  // a second one between the same two
        g.add_dependence({from, to, distance + 1, number(), below(3)});
    }
  return g;
}

/// Writes and reads again.
template <class Write, class Read>
gaus::GraphDescription round_trip(Write const& write, Read const& read,
                                  gaus::GraphDescription const& graph) {
  std::ostringstream out;
  write(out, graph);
  std::istringstream in(out.str());
  return read(in);
}

}  // namespace gaus_test

#endif
