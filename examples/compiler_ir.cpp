// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A compiler's intermediate representation, read where it lies: the instructions of a block are the
// operations, its operand and use lists are the dependences. The struct BlockGraph models gaus::Graph
// without a copy of either. A basic block is scheduled for few registers on limited units, a loop is
// pipelined, and the start cycles go back into the instructions.
#include <gaus/gaus.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <vector>

// ---- the compiler: nothing of gaus ----
namespace ir {

enum Unit : int { memory_port, multiplier, adder, no_unit };
enum Opcode : int { phi, load, store, mul, add };

/// What the target says of an opcode. No result: no register.
struct OpcodeInfo {
  char const* name;
  Unit unit;
  int latency;
  int busy;  ///< cycles until the unit takes the next instruction
  bool has_result;
};
constexpr OpcodeInfo opcodes[] = {{"phi", no_unit, 0, 0, true},
                                  {"load", memory_port, 2, 1, true},
                                  {"store", memory_port, 1, 1, false},
                                  {"mul", multiplier, 3, 2, true},
                                  {"add", adder, 1, 1, true}};

/// One operand: the instruction that makes it, and whether that one did so an iteration earlier.
struct Operand {
  int value;
  bool back_edge;
};
/// Instructions know their operands and uses as ranges of the function's two lists. A use is the
/// place of an operand in the list of operands.
struct Instruction {
  Opcode opcode;
  int first_operand;
  int num_operands;
  int first_use;
  int num_uses;
  int cycle;  ///< the scheduler's answer
};
struct Block {
  int first;
  int count;
};

/// A function in static single assignment form: instructions in program order, block after block.
struct Function {
  std::vector<Instruction> code;
  std::vector<Operand> operands;
  std::vector<int> user;  ///< of every operand: the instruction that reads it
  std::vector<int> uses;

  /// Appends an instruction. Operands are numbers of instructions of the block; values from outside
  /// (arguments, constants) are left out. A phi takes its operand from the iteration before.
  int emit(Opcode opcode, std::initializer_list<int> values = {}) {
    int const number = static_cast<int>(code.size());
    code.push_back(
        {opcode, static_cast<int>(operands.size()), static_cast<int>(values.size()), 0, 0, -1});
    for (int const v : values) {
      operands.push_back({v, opcode == phi});
      user.push_back(number);
    }
    return number;
  }
  /// Closes the loop: the value that a phi takes from the end of the body.
  void set_operand(int number, int k, int value) {
    operands[static_cast<std::size_t>(code[static_cast<std::size_t>(number)].first_operand + k)]
        .value = value;
  }
  void find_uses() {
    for (auto const& o : operands) ++code[static_cast<std::size_t>(o.value)].num_uses;
    int next = 0;
    for (auto& i : code) {
      i.first_use = next;
      next += i.num_uses;
      i.num_uses = 0;
    }
    uses.resize(operands.size());
    for (std::size_t o = 0; o < operands.size(); ++o) {
      auto& maker = code[static_cast<std::size_t>(operands[o].value)];
      uses[static_cast<std::size_t>(maker.first_use + maker.num_uses++)] = static_cast<int>(o);
    }
  }
};

}  // namespace ir

// ---- the bridge ----
/// A block as gaus::Graph. Pointers and numbers: kernels copy it. Here they point into host memory;
/// for a device the function's three arrays are copied there once, as Kokkos::View in place of the
/// pointers, memory_space is the device's, and the table of opcodes becomes a member.
struct BlockGraph {
  using memory_space = Kokkos::HostSpace;
  ir::Instruction const* code = nullptr;  ///< of the block
  ir::Operand const* operands = nullptr;
  int const* user = nullptr;
  int const* uses = nullptr;
  int first_instruction = 0;  ///< of the block in the function
  int first_operand = 0;      ///< of the block in the list: dependences are numbered from 0
  int instructions = 0;
  int num_operands = 0;

  BlockGraph() = default;
  BlockGraph(ir::Function const& f, ir::Block const& block)
      : code(f.code.data() + block.first),
        operands(f.operands.data()),
        user(f.user.data()),
        uses(f.uses.data()),
        first_instruction(block.first),
        first_operand(code[0].first_operand),
        instructions(block.count),
        num_operands(code[block.count - 1].first_operand + code[block.count - 1].num_operands -
                     first_operand) {}

  /// The dependence that operand o is, from one end or the other. A value costs its register alone:
  /// no weight.
  [[nodiscard]] KOKKOS_FUNCTION gaus::Dependence dependence(int o, int other_end) const {
    return {o - first_operand, other_end - first_instruction, operands[o].back_edge ? 1 : 0, 0, 0};
  }
  struct Operands {
    BlockGraph const* graph;
    int i;
    KOKKOS_FUNCTION int size() const { return graph->code[i].num_operands; }
    KOKKOS_FUNCTION gaus::Dependence operator[](int k) const {
      int const o = graph->code[i].first_operand + k;
      return graph->dependence(o, graph->operands[o].value);
    }
  };
  struct Uses {
    BlockGraph const* graph;
    int i;
    KOKKOS_FUNCTION int size() const { return graph->code[i].num_uses; }
    KOKKOS_FUNCTION gaus::Dependence operator[](int k) const {
      int const o = graph->uses[graph->code[i].first_use + k];
      return graph->dependence(o, graph->user[o]);
    }
  };
  struct Units {
    ir::Unit unit;
    KOKKOS_FUNCTION int size() const { return unit == ir::no_unit ? 0 : 1; }
    KOKKOS_FUNCTION gaus::Demand operator[](int) const { return {unit, 1.0}; }
  };

  [[nodiscard]] KOKKOS_FUNCTION ir::OpcodeInfo const& info(int i) const {
    return ir::opcodes[code[i].opcode];
  }
  KOKKOS_FUNCTION int num_operations() const { return instructions; }
  KOKKOS_FUNCTION int num_dependences() const { return num_operands; }
  KOKKOS_FUNCTION int num_resources() const { return ir::no_unit; }
  KOKKOS_FUNCTION int latency(int i) const { return info(i).latency; }
  KOKKOS_FUNCTION int occupancy(int i) const { return info(i).busy; }
  KOKKOS_FUNCTION double size(int i) const { return info(i).has_result ? 1 : 0; }
  KOKKOS_FUNCTION Units demands(int i) const { return {info(i).unit}; }
  KOKKOS_FUNCTION Operands incoming(int i) const { return {this, i}; }
  KOKKOS_FUNCTION Uses outgoing(int i) const { return {this, i}; }
};

// ---- the back end ----
/// Eight loads, four products, their sum, and its store: y = a0 b0 + a1 b1 + a2 b2 + a3 b3.
ir::Block emit_dot_product(ir::Function& f) {
  int const first = static_cast<int>(f.code.size());
  int loads[8];
  for (int& value : loads) value = f.emit(ir::load);
  int products[4];
  for (int k = 0; k < 4; ++k) products[k] = f.emit(ir::mul, {loads[k], loads[k + 4]});
  int const left = f.emit(ir::add, {products[0], products[1]});
  int const right = f.emit(ir::add, {products[2], products[3]});
  f.emit(ir::store, {f.emit(ir::add, {left, right})});
  return {first, static_cast<int>(f.code.size()) - first};
}

/// A recurrence, s = c * s + *p++, stored each time. A phi is a value of the iteration before.
ir::Block emit_loop(ir::Function& f) {
  int const first = static_cast<int>(f.code.size());
  int const pointer = f.emit(ir::phi, {first});  // operands follow at the end of the body
  int const sum = f.emit(ir::phi, {first});
  int const x = f.emit(ir::load, {pointer});
  int const scaled = f.emit(ir::mul, {sum});
  int const next_sum = f.emit(ir::add, {scaled, x});
  f.emit(ir::store, {pointer, next_sum});
  int const next_pointer = f.emit(ir::add, {pointer});
  f.set_operand(pointer, 0, next_pointer);
  f.set_operand(sum, 0, next_sum);
  return {first, static_cast<int>(f.code.size()) - first};
}

void write_back(gaus::Schedule const& schedule, ir::Function& f, ir::Block const& block) {
  for (int i = 0; i < block.count; ++i)
    f.code[static_cast<std::size_t>(block.first + i)].cycle = schedule.start_step(i);
}

/// The block as the IR has it now, a line a cycle from the first one that starts something.
void print(ir::Function const& f, ir::Block const& block) {
  int first = f.code[static_cast<std::size_t>(block.first)].cycle;
  int last = first;
  for (int i = block.first; i < block.first + block.count; ++i) {
    first = std::min(first, f.code[static_cast<std::size_t>(i)].cycle);
    last = std::max(last, f.code[static_cast<std::size_t>(i)].cycle);
  }
  for (int t = first; t <= last; ++t) {
    std::printf("  cycle %2d:", t);
    for (int i = block.first; i < block.first + block.count; ++i) {
      auto const& instruction = f.code[static_cast<std::size_t>(i)];
      if (instruction.cycle != t) continue;
      std::printf("  %%%d = %s", i, ir::opcodes[instruction.opcode].name);
      for (int k = 0; k < instruction.num_operands; ++k)
        std::printf(" %%%d",
                    f.operands[static_cast<std::size_t>(instruction.first_operand + k)].value);
    }
    std::printf("\n");
  }
}

int main(int argc, char** argv) {
  Kokkos::ScopeGuard const kokkos(argc, argv);
  Kokkos::DefaultHostExecutionSpace const exec;

  ir::Function function;
  auto const block = emit_dot_product(function);
  auto const loop = emit_loop(function);
  function.find_uses();
  std::vector<std::optional<double>> const units{1.0, 1.0, 1.0};  // one of each

  BlockGraph const straight(function, block);
  auto const result =
      gaus::schedule(exec, straight, gaus::MemoryFootprint{},
                     gaus::Constraints{gaus::ResourceLimit(units)}, {.iterations = 500});
  write_back(result.schedule, function, block);
  std::printf("block: %d instructions in %d cycles, %g registers, at least %g\n", block.count,
              result.schedule.steps, result.value, result.lower_bound);
  print(function, block);

  BlockGraph const body(function, loop);
  auto const pipelined =
      gaus::pipeline(exec, body, gaus::MemoryFootprint{}, units, {.iterations = 500});
  write_back(pipelined.schedule, function, loop);
  std::printf("loop: an iteration every %d cycles%s, %g registers, at least %g\n",
              pipelined.schedule.initiation_interval,
              pipelined.interval_is_minimal ? ", the fewest" : "", pipelined.value,
              pipelined.lower_bound);
  print(function, loop);
}

// prints:
// block: 16 instructions in 15 cycles, 3 registers, at least 2
//   cycle  0:  %0 = load
//   cycle  1:  %4 = load
//   cycle  2:  %1 = load
//   cycle  3:  %5 = load  %8 = mul %0 %4
//   cycle  4:  %2 = load
//   cycle  5:  %6 = load  %9 = mul %1 %5
//   cycle  6:  %3 = load
//   cycle  7:  %7 = load  %10 = mul %2 %6
//   cycle  8:  %12 = add %8 %9
//   cycle  9:  %11 = mul %3 %7
//   cycle 10:
//   cycle 11:
//   cycle 12:  %13 = add %10 %11
//   cycle 13:  %14 = add %12 %13
//   cycle 14:  %15 = store %14
// loop: an iteration every 4 cycles, the fewest, 3 registers, at least 3
//   cycle  4:  %17 = phi %20  %19 = mul %17
//   cycle  5:  %16 = phi %22  %18 = load %16
//   cycle  6:
//   cycle  7:  %20 = add %19 %18
//   cycle  8:  %21 = store %16 %20  %22 = add %16
