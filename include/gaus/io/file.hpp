// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef GAUS_IO_FILE_HPP
#define GAUS_IO_FILE_HPP

#include <gaus/detail/message.hpp>
#include <gaus/error.hpp>
#include <gaus/io/reader.hpp>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <system_error>

// Opening files for the readers, and writing files that are either complete or not there.
//
// An OutputFile writes beside its target under another name and takes the target's name only in
// commit(), when every byte has reached the file. Without a commit nothing remains of it, and what
// the target held before is untouched. A target that is a symbolic link is followed; one that is no
// regular file (a device, a pipe) is written in place, because its name must not be taken from it.
//
// All errors are InvalidInput with the path and the reason of the system.
namespace gaus {

namespace detail {

/// The system's words for an error number, or a fallback where it left none.
inline std::string reason(int error) {
  return error != 0 ? std::generic_category().message(error) : "input or output failed";
}

}  // namespace detail

/// Opens a file that a reader can use: it is there, readable, no directory and not empty.
inline std::ifstream open_input(std::filesystem::path const& path) {
  std::error_code error;
  if (path.empty()) throw InvalidInput("the name of the input file is empty");
  if (std::filesystem::is_directory(path, error)) detail::fail(path.string(), "is a directory");
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) detail::fail(path.string(), "cannot be opened: " + detail::reason(errno));
  if (stream.peek() == std::ifstream::traits_type::eof()) {
    if (stream.bad()) detail::fail(path.string(), "cannot be read: " + detail::reason(errno));
    detail::fail(path.string(), "the file is empty");
  }
  return stream;
}

/// The bytes of a file.
inline std::string read_file(std::filesystem::path const& path) {
  auto stream = open_input(path);
  return detail::read_all(stream, {.source = path.string()});
}

/// A file that appears under its name only when it is complete.
class OutputFile {
 public:
  /// Opens a temporary file beside the path. Throws InvalidInput where it cannot be written.
  explicit OutputFile(std::filesystem::path const& path) : path_(path), target_(path) {
    namespace fs = std::filesystem;
    if (path.empty()) throw InvalidInput("the name of the output file is empty");
    std::error_code error;
    auto const status = fs::status(path, error);
    if (fs::is_directory(status)) detail::fail(path.string(), "is a directory");
    bool const in_place = fs::exists(status) && !fs::is_regular_file(status);
    if (in_place) {
      errno = 0;
      stream_.open(path, std::ios::binary);
    } else {
      follow_links();
      if (fs::is_regular_file(status)) check_writable();
      temporary_ = create_beside(target_);
      if (fs::is_regular_file(status)) fs::permissions(temporary_, status.permissions(), error);
      errno = 0;
      stream_.open(temporary_, std::ios::binary);
    }
    if (!stream_) give_up("cannot be written", errno);
  }

  OutputFile(OutputFile const&) = delete;
  OutputFile& operator=(OutputFile const&) = delete;
  ~OutputFile() { discard(); }

  /// Where to write.
  [[nodiscard]] std::ostream& stream() { return stream_; }

  /// Ends the file and gives it its name.
  void commit() {
    errno = 0;
    if (stream_.good()) stream_.flush();
    if (!stream_.good()) {
      // The write that failed may be long past, and its errno with it: one more tells why.
      stream_.clear();
      errno = 0;
      stream_.put('\n').flush();
      give_up("cannot be written", errno);
    }
    stream_.close();
    if (!stream_) give_up("cannot be written", errno);
    if (temporary_.empty()) return;
    std::error_code error;
    std::filesystem::rename(temporary_, target_, error);
    if (error) give_up("cannot be replaced", error.value());
    temporary_.clear();
  }

 private:
  /// A link keeps pointing where it does: the file behind it is replaced, even if it is not there.
  void follow_links() {
    namespace fs = std::filesystem;
    constexpr int most = 40;
    std::error_code error;
    for (int k = 0; k < most && fs::is_symlink(fs::symlink_status(target_, error)); ++k)
      target_ = target_.parent_path() / fs::read_symlink(target_, error);
    if (fs::is_symlink(fs::symlink_status(target_, error))) give_up("cannot be written", ELOOP);
  }

  /// A rename needs no right to the file that it replaces; a write-protected one must stay.
  void check_writable() {
    errno = 0;
    std::FILE* const file = std::fopen(target_.string().c_str(), "r+b");
    if (file == nullptr) give_up("cannot be written", errno);
    std::fclose(file);
  }

  /// Makes a file that was not there. Its name does not grow with that of the target, which may
  /// already be as long as the system allows.
  std::filesystem::path create_beside(std::filesystem::path const& target) {
    constexpr int attempts = 10000;
    for (int k = 0; k < attempts; ++k) {
      auto name = target.parent_path() / (detail::message({".gaus-", k, ".part"}));
      errno = 0;
      // "x" creates or fails, so that two programs never share one.
      if (std::FILE* const file = std::fopen(name.string().c_str(), "wbx")) {
        std::fclose(file);
        return name;
      }
      if (errno != EEXIST) break;
    }
    give_up("cannot be written", errno);
  }

  void discard() noexcept {
    if (stream_.is_open()) stream_.close();
    std::error_code ignored;
    if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
    temporary_.clear();
  }

  [[noreturn]] void give_up(std::string const& what, int error) {
    discard();
    detail::fail(path_.string(), what + ": " + detail::reason(error));
  }

  std::filesystem::path path_;
  std::filesystem::path target_;
  std::filesystem::path temporary_;  ///< empty: none, or no longer ours
  std::ofstream stream_;
};

/// Writes a file by writer(std::ostream&): the file is complete or, when anything throws, as it
/// was.
template <class Writer>
void write_file_atomically(std::filesystem::path const& path, Writer const& writer) {
  OutputFile file(path);
  writer(file.stream());
  file.commit();
}

}  // namespace gaus

#endif
