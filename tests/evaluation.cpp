// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/evaluation.hpp>

#include <support/problems.hpp>
#include <support/spaces.hpp>

namespace {

TEST_CASE_TEMPLATE("evaluation: starts at zero, with weight 1", Space, GAUS_TEST_SPACES) {
  using MemorySpace = typename Space::memory_space;
  gaus::Workspace<MemorySpace> workspace;
  auto const result = gaus::make_evaluation<float, MemorySpace>(3, workspace);
  CHECK(result.weight == 1);
  CHECK(result.workspace == &workspace);
  auto const host = gaus_test::to_host_result(result);
  CHECK(host.cost == 0);
  CHECK(host.d_mean == std::vector<double>{0, 0, 0});
  CHECK(host.d_spread == std::vector<double>{0, 0, 0});
  CHECK(gaus::make_evaluation<double, MemorySpace>(0, workspace).d_mean.extent(0) == 0);
}

TEST_CASE("workspace: the same buffers in every round") {
  gaus::Workspace<Kokkos::HostSpace> workspace;
  auto const a = workspace.array<double>("gaus_test::a", 10);
  auto const b = workspace.array<int>("gaus_test::b", 3);
  CHECK(a.extent(0) == 10);
  CHECK(static_cast<void*>(a.data()) != static_cast<void*>(b.data()));
  CHECK(workspace.bytes() == 92);
  workspace.rewind();
  CHECK(workspace.array<double>("gaus_test::a", 10).data() == a.data());
  CHECK(workspace.array<int>("gaus_test::b", 3).data() == b.data());
  CHECK(workspace.bytes() == 92);
  // A smaller request fits into the old buffer, a larger one gets a new one.
  workspace.rewind();
  CHECK(static_cast<void*>(workspace.array<float>("gaus_test::a", 4).data()) ==
        static_cast<void*>(a.data()));
  CHECK(workspace.array<int>("gaus_test::b", 100).extent(0) == 100);
  CHECK(workspace.bytes() == 480);
  CHECK(workspace.array<int>("gaus_test::c", 0).extent(0) == 0);
}

}  // namespace
