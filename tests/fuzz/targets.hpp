// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_TESTS_FUZZ_TARGETS_HPP
#define GAUS_TESTS_FUZZ_TARGETS_HPP

#include <string_view>

namespace gaus_fuzz {

/// A function that takes any bytes, and the name of its executable and of its corpus.
struct Target {
  char const* name;
  void (*run)(std::string_view);
};

}  // namespace gaus_fuzz

#endif
