// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_FUZZ_CHECKS_HPP
#define GAUS_TESTS_FUZZ_CHECKS_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/graph/builder.hpp>
#include <gaus/graph/initiation_interval.hpp>
#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// What must hold for every input there is. A target takes bytes and throws Finding where something
// does not hold; every other exception that leaves it is a finding, too. The same targets run under
// libFuzzer (libfuzzer.cpp) and over the files of the corpus (corpus.cpp).
namespace gaus_fuzz {

/// Something that must hold and does not.
struct Finding : std::logic_error {
  using std::logic_error::logic_error;
};

inline void expect(bool holds, std::string const& what) {
  if (!holds) throw Finding(what);
}

inline std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// A message is one line of reasonable length that a terminal can show.
inline void check_message(std::string const& text) {
  expect(text.size() > 5 && text.size() < 1000,
         "a message of " + std::to_string(text.size()) + " bytes");
  for (char const c : text)
    expect(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a control character in: " + text);
}

/// What run() returns; none when it refuses its input by one of the two exceptions that it may.
template <class Run>
auto unless_refused(Run const& run) -> std::optional<decltype(run())> {
  try {
    return run();
  } catch (gaus::InvalidInput const& error) {
    check_message(error.what());
  } catch (gaus::Infeasible const& error) {
    check_message(error.what());
  }
  return std::nullopt;
}

/// What read(stream) makes of the bytes; none when it refuses them. A reader knows no other answer
/// than InvalidInput, and its messages begin with the name of the input.
template <class Read>
auto read_bytes(std::string_view bytes, Read const& read) {
  std::istringstream stream{std::string(bytes)};
  std::optional<decltype(read(stream))> result;
  try {
    result = read(stream);
  } catch (gaus::InvalidInput const& error) {
    check_message(error.what());
    expect(std::string_view(error.what()).starts_with("input: "),
           std::string("a message without the name of the input: ") + error.what());
  }
  return result;
}

/// Bounds keep every constraint at both ends, and leave no operation without a step.
inline void check_bounds(gaus::DifferenceSystem const& system, gaus::StepBounds const& bounds,
                         int steps) {
  for (int i = 0; i < system.operations; ++i) {
    int const low = bounds.earliest[at(i)];
    int const high = bounds.latest[at(i)];
    expect(low >= 0 && low <= high && high + system.length[at(i)] <= steps,
           gaus::detail::message(
               {"operation ", i, " has the window ", low, "..", high, " in ", steps, " steps"}));
    for (int k = system.out_offset[at(i)]; k < system.out_offset[at(i) + 1]; ++k) {
      int const to = system.out_to[at(k)];
      int const delta = system.out_delta[at(k)];
      expect(bounds.earliest[at(to)] - low >= delta && bounds.latest[at(to)] - high >= delta,
             gaus::detail::message({"bounds break the constraint ", i, " -> ", to}));
    }
  }
}

/// A description that a reader has let through builds a graph, and has step bounds unless time lags
/// contradict each other. Loops have an interval at which their recurrences hold.
inline void check_description(gaus::GraphDescription const& description) {
  auto const graph = gaus::build_graph<Kokkos::HostSpace>(description);
  expect(graph.num_operations() == static_cast<int>(description.operations.size()) &&
             graph.num_dependences() == static_cast<int>(description.dependences.size()) &&
             graph.num_resources() == static_cast<int>(description.resources.size()),
         "the graph has other sizes than its description");
  auto const system = gaus::make_difference_system(graph);
  auto const bounded = unless_refused([&] {
    int const critical = gaus::critical_path(system, gaus::earliest_steps(system));
    for (int const slack : {0, 3})
      check_bounds(system, gaus::step_bounds(system, critical + slack), critical + slack);
    return true;
  });
  bool const lags = std::any_of(description.dependences.begin(), description.dependences.end(),
                                [](auto const& d) { return d.delay < 0; });
  expect(bounded || lags, "no schedule exists, though nothing but forward dependences binds");
  auto const minimum = unless_refused(
      [&] { return gaus::initiation_interval(graph, description.limits(), &description); });
  if (!minimum) return;
  check_message(minimum->text);
  auto const folded = gaus::make_difference_system(graph, minimum->interval);
  gaus::earliest_steps(folded);
}

inline bool same_edge(gaus::GraphDescription::Link const& a,
                      gaus::GraphDescription::Link const& b) {
  return a.from == b.from && a.to == b.to && a.distance == b.distance && a.weight == b.weight &&
         a.delay == b.delay;
}

inline bool same_demand(gaus::GraphDescription::Need const& a,
                        gaus::GraphDescription::Need const& b) {
  return a.operation == b.operation && a.resource == b.resource && a.units == b.units;
}

/// Throws unless two descriptions say the same; the demands of an operation keep their order, those
/// of different operations need not.
inline void check_same(gaus::GraphDescription a, gaus::GraphDescription b) {
  for (auto* g : {&a, &b}) {
    std::stable_sort(g->demands.begin(), g->demands.end(),
                     [](auto const& x, auto const& y) { return x.operation < y.operation; });
    g->names.resize(g->operations.size());
  }
  expect(
      std::equal(a.operations.begin(), a.operations.end(), b.operations.begin(), b.operations.end(),
                 [](auto const& x, auto const& y) {
                   return x.latency == y.latency && x.occupancy == y.occupancy && x.size == y.size;
                 }),
      "operations change when they are written and read");
  expect(a.names == b.names, "names change when they are written and read");
  expect(std::equal(
             a.resources.begin(), a.resources.end(), b.resources.begin(), b.resources.end(),
             [](auto const& x, auto const& y) { return x.name == y.name && x.limit == y.limit; }),
         "classes change when they are written and read");
  expect(std::equal(a.demands.begin(), a.demands.end(), b.demands.begin(), b.demands.end(),
                    same_demand),
         "demands change when they are written and read");
  expect(std::equal(a.dependences.begin(), a.dependences.end(), b.dependences.begin(),
                    b.dependences.end(), same_edge),
         "dependences change when they are written and read");
}

}  // namespace gaus_fuzz

#endif
