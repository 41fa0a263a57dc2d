// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/detail/random_bits.hpp>
#include <gaus/detail/row_maxima.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <cstddef>
#include <vector>

TEST_CASE("row maxima: follow every change") {
  gaus::detail::RandomBits random(7);
  for (int const columns : {1, 2, 3, 8, 13}) {
    constexpr int rows = 3;
    std::vector<double> table(std::size_t(rows * columns));
    for (double& x : table) x = random.below(10);
    gaus::detail::RowMaxima maxima;
    maxima.build(table, rows, columns);
    for (int trial = 0; trial < 200; ++trial) {
      std::size_t const k = std::size_t(random.below(rows * columns));
      table[k] = random.below(10);
      maxima.set(k, table[k]);
      for (int r = 0; r < rows; ++r)
        CHECK(maxima.top(r) ==
              *std::max_element(table.begin() + r * columns, table.begin() + (r + 1) * columns));
    }
  }
}

TEST_CASE("row maxima: rows without entries") {
  gaus::detail::RowMaxima maxima;
  maxima.build({}, 2, 0);
  CHECK(maxima.top(0) == 0);
  CHECK(maxima.top(1) == 0);
}
