// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_BENCH_SUPPORT_TRAFFIC_HPP
#define GAUS_BENCH_SUPPORT_TRAFFIC_HPP

#include <support/instances.hpp>

#include <cstddef>

// Bytes that a computation must move, whatever the kernels: each of its arrays once, read where it
// is read and written where it is written. An attribute of the graph that is constant has no array
// and counts nothing, nor does what is read a second time or from a cache.
//
// Of a kernel these are its arguments. Of an iteration, with v operations, e dependences, Real of r
// bytes, and p entries (classes times steps) of the profile:
//
//   read and written   means, spreads, both gradients, both moments of Adam                 12 r v
//   read               bounds                                                                  8 v
//                      row offsets, out and in                                                 8 v
//                      targets, sources, indices of the rows in                               12 e
//                      multipliers                                                             r e
//                      latencies, distances, delays                  those that are not constant
//   A                  net weights                                                             8 v
//                      demands, occupancies                          those that are not constant
//   B                  sizes, marks of repeated uses                 those that are not constant
//   read and written   the profile's differences, values and weights, 8 bytes each            48 p
//
// Left out is what happens every twelfth iteration (multipliers are written), and what an
// implementation may add: copies of the profile a thread, gradients by dependence.
namespace gaus_bench {

/// Bytes of the arrays of one instance, each once.
class Traffic {
 public:
  Traffic(Instance const& instance, std::size_t real)
      : problem_(&instance.problem), data_(&instance.graph.data()), real_(double(real)) {}

  [[nodiscard]] double operations() const { return problem_->graph.num_operations(); }
  [[nodiscard]] double dependences() const { return problem_->graph.num_dependences(); }
  /// An array of Real, one entry an operation or dependence.
  [[nodiscard]] double by_operation() const { return real_ * operations(); }
  [[nodiscard]] double by_dependence() const { return real_ * dependences(); }

  /// Means, spreads and bounds, read.
  [[nodiscard]] double starts() const { return 2 * by_operation() + bounds(); }
  [[nodiscard]] double bounds() const {
    return bytes(problem_->earliest) + bytes(problem_->latest);
  }
  /// Both gradients, added to.
  [[nodiscard]] double gradients() const { return 4 * by_operation(); }
  /// One array of the profile, one way.
  [[nodiscard]] double profile(int rows) const { return 8.0 * rows * problem_->steps; }
  /// Rows of the profile of usage.
  [[nodiscard]] int classes() const { return problem_->graph.num_resources(); }

  [[nodiscard]] double occupancy() const { return bytes(data_->occupancy.values); }
  [[nodiscard]] double usage() const {
    return occupancy() + bytes(data_->demand_offset) + bytes(data_->demand_resource) +
           bytes(data_->demand_units);
  }
  [[nodiscard]] double sizes() const {
    return bytes(data_->size.values) + bytes(problem_->repeated_use);
  }
  [[nodiscard]] double net_weight() const { return bytes(problem_->net_weight); }
  [[nodiscard]] double outgoing() const {
    return bytes(data_->outgoing_offset) + bytes(data_->target) + bytes(data_->distance.values);
  }
  [[nodiscard]] double incoming() const {
    return bytes(data_->incoming_offset) + bytes(data_->source) + bytes(data_->incoming_index);
  }
  [[nodiscard]] double latency() const { return bytes(data_->latency.values); }
  [[nodiscard]] double delay() const { return bytes(data_->delay.values); }

  /// The table above.
  [[nodiscard]] double iteration(bool memory) const {
    return 12 * by_operation() + bounds() + outgoing() + incoming() + by_dependence() + latency() +
           delay() + (memory ? sizes() : net_weight() + usage()) +
           6 * profile(memory ? 1 : classes());
  }

 private:
  template <class View>
  static double bytes(View const& view) {
    return double(sizeof(typename View::value_type)) * double(view.extent(0));
  }

  HostProblem const* problem_;
  gaus::HostGraph::Data const* data_;
  double real_;
};

}  // namespace gaus_bench

#endif
