// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/schedule/pipeline_result.hpp>

#include <doctest/doctest.h>

TEST_CASE("pipeline result: stages") {
  gaus::Schedule const loop{{0, 3, 4, 11}, 14, 4};
  CHECK(gaus::stage_of(loop, 1) == 0);
  CHECK(gaus::stage_of(loop, 2) == 1);
  CHECK(gaus::stage_of(loop, 3) == 2);
  CHECK(gaus::stage_of({{9}, 10, 0}, 0) == 0);
  CHECK(gaus::number_of_stages(12, 4) == 3);
  CHECK(gaus::number_of_stages(13, 4) == 4);
  CHECK(gaus::number_of_stages(0, 4) == 1);
  CHECK(gaus::number_of_stages(13, 0) == 1);
}
