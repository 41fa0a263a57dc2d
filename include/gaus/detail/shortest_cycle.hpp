// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_DETAIL_SHORTEST_CYCLE_HPP
#define GAUS_DETAIL_SHORTEST_CYCLE_HPP

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace gaus::detail {

/// A positive cycle of fewer arcs than a known one, and of the fewest that there are: its arcs in
/// order, places in the rows (offset by vertex, to by place); empty when the known one is shortest.
///
/// known: its vertices. begin: added to the length of every walk, so that with weights 0 and begin 1
/// any cycle counts. From every vertex walks of 1, 2, .. arcs spread, of which those stay that are
/// longer than all with fewer arcs to the same vertex, and longer than 0: any positive cycle has a
/// vertex from which all its beginnings are. O(arcs of the shortest cycle * V * E) at worst; the
/// search ends at 2^24 arcs (0.1 s) with the shortest cycle seen by then.
template <class Weight>
std::vector<int> fewest_arcs_cycle(std::vector<int> const& offset, std::vector<int> const& to,
                                   Weight const& weight, std::vector<int> const& known,
                                   long long begin = 0) {
  struct Walk {
    int end;     // vertex
    int arc;     // the last one, or -1
    int before;  // the walk without it
    long long length;
  };
  constexpr long long most_arcs = 1LL << 24;
  auto const place = [](int i) { return static_cast<std::size_t>(i); };
  std::size_t const n = offset.size() - 1;
  std::vector<int> best;
  std::size_t fewest = known.size();
  std::vector<long long> longest(n, 0);  // of walks from the source that marks the vertex
  std::vector<int> mark(n, -1);
  std::vector<std::size_t> fresh(n, 0);  // the walk of the next number of arcs
  std::vector<Walk> walks;
  long long work = 0;
  auto const search = [&](int source, int own) {
    walks.assign(1, {source, -1, -1, begin});
    std::size_t first = 0;
    std::size_t last = 1;
    for (std::size_t arcs = 1; arcs < fewest && first < last && work < most_arcs; ++arcs) {
      for (std::size_t w = first; w < last; ++w) {
        Walk const walk = walks[w];
        work += 1 + offset[place(walk.end) + 1] - offset[place(walk.end)];
        for (int k = offset[place(walk.end)]; k < offset[place(walk.end) + 1]; ++k) {
          int const end = to[place(k)];
          Walk const next{end, k, static_cast<int>(w), walk.length + weight(k)};
          if (next.length <= 0) continue;
          if (end == source) {
            best.assign(1, k);
            for (int b = next.before; walks[place(b)].arc >= 0; b = walks[place(b)].before)
              best.push_back(walks[place(b)].arc);
            std::reverse(best.begin(), best.end());
            fewest = arcs;
            return;
          }
          if (mark[place(end)] == own && longest[place(end)] >= next.length) continue;
          std::size_t const f = fresh[place(end)];
          if (f >= last && f < walks.size() && walks[f].end == end) {
            if (walks[f].length < next.length) walks[f] = next;
            continue;
          }
          fresh[place(end)] = walks.size();
          walks.push_back(next);
        }
      }
      for (std::size_t w = last; w < walks.size(); ++w) {
        mark[place(walks[w].end)] = own;
        longest[place(walks[w].end)] = walks[w].length;
      }
      first = std::exchange(last, walks.size());
    }
  };
  int own = 0;
  for (int const v : known) search(v, own++);  // what shortens it at once
  for (std::size_t v = 0; v < n && work < most_arcs; ++v) search(static_cast<int>(v), own++);
  return best;
}

}  // namespace gaus::detail

#endif
