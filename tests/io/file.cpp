// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gaus/io/file.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

namespace fs = std::filesystem;

/// A folder of its own for each test, removed at its end.
class Folder {
 public:
  Folder() {
    for (int k = 0; path_.empty(); ++k) {
      auto const path = fs::temp_directory_path() / ("gaus_test_file_" + std::to_string(k));
      if (fs::create_directory(path)) path_ = path;
    }
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::path operator/(std::string const& name) const { return path_ / name; }
  [[nodiscard]] auto entries() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

void put(fs::path const& path, std::string const& text) {
  std::ofstream(path, std::ios::binary) << text;
}

template <class Action>
std::string error_of(Action const& action) {
  try {
    action();
    return {};
  } catch (gaus::InvalidInput const& error) {
    return error.what();
  }
}

auto const writes_new = [](std::ostream& stream) { stream << "new"; };

}  // namespace

TEST_CASE("input files: what cannot be read says why") {
  Folder const folder;
  auto const message = [&](std::string const& name) {
    return error_of([&] { gaus::read_file(folder / name); });
  };
  put(folder / "text", std::string("a\0b\r\n", 5));
  CHECK(gaus::read_file(folder / "text") == std::string("a\0b\r\n", 5));
  put(folder / "empty", "");
  fs::create_directory(folder / "directory");
  CHECK(message("empty") == (folder / "empty").string() + ": the file is empty");
  CHECK(message("directory") == (folder / "directory").string() + ": is a directory");
  CHECK(message("missing") ==
        (folder / "missing").string() + ": cannot be opened: No such file or directory");
  CHECK(message("text/below") ==
        (folder / "text/below").string() + ": cannot be opened: Not a directory");
  CHECK(error_of([] { gaus::open_input(""); }) == "the name of the input file is empty");
  fs::permissions(folder / "text", fs::perms::none);
  if (!std::ifstream(folder / "text"))  // the superuser reads it all the same
    CHECK(message("text") == (folder / "text").string() + ": cannot be opened: Permission denied");
}

TEST_CASE("output files: a new one, one that is replaced, one behind a link") {
  Folder const folder;
  gaus::write_file_atomically(folder / "a", writes_new);
  CHECK(gaus::read_file(folder / "a") == "new");
  put(folder / "a", "something longer");
  fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_write);
  gaus::write_file_atomically(folder / "a", writes_new);
  CHECK(gaus::read_file(folder / "a") == "new");
  CHECK(fs::status(folder / "a").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(folder.entries() == 1);

  fs::create_directory(folder / "b");
  put(folder / "b/target", "old");
  fs::create_symlink("b/target", folder / "link");
  gaus::write_file_atomically(folder / "link", writes_new);
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(gaus::read_file(folder / "b/target") == "new");
  fs::create_symlink("b/fresh", folder / "dangling");
  gaus::write_file_atomically(folder / "dangling", writes_new);
  CHECK(gaus::read_file(folder / "b/fresh") == "new");
  CHECK(folder.entries() == 4);

  auto const long_name = std::string(255, 'x');
  gaus::write_file_atomically(folder / long_name, writes_new);
  CHECK(gaus::read_file(folder / long_name) == "new");
}

TEST_CASE("output files: a failure leaves the old file and nothing else") {
  Folder const folder;
  put(folder / "a", "old");
  CHECK_THROWS_AS(gaus::write_file_atomically(folder / "a",
                                              [](std::ostream& stream) {
                                                stream << std::string(1 << 20, 'x');
                                                throw std::runtime_error("halfway");
                                              }),
                  std::runtime_error);
  CHECK(gaus::read_file(folder / "a") == "old");
  {
    gaus::OutputFile abandoned(folder / "a");
    abandoned.stream() << "never committed";
  }
  CHECK(gaus::read_file(folder / "a") == "old");
  CHECK(error_of([&] {
          gaus::write_file_atomically(
              folder / "a", [](std::ostream& stream) { stream.setstate(std::ios::badbit); });
        }).starts_with((folder / "a").string() + ": cannot be written"));
  CHECK(gaus::read_file(folder / "a") == "old");
  CHECK(folder.entries() == 1);

  fs::create_directory(folder / "b");
  CHECK(error_of([&] { gaus::write_file_atomically(folder / "b", writes_new); }) ==
        (folder / "b").string() + ": is a directory");
  CHECK(error_of([&] { gaus::write_file_atomically(folder / "none/c", writes_new); }) ==
        (folder / "none/c").string() + ": cannot be written: No such file or directory");
  CHECK(error_of([&] { gaus::write_file_atomically(folder / "a/c", writes_new); }) ==
        (folder / "a/c").string() + ": cannot be written: Not a directory");
  CHECK(error_of([&] { gaus::write_file_atomically("", writes_new); }) ==
        "the name of the output file is empty");
  fs::create_symlink("ring", folder / "ring");
  CHECK(error_of([&] { gaus::write_file_atomically(folder / "ring", writes_new); }) ==
        (folder / "ring").string() + ": cannot be written: Too many levels of symbolic links");
  fs::remove(folder / "ring");
  // A target that turns into a folder meanwhile.
  CHECK(error_of([&] {
          gaus::OutputFile file(folder / "c");
          file.stream() << "x";
          fs::create_directory(folder / "c");
          file.commit();
        }).starts_with((folder / "c").string() + ": cannot be replaced: "));
  CHECK(folder.entries() == 3);
  fs::permissions(folder / "a", fs::perms::owner_read);
  if (!std::ofstream(folder / "a", std::ios::app)) {  // the superuser may write all the same
    CHECK(error_of([&] { gaus::write_file_atomically(folder / "a", writes_new); }) ==
          (folder / "a").string() + ": cannot be written: Permission denied");
    CHECK(gaus::read_file(folder / "a") == "old");
  }
}

TEST_CASE("output files: two at once do not share a temporary file") {
  Folder const folder;
  gaus::OutputFile a(folder / "a");
  gaus::OutputFile b(folder / "b");
  a.stream() << "A";
  b.stream() << "B";
  b.commit();
  a.commit();
  CHECK(gaus::read_file(folder / "a") == "A");
  CHECK(gaus::read_file(folder / "b") == "B");
  CHECK(folder.entries() == 2);
}

TEST_CASE("output files: devices are written in place") {
  if (!fs::is_character_file("/dev/null") || !fs::is_character_file("/dev/full")) return;
  gaus::write_file_atomically("/dev/null", writes_new);
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(error_of([] { gaus::write_file_atomically("/dev/full", writes_new); }) ==
        "/dev/full: cannot be written: No space left on device");
  CHECK(error_of([] {
          gaus::write_file_atomically("/dev/full", [](std::ostream& stream) {
            for (int k = 0; k < 100; ++k) stream << std::string(10000, 'x');
          });
        }) == "/dev/full: cannot be written: No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
}
