// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/constraint/deadline.hpp>
#include <gaus/constraint/difference.hpp>
#include <gaus/constraint/resource_limit.hpp>
#include <gaus/objective/communication.hpp>
#include <gaus/objective/makespan.hpp>
#include <gaus/objective/memory_footprint.hpp>
#include <gaus/objective/peak_usage.hpp>
#include <gaus/objective/per_dependence.hpp>
#include <gaus/objective/per_operation.hpp>
#include <gaus/objective/total_lifetime.hpp>
#include <gaus/objective/weighted_sum.hpp>
#include <gaus/optimizer/adam.hpp>
#include <gaus/optimizer/augmented_lagrangian.hpp>
#include <gaus/schedule/batch.hpp>

#include <support/problems.hpp>
#include <support/spaces.hpp>
#include <string>
#include <utility>
#include <vector>

// What an iteration launches and allocates, seen through the tool interface of Kokkos: every label
// begins with "gaus::", every kernel runs on the instance that the caller gave, nothing waits, and
// a second round allocates nothing.
namespace {

using namespace gaus_test;

struct Record {
  std::vector<std::pair<std::string, std::uint32_t>> kernels;
  std::vector<std::string> allocations;
  std::vector<std::string> fences;
};
Record* record = nullptr;

void begin_kernel(char const* name, std::uint32_t device, std::uint64_t*) {
  if (record) record->kernels.emplace_back(name, device);
}
void allocate(Kokkos::Tools::SpaceHandle, char const* name, void const*, std::uint64_t bytes) {
  // On a device Kokkos asks for no bytes of scratch in global memory at every launch of teams.
  if (record && bytes > 0) record->allocations.emplace_back(name);
}
void begin_fence(char const* name, std::uint32_t, std::uint64_t*) {
  if (record) record->fences.emplace_back(name);
}

/// Collects what happens during its life.
class Listen {
 public:
  explicit Listen(Record& into) {
    namespace Tools = Kokkos::Tools::Experimental;
    before_ = Tools::get_callbacks();
    Tools::set_begin_parallel_for_callback(begin_kernel);
    Tools::set_begin_parallel_reduce_callback(begin_kernel);
    Tools::set_begin_parallel_scan_callback(begin_kernel);
    Tools::set_allocate_data_callback(allocate);
    Tools::set_begin_fence_callback(begin_fence);
    record = &into;
  }
  ~Listen() {
    record = nullptr;
    Kokkos::Tools::Experimental::set_callbacks(before_);
  }
  Listen(Listen const&) = delete;
  Listen& operator=(Listen const&) = delete;

 private:
  Kokkos::Tools::Experimental::EventSet before_;
};

/// A functor's members lie where the host put them. They need not: some releases of Kokkos and of
/// nvcc disagree about the size of a view, and every kernel of a program then reads other memory.
template <class MemorySpace>
struct Layout {
  Kokkos::View<double const*, MemorySpace> row;
  Kokkos::View<double, MemorySpace> cell;
  Kokkos::View<int**, Kokkos::LayoutRight, MemorySpace> table;
  Kokkos::View<long long*, MemorySpace> places;

  static constexpr int members = 5;
  KOKKOS_FUNCTION long long place(int k) const {
    auto const at = [&](auto const& member) {
      return static_cast<long long>(reinterpret_cast<char const*>(&member) -
                                    reinterpret_cast<char const*>(this));
    };
    return k == 0   ? at(row)
           : k == 1 ? at(cell)
           : k == 2 ? at(table)
           : k == 3 ? at(places)
                    : static_cast<long long>(sizeof(Layout));
  }
  KOKKOS_FUNCTION void operator()(int k) const { places.data()[k] = place(k); }
};

struct Lateness {
  static constexpr char const* name = "lateness";
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, int,
                                              gaus::StartStep<Real> const& s) const {
    return gaus::normal_hinge(s.mean, s.spread);
  }
  template <class G>
  double exact(gaus::Problem<G> const&, int, int start) const {
    return start;
  }
};
struct Distance {
  static constexpr char const* name = "distance";
  template <class G, class Real>
  KOKKOS_FUNCTION gaus::Term<Real> operator()(gaus::Problem<G> const&, gaus::Dependence const&,
                                              Real mean, Real spread) const {
    return gaus::normal_hinge(mean, spread);
  }
  template <class G>
  double exact(gaus::Problem<G> const&, gaus::Dependence const&, int difference) const {
    return difference;
  }
};

/// Everything that one iteration may hold, on one instance; plain and pipelined, one descent or
/// several.
template <class Space>
class Everything {
  using MemorySpace = typename Space::memory_space;
  using Rules = gaus::Constraints<gaus::Precedence, gaus::Difference<MemorySpace>, gaus::Deadline,
                                  gaus::ResourceLimit<MemorySpace>, gaus::PerOperation<Lateness>,
                                  gaus::PerDependence<Distance>>;

 public:
  Everything(Space const& exec, int interval, int batch)
      : exec_(exec),
        test_(random_problem({.operations = 12, .interval = interval, .seed = 2})),
        problem_(gaus::make_batch(make_problem<MemorySpace>(test_), batch)),
        starts_(make_starts<double, MemorySpace>(repeated(test_, batch))),
        result_(gaus::make_evaluation<double, MemorySpace>(12 * batch, workspace_)),
        adam_(gaus::make_adam_state<double, MemorySpace>(12 * batch)),
        scales_("gaus_test::scales", batch > 1 ? at(batch) : 0),
        lagrangian_(
            problem_,
            Rules{gaus::Precedence{}, gaus::Difference<MemorySpace>(12, {{0, 1, 2}}),
                  gaus::Deadline{.step = 20}, gaus::ResourceLimit<MemorySpace>({1.0, {}, 2.0}),
                  gaus::PerOperation{Lateness{}}, gaus::PerDependence{Distance{}}}) {}

  void iterate() {
    workspace_.rewind();
    auto const objective =
        100.0 * gaus::PeakUsage{} + gaus::PeakUsage{.resource = 1, .maximum = {.temperature = 1}} +
        2.0 * gaus::MemoryFootprint{} + gaus::TotalLifetime{} + gaus::Communication{} +
        gaus::Makespan{} + gaus::PerOperation{Lateness{}} + gaus::PerDependence{Distance{}};
    objective.evaluate(exec_, problem_, starts_, result_);
    lagrangian_.add_gradient(exec_, problem_, starts_, 1.0, result_, scales_);
    lagrangian_.update(exec_, problem_, starts_, 1.0, scales_);
    gaus::adam_step(exec_, gaus::Adam{}, problem_, starts_, result_, adam_, gaus::SpreadRule{}, 1.0,
                    scales_);
    lagrangian_.reset(exec_);
  }

 private:
  static TestProblem repeated(TestProblem test, int batch) {
    auto const one = test;
    for (int k = 1; k < batch; ++k) {
      test.mean.insert(test.mean.end(), one.mean.begin(), one.mean.end());
      test.spread.insert(test.spread.end(), one.spread.begin(), one.spread.end());
    }
    return test;
  }

  Space exec_;
  TestProblem test_;
  gaus::Problem<gaus::BatchGraph<gaus::DependenceGraph<MemorySpace>>> problem_;
  gaus::StartSteps<double, MemorySpace> starts_;
  gaus::Workspace<MemorySpace> workspace_;
  gaus::Evaluation<double, MemorySpace> result_;
  gaus::AdamState<double, MemorySpace> adam_;
  Kokkos::View<double*, MemorySpace> scales_;
  gaus::AugmentedLagrangian<double, MemorySpace, gaus::Precedence, gaus::Difference<MemorySpace>,
                            gaus::Deadline, gaus::ResourceLimit<MemorySpace>,
                            gaus::PerOperation<Lateness>, gaus::PerDependence<Distance>>
      lagrangian_;
};

/// Kokkos' own fills and copies keep their names.
bool allowed(std::string const& label) {
  return label.starts_with("gaus::") || label.starts_with("Kokkos::");
}

TEST_CASE_TEMPLATE("kernels: host and device agree on the layout of a functor", Space,
                   GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  using Functor = Layout<MemorySpace>;
  Space const exec;
  Functor functor;
  functor.places = Kokkos::View<long long*, MemorySpace>("gaus::test::places", Functor::members);
  Kokkos::parallel_for("gaus::test::layout", Kokkos::RangePolicy<Space>(exec, 0, Functor::members),
                       functor);
  exec.fence("gaus_test: layout");
  auto const got = to_host(functor.places);
  for (int k = 0; k < Functor::members; ++k)
    CHECK(got[static_cast<std::size_t>(k)] == static_cast<double>(functor.place(k)));
}

TEST_CASE_TEMPLATE("kernels: labels, instance, allocations", Space, GAUS_TEST_SPACES) {
  // With one thread, OpenMP of Kokkos 4.6 has nothing to give to a second part, and aborts.
  std::vector<Space> instances;
  if (Space().concurrency() == 1)
    instances = {Space()};
  else
    for (auto const& part : Kokkos::Experimental::partition_space(Space(), 1, 1))
      instances.push_back(part);
  for (auto const& [interval, batch] : {std::pair(0, 1), std::pair(5, 1), std::pair(0, 3)}) {
    CAPTURE(interval);
    CAPTURE(batch);
    for (auto const& exec : instances) {
      Record set_up;
      Record first;
      Record second;
      {
        Listen const listen(set_up);
        Everything<Space> everything(exec, interval, batch);
        {
          Listen const inner(first);
          everything.iterate();
        }
        {
          Listen const inner(second);
          everything.iterate();
        }
      }
      exec.fence("gaus_test: two iterations");
      for (auto const& label : set_up.allocations) {
        CAPTURE(label);
        CHECK((allowed(label) || label.starts_with("gaus_test::")));
      }
      std::uint32_t const device = Kokkos::Tools::Experimental::device_id(exec);
      CHECK(first.kernels.size() >= 25);
      int own = 0;
      for (auto const& [label, where] : first.kernels) {
        CAPTURE(label);
        CHECK(allowed(label));
        CHECK(where == device);
        own += label.starts_with("gaus::") ? 1 : 0;
      }
      CHECK(own >= 35);
      for (auto const& label : first.allocations) {
        CAPTURE(label);
        CHECK(allowed(label));
      }
      CHECK(first.allocations.size() > 5);
      CHECK(second.kernels == first.kernels);
      CHECK(second.allocations == std::vector<std::string>{});
      // Nothing waits: the host runs ahead of the device.
      for (auto const& label : second.fences) {
        if (label.ends_with("Kokkos Profile Tool Fence")) continue;  // of its own
        CAPTURE(label);
        CHECK(gaus::detail::runs_on_host<Space>);
        CHECK_FALSE(label.starts_with("gaus::"));
      }
    }
  }
}

}  // namespace
