// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_DESCRIPTION_HPP
#define GAUS_GRAPH_DESCRIPTION_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A graph in plain vectors, as readers and users fill it, in any order. Nothing is checked here:
// check() and build_graph() (graph/builder.hpp) look at it as a whole.
namespace gaus {

/// A graph as its author thinks of it. Numbers of operations, classes and dependences are their
/// places in these vectors.
struct GraphDescription {
  /// What one operation takes and makes.
  struct Operation {
    int latency = 1;    ///< steps until its result can be used
    int occupancy = 1;  ///< steps that it keeps its units busy; 0 only where it takes none
    double size = 1;    ///< of its value, in the user's unit
    std::optional<double> delay_ns{};  ///< within a step (graph/chaining.hpp); none: not stated
  };
  /// A resource class.
  struct Resource {
    std::string name;               ///< as messages and files call it
    std::optional<double> limit{};  ///< units at once; none: unlimited
  };
  /// Units that an operation takes of a class.
  struct Need {
    int operation = 0;  ///< who takes them
    int resource = 0;   ///< of which class
    double units = 1;   ///< how many, >= 0
  };
  /// A dependence.
  struct Link {
    int from = 0;       ///< producer
    int to = 0;         ///< consumer
    int distance = 0;   ///< iterations between them; 0: forward
    double weight = 1;  ///< cost of a step boundary that it crosses
    int delay = 0;      ///< extra steps, any sign
    bool value = true;  ///< false: orders its ends, but its consumer reads nothing
  };

  std::vector<Operation> operations;  ///< V of them
  std::vector<Resource> resources;    ///< the classes
  std::vector<Need> demands;          ///< in any order
  std::vector<Link> dependences;      ///< in any order
  std::vector<std::string> names;     ///< of operations; may be shorter than operations

  /// Adds a class and returns its number.
  int add_resource(std::string name, std::optional<double> limit = {}) {
    resources.push_back({std::move(name), limit});
    return static_cast<int>(resources.size()) - 1;
  }
  /// Adds an operation and returns its number.
  int add_operation(Operation const& operation, std::string const& name = {}) {
    operations.push_back(operation);
    int const i = static_cast<int>(operations.size()) - 1;
    if (!name.empty()) {
      names.resize(operations.size());
      names.back() = name;
    }
    return i;
  }
  /// Lets an operation take units of a class while it is busy.
  void add_demand(int operation, int resource, double units = 1) {
    demands.push_back({operation, resource, units});
  }
  /// Adds a dependence.
  void add_dependence(Link const& link) { dependences.push_back(link); }
  /// Adds a forward dependence of weight 1 without a delay.
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

}  // namespace gaus

#endif
