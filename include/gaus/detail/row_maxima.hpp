// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_ROW_MAXIMA_HPP
#define GAUS_DETAIL_ROW_MAXIMA_HPP

#include <gaus/graph/step_bounds.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gaus::detail {

/// The maximum of every row of a table whose entries change one at a time: a tournament tree a row.
/// Entries are counted through, row by row; none is below 0.
class RowMaxima {
 public:
  /// O(entries).
  void build(std::vector<double> const& entries, int rows, int columns) {
    columns_ = at(columns);
    leaves_ = 1;
    while (leaves_ < columns_) leaves_ *= 2;
    tree_.assign(at(rows) * 2 * leaves_, 0.0);
    for (std::size_t r = 0; r < at(rows); ++r) {
      double* const tree = tree_.data() + r * 2 * leaves_;
      for (std::size_t t = 0; t < columns_; ++t) tree[leaves_ + t] = entries[r * columns_ + t];
      for (std::size_t k = leaves_ - 1; k > 0; --k)
        tree[k] = std::max(tree[2 * k], tree[2 * k + 1]);
    }
  }

  /// O(log columns).
  void set(std::size_t entry, double value) {
    std::size_t const row = entry / columns_;
    double* const tree = tree_.data() + row * 2 * leaves_;
    std::size_t k = leaves_ + (entry - row * columns_);
    if (tree[k] == value) return;
    tree[k] = value;
    for (k /= 2; k > 0; k /= 2) {
      double const top = std::max(tree[2 * k], tree[2 * k + 1]);
      if (tree[k] == top) break;
      tree[k] = top;
    }
  }

  /// 0 for a row without entries.
  [[nodiscard]] double top(int row) const { return tree_[at(row) * 2 * leaves_ + 1]; }

 private:
  std::size_t columns_ = 0;
  std::size_t leaves_ = 1;
  std::vector<double> tree_;
};

}  // namespace gaus::detail

#endif
