// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/aiger.hpp>
#include <gaus/io/file.hpp>
#include <support/measure.hpp>

#include <benchmark/benchmark.h>
#include <cstddef>
#include <iterator>
#include <sstream>
#include <string>

// From the bytes of a circuit to a checked description.
namespace {

using namespace gaus_bench;

/// A circuit in the binary format: every gate reads the one before, and one some way back.
std::string ladder(std::size_t inputs, std::size_t gates) {
  std::string text = "aig " + std::to_string(inputs + gates) + " " + std::to_string(inputs) +
                     " 0 0 " + std::to_string(gates) + "\n";
  auto const put = [&](std::size_t number) {
    for (; number >= 0x80; number >>= 7) text += static_cast<char>((number & 0x7f) | 0x80);
    text += static_cast<char>(number);
  };
  for (std::size_t k = 0; k < gates; ++k) {
    put(2);
    put(2 * (k % (inputs - 1)));
  }
  return text;
}

void read(benchmark::State& state, std::string const& text) {
  std::size_t operations = 0;
  for (auto _ : state) {
    std::istringstream stream(text);
    operations = gaus::read_aiger(stream).operations.size();
  }
  state.counters["operations"] = static_cast<double>(operations);
  state.counters["operations/s"] = rate(static_cast<double>(operations));
  state.counters["bytes/s"] = rate(static_cast<double>(text.size()));
}

[[maybe_unused]] bool const registered = [] {
  benchmark::RegisterBenchmark("io/aiger/ladder", read, ladder(128, 57247))
      ->Unit(benchmark::kMillisecond);
  auto const path = data_file("epfl/div.aig");
  if (path.empty()) return true;
  auto stream = gaus::open_input(path);
  std::string const text{std::istreambuf_iterator<char>(stream), {}};
  benchmark::RegisterBenchmark("io/aiger/div", read, text)->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
