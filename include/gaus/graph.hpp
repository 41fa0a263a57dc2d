// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_GRAPH_HPP
#define GAUS_GRAPH_HPP

#include <Kokkos_Core.hpp>
#include <concepts>
#include <limits>
#include <optional>
#include <string>

// A dependence graph: operations 0..V-1 and dependences between them, read on the device.
//
//   operation i   latency(i) >= 0    steps until its result can be used
//                 occupancy(i) >= 0  steps during which it keeps its units busy
//                 size(i) >= 0       size of the value that it produces
//                 demands(i)         row of (resource class, units)
//   dependence    distance >= 0      iterations between producer and consumer (0: forward)
//                 delay              extra steps, any sign
//                 weight >= 0        cost of one step boundary that it crosses
//
// The forward dependences (distance 0) form a directed acyclic graph. Time lags are left out of this:
// dependences whose negative delay takes back all of the latency may lead back, and are then maximum
// distances between two starts. Every dependence has one number, index, in 0..E-1, the same in its
// producer's and in its consumer's row.
//
// A graph is a small value (handles and numbers) that kernels copy. DependenceGraph is the one that
// ships; a compiler that has its own arrays wraps them in a struct with these members, without a
// copy (examples/custom_graph.cpp).
namespace gaus {

/// How many units of which resource class an operation takes while it is busy.
struct Demand {
  int resource;
  double units;
};

/// One dependence as seen from one of its ends; operation is the other end.
struct Dependence {
  int index;
  int operation;
  int distance;
  int delay;
  double weight;
};

namespace detail {
/// Latest step that the library counts to: sums of two steps stay inside int.
inline constexpr int max_steps = std::numeric_limits<int>::max() / 4;

/// Whether a dependence orders its ends: forward, and no mere time lag.
KOKKOS_INLINE_FUNCTION bool is_ordering(int latency, int distance, int delay) {
  return distance == 0 && (delay >= 0 || latency + delay > 0);
}

template <class Row, class Value>
concept RowOf = requires(Row const row, int k) {
  { row.size() } -> std::convertible_to<int>;
  { row[k] } -> std::convertible_to<Value>;
};
}  // namespace detail

/// What the library reads of a graph. Rows have size() and operator[]; all members are callable
/// on the device (KOKKOS_FUNCTION) and in memory_space.
template <class G>
concept Graph = std::copyable<G> && requires(G const graph, int i) {
  typename G::memory_space;
  { graph.num_operations() } -> std::convertible_to<int>;
  { graph.num_dependences() } -> std::convertible_to<int>;
  { graph.num_resources() } -> std::convertible_to<int>;
  { graph.latency(i) } -> std::convertible_to<int>;
  { graph.occupancy(i) } -> std::convertible_to<int>;
  { graph.size(i) } -> std::convertible_to<double>;
  { graph.demands(i) } -> detail::RowOf<Demand>;
  { graph.outgoing(i) } -> detail::RowOf<Dependence>;
  { graph.incoming(i) } -> detail::RowOf<Dependence>;
};

/// Says in words what a graph type lacks; every entry point that takes one calls it first.
template <class G>
constexpr void check_graph() {
  static_assert(
      requires { typename G::memory_space; },
      "gaus::Graph: the graph needs 'using memory_space = <where its arrays lie>'");
  static_assert(
      requires(G const g) {
        { g.num_operations() } -> std::convertible_to<int>;
        { g.num_dependences() } -> std::convertible_to<int>;
        { g.num_resources() } -> std::convertible_to<int>;
      },
      "gaus::Graph: the graph needs 'int num_operations() const', 'int num_dependences() const' "
      "and 'int num_resources() const'");
  static_assert(
      requires(G const g) {
        { g.latency(0) } -> std::convertible_to<int>;
        { g.occupancy(0) } -> std::convertible_to<int>;
        { g.size(0) } -> std::convertible_to<double>;
      },
      "gaus::Graph: the graph needs 'int latency(int) const', 'int occupancy(int) const' and "
      "'double size(int) const'");
  static_assert(
      requires(G const g) {
        { g.demands(0) } -> detail::RowOf<Demand>;
      },
      "gaus::Graph: the graph needs 'demands(int) const', a row of gaus::Demand with size() and "
      "operator[]");
  static_assert(
      requires(G const g) {
        { g.outgoing(0) } -> detail::RowOf<Dependence>;
        { g.incoming(0) } -> detail::RowOf<Dependence>;
      },
      "gaus::Graph: the graph needs 'outgoing(int) const' and 'incoming(int) const', rows of "
      "gaus::Dependence with size() and operator[]");
}

/// One attribute of all operations or dependences: an array, or a constant that costs no memory.
template <class T, class MemorySpace>
struct Attribute {
  T constant{};
  Kokkos::View<T const*, MemorySpace> values{};  ///< empty: constant holds for all

  KOKKOS_FUNCTION T operator()(int i) const { return values.data() ? values(i) : constant; }
};

/// The graph that ships: compressed rows by producer and by consumer, struct of arrays.
/// Made by build_graph (graph/builder.hpp). Dependences are numbered by producer.
/// Memory: 4 (2 V + 3 E) bytes and the attributes that are not constant.
template <class MemorySpace>
class DependenceGraph {
 public:
  using memory_space = MemorySpace;
  template <class T>
  using Array = Kokkos::View<T const*, MemorySpace>;

  /// The arrays; the builder fills them.
  struct Data {
    int operations = 0;
    int dependences = 0;
    int resources = 0;
    Attribute<int, MemorySpace> latency{1, {}};
    Attribute<int, MemorySpace> occupancy{1, {}};
    Attribute<double, MemorySpace> size{1, {}};
    Array<int> demand_offset;  ///< empty: every operation takes 1 unit of class 0, if any exists
    Array<int> demand_resource;
    Array<double> demand_units;
    Array<int> outgoing_offset;                   ///< V + 1
    Array<int> target;                            ///< by index
    Array<int> incoming_offset;                   ///< V + 1
    Array<int> source;                            ///< by place in the incoming rows
    Array<int> incoming_index;                    ///< by place in the incoming rows
    Attribute<int, MemorySpace> distance{0, {}};  ///< by index, as the rest
    Attribute<int, MemorySpace> delay{0, {}};
    Attribute<double, MemorySpace> weight{1, {}};
  };

  DependenceGraph() = default;
  explicit DependenceGraph(Data const& data) : data_(data) {}

  KOKKOS_FUNCTION int num_operations() const { return data_.operations; }
  KOKKOS_FUNCTION int num_dependences() const { return data_.dependences; }
  KOKKOS_FUNCTION int num_resources() const { return data_.resources; }
  KOKKOS_FUNCTION int latency(int i) const { return data_.latency(i); }
  KOKKOS_FUNCTION int occupancy(int i) const { return data_.occupancy(i); }
  KOKKOS_FUNCTION double size(int i) const { return data_.size(i); }

  /// Row of demands of one operation.
  struct DemandRow {
    Data const* data;
    int first;
    int count;
    KOKKOS_FUNCTION int size() const { return count; }
    KOKKOS_FUNCTION Demand operator[](int k) const {
      if (!data->demand_offset.data()) return {0, 1.0};
      return {data->demand_resource(first + k), data->demand_units(first + k)};
    }
  };
  KOKKOS_FUNCTION DemandRow demands(int i) const {
    if (!data_.demand_offset.data()) return {&data_, 0, data_.resources > 0 ? 1 : 0};
    int const first = data_.demand_offset(i);
    return {&data_, first, data_.demand_offset(i + 1) - first};
  }

  /// Row of the dependences that leave one operation.
  struct OutgoingRow {
    Data const* data;
    int first;
    int count;
    KOKKOS_FUNCTION int size() const { return count; }
    KOKKOS_FUNCTION int index(int k) const { return first + k; }
    KOKKOS_FUNCTION int operation(int k) const { return data->target(first + k); }
    KOKKOS_FUNCTION Dependence operator[](int k) const {
      int const e = index(k);
      return {e, data->target(e), data->distance(e), data->delay(e), data->weight(e)};
    }
  };
  KOKKOS_FUNCTION OutgoingRow outgoing(int i) const {
    int const first = data_.outgoing_offset(i);
    return {&data_, first, data_.outgoing_offset(i + 1) - first};
  }

  /// Row of the dependences that enter one operation.
  struct IncomingRow {
    Data const* data;
    int first;
    int count;
    KOKKOS_FUNCTION int size() const { return count; }
    KOKKOS_FUNCTION int index(int k) const { return data->incoming_index(first + k); }
    KOKKOS_FUNCTION int operation(int k) const { return data->source(first + k); }
    KOKKOS_FUNCTION Dependence operator[](int k) const {
      int const e = index(k);
      return {e, data->source(first + k), data->distance(e), data->delay(e), data->weight(e)};
    }
  };
  KOKKOS_FUNCTION IncomingRow incoming(int i) const {
    int const first = data_.incoming_offset(i);
    return {&data_, first, data_.incoming_offset(i + 1) - first};
  }

  [[nodiscard]] Data const& data() const { return data_; }

  /// latency + delay, where it is the same for all dependences and none is carried. A graph may offer
  /// this and index(k), operation(k) of its rows; kernels then read less.
  [[nodiscard]] std::optional<int> uniform_delay() const {
    bool const same = !data_.latency.values.data() && !data_.delay.values.data() &&
                      !data_.distance.values.data() && data_.distance.constant == 0;
    if (!same) return std::nullopt;
    return data_.latency.constant + data_.delay.constant;
  }
  /// Whether every operation takes one unit of class 0 for one step. As optional.
  [[nodiscard]] bool one_unit_each() const {
    return !data_.demand_offset.data() && data_.resources > 0 && !data_.occupancy.values.data() &&
           data_.occupancy.constant == 1;
  }

 private:
  Data data_;
};

/// A graph in host memory, for the discrete algorithms.
using HostGraph = DependenceGraph<Kokkos::HostSpace>;

static_assert(Graph<HostGraph>);

}  // namespace gaus

#endif
