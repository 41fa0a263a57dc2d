// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/graph/builder.hpp>
#include <gaus/graph/random.hpp>
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <support/instances.hpp>

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace gaus_bench {
namespace {

/// The operations and layers of the EPFL divider.
constexpr int divider_operations = 57375;
constexpr int divider_layers = 4373;

/// Instances by name, given up before Kokkos ends.
std::map<std::string, std::unique_ptr<Instance>>& kept() {
  static std::map<std::string, std::unique_ptr<Instance>> instances = [] {
    Kokkos::push_finalize_hook([] { kept().clear(); });
    return std::map<std::string, std::unique_ptr<Instance>>();
  }();
  return instances;
}

template <class Make>
Instance const& kept_instance(std::string const& name, Make const& make) {
  auto& entry = kept()[name];
  if (!entry) entry = std::make_unique<Instance>(make());
  return *entry;
}

gaus::HostGraph graph_of(gaus::GraphDescription& description) {
  auto graph = gaus::build_graph(description);
  description = {};
  return graph;
}

}  // namespace

Instance::Instance(gaus::GraphDescription&& description, double slack)
    : graph(graph_of(description)), system(gaus::make_difference_system(graph)) {
  int const critical = gaus::critical_path(system, gaus::earliest_steps(system));
  int const steps = static_cast<int>(std::ceil(slack * critical - 1e-9));
  bounds = gaus::step_bounds(system, steps);
  problem = gaus::make_problem(graph, graph, steps, bounds);
}

gaus::GraphDescription describe(Shape shape, int operations) {
  gaus::LayeredWorkload settings;
  settings.operations = operations;
  if (shape == Shape::layered) {
    settings.layers = std::max(4, static_cast<int>(std::sqrt(operations)));
    return gaus::layered_workload(settings);
  }
  settings.layers = std::max(
      4, static_cast<int>(static_cast<double>(operations) * divider_layers / divider_operations));
  settings.max_latency = settings.max_occupancy = settings.max_size = settings.resources = 1;
  return gaus::layered_workload(settings);
}

gaus::GraphDescription describe(std::string const& name) {
  if (name == "deep") return describe(Shape::deep, divider_operations);
  auto stream = gaus::open_input(data_file("epfl/" + name + ".aig"));
  return gaus::read_aiger(stream);
}

Instance make_instance(Shape shape, int operations) {
  return Instance(describe(shape, operations), shape == Shape::layered ? 1.2 : 1.0);
}

Instance const& generated(Shape shape, int operations) {
  constexpr int large = 1000000;
  std::string const name =
      (shape == Shape::deep ? "/deep/" : "/layered/") + std::to_string(operations);
  if (operations > large && !kept().contains(name))
    std::erase_if(kept(), [](auto const& e) { return e.second->operations() > large; });
  return kept_instance(name, [&] { return make_instance(shape, operations); });
}

Instance const& circuit(std::string const& name) {
  if (name == "deep") return generated(Shape::deep, divider_operations);
  return kept_instance(name, [&] { return Instance(describe(name), 1.0); });
}

void drop_instances() { kept().clear(); }

std::filesystem::path data_file(std::string const& name) {
  char const* const folder = std::getenv("GAUS_BENCHMARK_DATA");
  if (folder == nullptr || *folder == '\0') return {};
  std::filesystem::path path = std::filesystem::path(folder) / name;
  std::error_code error;
  return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

}  // namespace gaus_bench
