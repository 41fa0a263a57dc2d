// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <fuzz/readers.hpp>
#include <fuzz/solves.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

/// Runs a target over the files of its folder in tests/fuzz/corpus.
void run_corpus(gaus_fuzz::Target const& target) {
  std::vector<std::filesystem::path> files;
  auto const folder = std::filesystem::path(__FILE__).parent_path() / "corpus" / target.name;
  for (auto const& entry : std::filesystem::directory_iterator(folder))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(!files.empty());
  for (auto const& file : files) {
    std::string const name = file.filename().string();
    CAPTURE(name);
    std::ifstream stream(file, std::ios::binary);
    std::string const bytes{std::istreambuf_iterator<char>(stream), {}};
    CHECK_NOTHROW(target.run(bytes));
  }
}

TEST_CASE("corpus: readers") {
  for (auto const& target : gaus_fuzz::readers) {
    SUBCASE(target.name) { run_corpus(target); }
  }
}

TEST_CASE("corpus: solves") {
  for (auto const& target : gaus_fuzz::solves) {
    SUBCASE(target.name) { run_corpus(target); }
  }
}

}  // namespace
