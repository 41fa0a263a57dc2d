// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_SCHEDULE_PROGRESS_HPP
#define GAUS_SCHEDULE_PROGRESS_HPP

#include "expression.hpp"
#include <gaus/optimizer/observer.hpp>

#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

namespace gaus_schedule {

/// One line on the terminal's stderr that is drawn over itself; nothing where stderr is no terminal.
class ProgressBar {
 public:
  /// constant: added to the values that a solve reports.
  ProgressBar(bool wanted, double constant)
      : shown_(wanted && ::isatty(STDERR_FILENO) == 1), constant_(constant) {}
  ProgressBar(ProgressBar const&) = delete;
  ProgressBar& operator=(ProgressBar const&) = delete;
  ~ProgressBar() { clear(); }

  [[nodiscard]] bool shown() const { return shown_; }

  void update(gaus::Progress const& progress) {
    std::string says = "best " + number_text(settle(progress.value + constant_));
    if (std::isfinite(progress.lower_bound) && progress.value > progress.lower_bound) {
      char gap[32];
      std::snprintf(gap, sizeof gap, ", gap %.2f %%",
                    100 * (progress.value - progress.lower_bound) /
                        std::max(1e-300, std::abs(progress.value + constant_)));
      says += gap;
    }
    update(progress.seconds, progress.fraction, says);
  }
  /// says: what there is to say between the bar and the time.
  void update(double now, double part, std::string const& says) {
    constexpr double period = 0.1;
    if (!shown_ || now < next_) return;
    next_ = now + period;
    constexpr int width = 30;
    double const fraction = std::clamp(part, 0.0, 1.0);
    auto const done = static_cast<std::size_t>(std::lround(fraction * width));
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s", now);
    draw("  [" + std::string(done, '#') + std::string(width - done, '.') + "]  " + says + "  " +
         seconds);
  }

  /// Wipes the line.
  void clear() {
    if (length_ > 0) draw({});
    length_ = 0;
  }

 private:
  /// Blanks instead of control sequences: any terminal understands them.
  void draw(std::string const& line) {
    std::string const blanks(length_ > line.size() ? length_ - line.size() : 0, ' ');
    std::fprintf(stderr, "\r%s%s%s", line.c_str(), blanks.c_str(), line.empty() ? "\r" : "");
    std::fflush(stderr);
    length_ = line.size();
  }

  bool shown_;
  double constant_;
  double next_ = 0.2;  ///< a solve that is over at once shows no bar
  std::size_t length_ = 0;
};

}  // namespace gaus_schedule

#endif
