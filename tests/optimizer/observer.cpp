// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/optimizer/observer.hpp>

#include <doctest/doctest.h>
#include <atomic>
#include <chrono>
#include <limits>
#include <string>
#include <thread>

namespace {

TEST_CASE("observer: the words of the output file") {
  CHECK(std::string(gaus::to_string(gaus::StopReason::iterations)) == "iterations");
  CHECK(std::string(gaus::to_string(gaus::StopReason::time_limit)) == "time_limit");
  CHECK(std::string(gaus::to_string(gaus::StopReason::request)) == "request");
  CHECK(std::string(gaus::to_string(gaus::StopReason::stalled)) == "stalled");
  CHECK(std::string(gaus::to_string(gaus::StopReason::optimal)) == "optimal");
}

TEST_CASE("observer: a limit that is no finite number is refused") {
  double const infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(gaus::StopCondition{infinity},
                       "the time limit inf is not a finite number of seconds", gaus::InvalidInput);
  for (double const seconds : {-infinity, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(gaus::StopCondition{seconds}, gaus::InvalidInput);
}

TEST_CASE("observer: limits of a solve") {
  gaus::StopCondition const endless(0);
  CHECK_FALSE(endless.reached());
  CHECK_FALSE(gaus::StopCondition(-1).out_of_time());
  CHECK_FALSE(gaus::StopCondition(1e6).reached());
  gaus::StopCondition const brief(1e-3);
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  CHECK(brief.seconds() >= 1e-3);
  CHECK(brief.out_of_time());
  CHECK(brief.reached());
  CHECK_FALSE(brief.requested());
  CHECK(brief.limit() == 1e-3);

  std::atomic<bool> stop{false};
  gaus::StopCondition const stoppable(0, &stop);
  CHECK_FALSE(stoppable.reached());
  std::thread([&stop] { stop = true; }).join();
  CHECK(stoppable.requested());
  CHECK(stoppable.reached());
  CHECK_FALSE(stoppable.out_of_time());
}

TEST_CASE("observer: progress before the first schedule") {
  gaus::Progress const progress;
  CHECK(progress.value == std::numeric_limits<double>::infinity());
  CHECK(progress.lower_bound == -std::numeric_limits<double>::infinity());
  gaus::Observer const none;
  CHECK_FALSE(static_cast<bool>(none));
}

}  // namespace
