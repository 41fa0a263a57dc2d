// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_CLOCK_HPP
#define GAUS_SCHEDULE_CLOCK_HPP

#include "resources.hpp"
#include <gaus/graph/builder.hpp>
#include <gaus/graph/chaining.hpp>
#include <gaus/io/dot.hpp>
#include <gaus/io/reader.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// --clock and --delay: operations with delays that chain within a clock period (graph/chaining.hpp).
namespace gaus_schedule {

/// What --delay says: each "NS" or "LABEL=NS".
struct Delays {
  std::optional<double> other{};  ///< of operations that state none
  std::vector<std::pair<std::string, double>> of_label{};
};

/// Throws gaus::InvalidInput; a label may hold "=".
inline Delays parse_delays(std::vector<std::string> const& texts) {
  Delays delays;
  for (auto const& text : texts) {
    auto const equals = text.rfind('=');
    bool const labelled = equals != std::string::npos;
    std::string const number = labelled ? text.substr(equals + 1) : text;
    double delay = 0;
    if (!gaus::detail::parse_number(number, delay) || delay < 0 || equals == 0)
      gaus::detail::fail("--delay", gaus::detail::in_quotes(text) +
                                        " is neither NS nor LABEL=NS with a number >= 0");
    if (labelled)
      delays.of_label.emplace_back(detail::lower_case(text.substr(0, equals)), delay);
    else
      delays.other = delay;
  }
  return delays;
}

/// The default table of DOT with these delays. An operation with a delay has the latency that it needs
/// under the clock, and occupies its unit as long.
inline gaus::OperationTable clocked_table(Delays const& delays, double period_ns) {
  gaus::OperationTable table;
  for (auto const& [label, delay] : delays.of_label)
    table.kinds.try_emplace(label, *table.other).first->second.delay_ns = delay;
  auto const clock = [&](gaus::OperationKind& kind) {
    if (!kind.delay_ns) kind.delay_ns = delays.other;
    if (!kind.delay_ns) return;
    kind.latency = gaus::chained_latency(*kind.delay_ns, period_ns);
    kind.occupancy = std::max(1, kind.latency);
  };
  for (auto& [label, kind] : table.kinds) clock(kind);
  clock(*table.other);
  return table;
}

/// A graph under a clock.
struct Clock {
  double period_ns = 0;
  std::optional<double> default_delay_ns{};
  gaus::HostGraph graph;  ///< without the rules
  std::vector<double> delays;
  std::size_t rules = 0;
  bool exact = true;
};

/// Adds the rules of a clock to a graph. Throws gaus::InvalidInput.
inline Clock apply_clock(gaus::GraphDescription& description, std::string const& name,
                         double period_ns, std::optional<double> default_delay_ns, bool pipelined) {
  Clock clock;
  clock.period_ns = period_ns;
  clock.default_delay_ns = default_delay_ns;
  try {
    clock.delays = gaus::chain_delays(description, default_delay_ns);
  } catch (gaus::InvalidInput const& error) {
    gaus::detail::fail(name,
                       std::string(error.what()) + " (--delay NS is for operations without one)");
  }
  try {
    clock.graph = gaus::build_graph<>(description);
    auto const rules = gaus::chaining_rules(clock.graph, clock.delays, period_ns,
                                            {.pipelined = pipelined}, &description);
    clock.rules = rules.breaks.size();
    clock.exact = rules.exact;
    gaus::add_rules(description, rules);
  } catch (gaus::InvalidInput const& error) {
    gaus::detail::fail(name, error.what());
  }
  return clock;
}

/// The chains of a schedule that take longer than the clock period, in words.
inline std::vector<std::string> chain_violations(std::optional<Clock> const& clock,
                                                 gaus::GraphDescription const& description,
                                                 std::span<int const> start_steps, int interval) {
  std::vector<std::string> all;
  if (clock)
    for (auto& path :
         gaus::chaining_violations(clock->graph, std::span<double const>(clock->delays),
                                   clock->period_ns, start_steps, interval, &description))
      all.push_back(std::move(path.text));
  return all;
}

/// The longest chain of a schedule; none without operations.
inline gaus::ChainedPath longest_chain(Clock const& clock, std::span<int const> start_steps,
                                       int interval) {
  auto chains = gaus::longest_chains(clock.graph, std::span<double const>(clock.delays),
                                     clock.period_ns, start_steps, interval);
  auto const longest =
      std::max_element(chains.begin(), chains.end(),
                       [](auto const& a, auto const& b) { return a.delay_ns < b.delay_ns; });
  return longest == chains.end() ? gaus::ChainedPath{} : std::move(*longest);
}

}  // namespace gaus_schedule

#endif
