// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A graph of one's own: a compiler's arrays, read where they lie. The struct models gaus::Graph; no
// operation and no dependence is copied.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <cstdio>
#include <vector>

/// The compiler's own idea of a basic block: instructions with up to two operands.
struct Instruction {
  int operand[2];  ///< instruction numbers, -1: none
  int cycles;
};

/// Reads such a block as a dependence graph. Operands are the incoming dependences; the uses, which
/// this compiler keeps as lists, are the outgoing ones.
struct BlockGraph {
  using memory_space = Kokkos::HostSpace;
  Instruction const* code;
  int const* use_offset;  ///< V + 1
  int const* uses;        ///< 2 * user + operand slot
  int count;

  struct Operands {
    Instruction const* code;
    int user;
    KOKKOS_FUNCTION int size() const {
      return (code[user].operand[0] >= 0 ? 1 : 0) + (code[user].operand[1] >= 0 ? 1 : 0);
    }
    KOKKOS_FUNCTION gaus::Dependence operator[](int k) const {
      return {2 * user + k, code[user].operand[k], 0, 0, 1.0};
    }
  };
  struct Uses {
    int const* first;
    int length;
    KOKKOS_FUNCTION int size() const { return length; }
    KOKKOS_FUNCTION gaus::Dependence operator[](int k) const {
      return {first[k], first[k] / 2, 0, 0, 1.0};
    }
  };
  struct OneUnit {
    KOKKOS_FUNCTION int size() const { return 1; }
    KOKKOS_FUNCTION gaus::Demand operator[](int) const { return {0, 1.0}; }
  };

  KOKKOS_FUNCTION int num_operations() const { return count; }
  KOKKOS_FUNCTION int num_dependences() const { return 2 * count; }  // numbers, with holes
  KOKKOS_FUNCTION int num_resources() const { return 1; }
  KOKKOS_FUNCTION int latency(int i) const { return code[i].cycles; }
  KOKKOS_FUNCTION int occupancy(int) const { return 1; }
  KOKKOS_FUNCTION double size(int) const { return 1; }
  KOKKOS_FUNCTION OneUnit demands(int) const { return {}; }
  KOKKOS_FUNCTION Operands incoming(int i) const { return {code, i}; }
  KOKKOS_FUNCTION Uses outgoing(int i) const {
    return {uses + use_offset[i], use_offset[i + 1] - use_offset[i]};
  }
};

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultHostExecutionSpace const exec;

  // Four loads, then a tree of three additions.
  std::vector<Instruction> const code{{{-1, -1}, 2}, {{-1, -1}, 2}, {{-1, -1}, 2}, {{-1, -1}, 2},
                                      {{0, 1}, 1},   {{2, 3}, 1},   {{4, 5}, 1}};
  std::vector<int> const use_offset{0, 1, 2, 3, 4, 5, 6, 6};
  std::vector<int> const uses{8, 9, 10, 11, 12, 13};
  BlockGraph const graph{code.data(), use_offset.data(), uses.data(),
                         static_cast<int>(code.size())};

  auto const result =
      gaus::schedule(exec, graph, gaus::PeakUsage{} + gaus::weighted(0.1, gaus::MemoryFootprint{}),
                     {.steps = 8, .iterations = 2000});
  std::printf("peak %g in %d steps, loads at",
              gaus::PeakUsage{}.exact(gaus::make_problem(graph, 8), result.schedule.start_steps),
              result.schedule.steps);
  for (int i = 0; i < 4; ++i) std::printf(" %d", result.schedule.start_step(i));
  std::printf("\n");
}

// prints:
// peak 1 in 8 steps, loads at 0 1 2 3
