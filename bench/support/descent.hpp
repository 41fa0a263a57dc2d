// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_DESCENT_HPP
#define GAUS_BENCH_SUPPORT_DESCENT_HPP

#include <support/instances.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

// Descents behind an interface, since several benchmarks need them and each pair of execution space
// and scalar type takes seconds to compile.
namespace gaus_bench {

/// What is minimised.
enum class Goal {
  a,  ///< 100 * usage + communication
  b   ///< memory
};
inline char const* name_of(Goal goal) { return goal == Goal::a ? "A" : "B"; }

/// Spreads of a descent.
enum class Spreads {
  recipe,  ///< of the default recipe, from wide to narrow
  one,     ///< one step throughout
  two      ///< two steps throughout
};
inline char const* name_of(Spreads spreads) {
  return spreads == Spreads::recipe ? "recipe" : spreads == Spreads::one ? "spread1" : "spread2";
}

/// Graphs whose iterations take so long that fewer are made.
inline bool takes_long(int operations) { return operations >= 1000000; }

/// Iterations of a descent; a benchmark makes whole descents, so that wide and narrow spreads count
/// alike. Multipliers are updated every twelfth, as in a solve.
inline int descent_length(int operations) { return takes_long(operations) ? 12 : 48; }

/// Iterations on one instance, which outlives it. Buffers are there from the beginning.
class Descent {
 public:
  virtual ~Descent() = default;
  /// Seconds of the next iteration; where a descent has ended, the next one begins.
  virtual double next() = 0;
};

/// Descents on an execution space, in a scalar type.
struct DescentVariant {
  std::string name;  ///< as in names of benchmarks: OpenMP/float
  std::size_t real;  ///< bytes of the scalar type
  char const* memory_space;
  double (*copy_bandwidth)();
  std::unique_ptr<Descent> (*make)(Instance const&, Goal, Spreads);
};

std::vector<DescentVariant> descent_variants();

}  // namespace gaus_bench

#endif
