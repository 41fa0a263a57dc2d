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

/// Why no schedule exists.
struct InfeasibleReason {
  /// What stands in the way.
  enum class Kind {
    cycle,     ///< a cycle of dependences that asks an operation to start after itself
    window,    ///< a longest path does not fit into the steps
    resource,  ///< an operation takes more units than its resource class has
  };
  Kind kind = Kind::window;     ///< what stands in the way
  std::vector<int> operations;  ///< the cycle or the path, in order; the operation (resource)
  long long required = 0;       ///< steps that the path needs, excess of the cycle, units taken
  long long available = 0;      ///< steps or units that are there
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
