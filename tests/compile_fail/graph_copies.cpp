// expect: gaus::Graph: the graph needs a default constructor, copy constructor and copy assignment
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph.hpp>

struct Demands {
  int size() const { return 0; }
  gaus::Demand operator[](int) const { return {0, 1.0}; }
};
struct Row {
  int size() const { return 0; }
  gaus::Dependence operator[](int) const { return {0, 0, 0, 0, 1.0}; }
};

struct MyGraph {
  using memory_space = Kokkos::HostSpace;
  explicit MyGraph(int) {}
  int num_operations() const { return 1; }
  int num_dependences() const { return 0; }
  int num_resources() const { return 0; }
  int latency(int) const { return 1; }
  int occupancy(int) const { return 1; }
  double size(int) const { return 1; }
  Demands demands(int) const { return {}; }
  Row outgoing(int) const { return {}; }
  Row incoming(int) const { return {}; }
};

int main() { gaus::check_graph<MyGraph>(); }
