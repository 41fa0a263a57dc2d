// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_ERROR_HPP
#define GAUS_ERROR_HPP

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// What goes wrong, in two types.
//
//   InvalidInput  the caller gave something that has no meaning: a negative latency, a dependence
//                 to an operation that does not exist, a truncated file. The text names the place
//                 (file, line or operation) and the numbers that disagree.
//   Infeasible    the input is sound, but no schedule satisfies it. The reason comes as data, so
//                 that a tool can point at the operations, and as one sentence.
//
// A schedule that violates a constraint is no exception: verify() reports it (schedule/verify.hpp).
namespace gaus {

/// The input has no meaning as it stands; nothing was changed.
class InvalidInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Why no schedule exists: the shortest reason that is known, whole, so that it proves itself.
struct InfeasibleReason {
  /// What stands in the way.
  enum class Kind {
    cycle,     ///< a cycle of dependences that asks an operation to start after itself
    window,    ///< a longest path does not fit into the steps, or before a deadline
    resource,  ///< operations take more of a resource class than it has
  };
  Kind kind = Kind::window;     ///< what stands in the way
  std::vector<int> operations;  ///< the cycle or the path, in order; those that take (resource)
  long long required = 0;       ///< steps that the path needs, excess of the cycle, units taken
  long long available = 0;      ///< steps or units that are there

  /// Cycle, path: the least distance from the start of each operation to that of the next one, in
  /// steps; of the last one to the first (cycle), to its own end (path). They add up to required -
  /// available (cycle), to required (path).
  std::vector<long long> lengths{};
  bool deadline = false;  ///< window: available is a deadline of the last operation
  int resource = -1;      ///< resource: the class
  int first = 0;          ///< resource: the operations cannot leave the steps first ..
  int last = 0;           ///< .. last - 1; 0 and 0: one operation, or every interval, is too much
  double demand = 0;      ///< resource: units of one operation, else units times steps
  double capacity = 0;    ///< resource: the same that is there
  int steps = 0;          ///< of the schedule that was asked for, where they matter
  int interval = 0;       ///< initiation interval that was asked for and is too short
  int minimum_interval = 0;  ///< the least that is not ruled out the same way (MII)
  long long distance = 0;    ///< cycle, beside an interval: iterations that it spans
};

/// The input is sound, but no schedule satisfies it.
class Infeasible : public std::runtime_error {
 public:
  /// text: one sentence; reason: the same as data.
  Infeasible(std::string const& text, InfeasibleReason reason)
      : std::runtime_error(text), reason_(std::move(reason)) {}

  /// The reason as data, for tools that point at the operations.
  [[nodiscard]] InfeasibleReason const& reason() const noexcept { return reason_; }

 private:
  InfeasibleReason reason_;
};

}  // namespace gaus

#endif
