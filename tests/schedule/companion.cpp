// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/companion.hpp>
#include <support/schedules.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <thread>
#include <vector>

using namespace gaus_test;

namespace {

using Companion = gaus::detail::Companion<gaus::HostGraph>;

gaus::CostModel peaks_and_communication() {
  gaus::CostModel model;
  model.usage = 7;
  model.memory = 2;
  model.communication = 1;
  return model;
}

double value_of(Case const& c, std::vector<int> const& s) {
  auto const costs = plain_costs(c, s);
  return 7 * costs.usage + 2 * costs.memory + costs.communication;
}

bool always() { return true; }
auto const nothing = [](auto const&) {};

/// Waits for something of another thread; false after ten seconds.
template <class Condition>
bool soon(Condition const& condition) {
  for (int k = 0; k < 10000; ++k) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace

TEST_CASE("companion: keeps the best schedule that it is told of") {
  auto const c = random_case(10, 4, 1);
  Companion companion(c.problem, c.system, c.bounds, peaks_and_communication());
  CHECK(companion.value() == -std::numeric_limits<double>::infinity());
  CHECK(companion.best().empty());
  CHECK(companion.take_found().empty());
  CHECK(companion.take_minimiser().empty());
  companion.offer(c.bounds.latest, 50);
  companion.offer(c.bounds.earliest, 60);
  CHECK(companion.best() == c.bounds.latest);
  companion.offer(c.bounds.earliest, 40);
  CHECK(companion.best() == c.bounds.earliest);
  // What the thread finds is handed over once, if it is better than all known.
  companion.hand_over(c.bounds.latest, 45);
  companion.hand_over(c.bounds.latest, 40 - 1e-12);  // rounding
  CHECK(companion.best() == c.bounds.earliest);
  CHECK(companion.take_found().empty());
  companion.hand_over(c.bounds.latest, 30);
  CHECK(companion.best() == c.bounds.latest);
  CHECK(companion.take_found() == c.bounds.latest);
  CHECK(companion.take_found().empty());
}

TEST_CASE("companion: does nothing without a schedule, and ends without a thread") {
  auto const c = random_case(10, 4, 1);
  Companion companion(c.problem, c.system, c.bounds, peaks_and_communication());
  companion.begin(always);
  std::atomic<bool> called{false};
  companion.launch([&](auto const&) { called = true; }, always,
                   [&](auto const&) { called = true; });
  companion.end();
  CHECK_FALSE(called);
}

TEST_CASE("companion: bounds beside, hands out legal schedules, then follows the further work") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    auto const c = random_case(60, 12, seed, seed % 2 == 0);
    Companion companion(c.problem, c.system, c.bounds, peaks_and_communication());
    auto const linear = companion.begin(always);
    REQUIRE(legal(c, linear.start));
    double const first = companion.value();
    double const value = value_of(c, linear.start);
    CHECK(first <= value);
    companion.offer(linear.start, value);
    std::atomic<int> steps{0};
    std::atomic<bool> following{false};
    std::atomic<bool> ended{false};
    std::atomic<bool> preceded{false};
    // The closures ask too: the sixth question at the latest ends the bound.
    companion.launch([&](auto const&) { preceded = steps == 0; }, [&] { return ++steps <= 6; },
                     [&](auto const& go_on) {
                       companion.hand_over(companion.best(), value - 0.5);
                       following = true;
                       while (go_on()) std::this_thread::yield();
                       ended = true;
                     });
    companion.launch(nothing, always, [](auto const&) { FAIL("there is one thread"); });
    REQUIRE(soon([&] { return following.load(); }));
    CHECK(companion.value() >= first);
    CHECK(companion.value() <= value);
    CHECK(preceded);
    CHECK_FALSE(ended);
    CHECK(legal(c, companion.take_found()));
    auto const minimiser = companion.take_minimiser();
    if (!minimiser.empty()) {
      CHECK(legal(c, minimiser));
      CHECK(companion.value() <= value_of(c, minimiser));
    }
    CHECK(companion.take_minimiser().empty());
    companion.end();
    CHECK(ended);
    companion.end();  // again is fine
  }
}

TEST_CASE("companion: the destructor ends the thread soon, in the bound or after it") {
  auto const c = random_case(300, 60, 5);
  for (int const pause : {0, 1, 50}) {
    CAPTURE(pause);
    std::atomic<int> running{0};
    auto const begin = std::chrono::steady_clock::now();
    {
      Companion companion(c.problem, c.system, c.bounds, peaks_and_communication());
      companion.offer(c.bounds.earliest, value_of(c, c.bounds.earliest));
      companion.launch(nothing, always, [&](auto const& go_on) {
        ++running;
        while (go_on()) std::this_thread::yield();
        --running;
      });
      std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    }
    CHECK(running == 0);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  }
}

TEST_CASE("companion: in the calling thread it repeats bit for bit") {
  auto const c = random_case(60, 12, 3);
  std::vector<double> bounds;
  for (int run = 0; run < 2; ++run) {
    Companion companion(c.problem, c.system, c.bounds, peaks_and_communication());
    companion.begin(always);
    double const first = companion.value();
    companion.offer(c.bounds.earliest, value_of(c, c.bounds.earliest));
    companion.work(0, always);
    CHECK(companion.value() == first);
    companion.work(10, always);
    bounds.push_back(companion.value());
    CHECK(bounds.back() >= first);
    CHECK(companion.tight(bounds.back()));
    CHECK_FALSE(companion.tight(bounds.back() + 1));
  }
  CHECK(bounds[0] == bounds[1]);
}

TEST_CASE("companion: the history of the bound rises to its value, in time") {
  auto const c = random_case(20, 6, 1);
  gaus::StopCondition const clock(0);
  Companion companion(c.problem, c.system, c.bounds, peaks_and_communication(), {}, &clock);
  CHECK(companion.trace().empty());
  companion.begin(always);
  companion.offer(c.bounds.earliest, value_of(c, c.bounds.earliest));
  companion.work(50, always);
  auto const trace = companion.trace();
  REQUIRE_FALSE(trace.empty());
  for (std::size_t k = 1; k < trace.size(); ++k) {
    CHECK(trace[k].value > trace[k - 1].value);
    CHECK(trace[k].seconds >= trace[k - 1].seconds);
  }
  CHECK(trace.back().value == companion.value());
  CHECK(trace.back().seconds <= clock.seconds());
  Companion untimed(c.problem, c.system, c.bounds, peaks_and_communication());
  untimed.begin(always);
  CHECK(untimed.trace().empty());
}
