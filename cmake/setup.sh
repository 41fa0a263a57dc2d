#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# setup.sh [PACKAGE...]: what gaus is built with, for machines that reach a Debian archive only.
#
# Names are those of find_package(), default: all. Each package becomes a CMake prefix
# .deps/PACKAGE/usr; nothing is installed and no root is needed. Does nothing for a package that is
# there, nor where GitHub answers: CMake fetches the sources itself then (dependencies.cmake).
# The presets call this for whatever find_package() does not find (provision.cmake).
#
#   KOKKOS_DEBS=FOLDER  take Kokkos' packages (and others that lie there) from here, without asking
#                       GitHub; see get-kokkos.sh
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
deps=$(dirname "$here")/.deps
[ $# -gt 0 ] || set -- Kokkos doctest benchmark CLI11 nlohmann_json pugixml

missing=()
for package in "$@"; do [ -d "$deps/$package" ] || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0

# Asked through CMake, so that the answer holds for what CMake will do next.
github_answers() {
  printf '%s\n' 'file(DOWNLOAD https://github.com/robots.txt TIMEOUT 5 STATUS status)' \
    'list(GET status 0 code)' 'if(code)' 'message(FATAL_ERROR)' 'endif()' >"$tmp/ask.cmake"
  "${CMAKE_COMMAND:-cmake}" -P "$tmp/ask.cmake" >/dev/null 2>&1
}

# unpack PACKAGE DEBIAN_PACKAGE...: from this machine's own suite
unpack() {
  local package=$1 debs=$tmp/$1/debs prefix=$tmp/$1/new
  shift
  mkdir -p "$debs"
  for name in "$@"; do
    cp "${KOKKOS_DEBS:-$tmp}/${name}"_*.deb "$debs" 2>/dev/null || (cd "$debs" && download "$name") || return 1
  done
  for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$prefix" || return 1; done
  # doctest's package names its prefix; every other one is relocatable
  find "$prefix" -name '*Targets.cmake' -exec sed -i \
    's#set(_IMPORT_PREFIX "/usr")#get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)#' {} +
  mv "$prefix" "$deps/$package"
}

# The lists of a fresh machine are empty, and old ones name packages that are gone: lists of our own,
# kept for an hour, since CMake asks for one package after the other.
private_lists() {
  printf '%s\n' "Dir::State::lists \"$deps/.lists\";" >>"$APT_CONFIG"
  [ -z "$(find "$deps/.lists" -maxdepth 0 -mmin -60 2>/dev/null)" ] || return 0
  rm -rf "$deps/.lists"
  mkdir -p "$deps/.lists/partial"
  apt-get -qq update >/dev/null 2>&1 || true # third-party sources may fail
  ls "$deps"/.lists/*Packages* >/dev/null 2>&1 || rm -rf "$deps/.lists" # no answer: ask again
}

download() { # DEBIAN_PACKAGE
  apt-get -qq download "$1" 2>/dev/null || { private_lists && apt-get -qq download "$1"; }
}

from_archive() {
  echo "gaus: unpacking $1 into .deps/"
  case $1 in
    Kokkos) "$here/get-kokkos.sh" "$deps/Kokkos" ;;
    doctest) unpack doctest doctest-dev ;;
    benchmark) unpack benchmark libbenchmark-dev libbenchmark1debian ;;
    CLI11) unpack CLI11 libcli11-dev ;;
    nlohmann_json) unpack nlohmann_json nlohmann-json3-dev ;;
    pugixml) unpack pugixml libpugixml-dev libpugixml1v5 ;;
    *) echo "gaus: unknown package $1" >&2; return 1 ;;
  esac
}

mkdir -p "$deps"
exec 9>"$deps/.lock"
flock 9 # two configurations at once share .deps
tmp=$(mktemp -d "$deps/.setup.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

if [ -n "${KOKKOS_DEBS:-}" ]; then
  github="not asked, because KOKKOS_DEBS is set"
elif compgen -G "$deps/[A-Za-z]*" >/dev/null; then
  github="not asked, because .deps/ holds other packages from the archive"
elif github_answers; then
  echo "gaus: CMake fetches ${missing[*]} from GitHub"
  exit 0
else
  github="no answer within 5 seconds"
fi
# Options for every call of apt from here on: none needs root or waits long for a dead address.
export APT_CONFIG=$tmp/apt.conf
printf '%s\n' "APT::Sandbox::User \"$(id -un)\";" 'Debug::NoLocking "true";' \
  'Acquire::Retries "1";' 'Acquire::http::Timeout "20";' >"$APT_CONFIG"
if [ -z "$(apt-get indextargets 'Created-By: Packages' 2>/dev/null)" ]; then private_lists; fi

failed=()
for package in "${missing[@]}"; do
  [ -d "$deps/$package" ] || # by the configuration that held the lock
    from_archive "$package" || failed+=("$package")
done
[ ${#failed[@]} -gt 0 ] || exit 0
cat >&2 <<TEXT

gaus: no way to get ${failed[*]}
Tried, in this order:
  - an installed package: none was found
  - its sources on GitHub: $github
  - the Debian archive of this machine: see the message above
What helps:
  - install it and pass -D<package>_ROOT=<prefix>
  - unpack its sources and pass -DFETCHCONTENT_SOURCE_DIR_<PACKAGE>=<folder>
  - for Kokkos: collect Debian's libkokkos-dev with its dependences and set KOKKOS_DEBS=<folder>
  - for the others: leave out what needs them, -DGAUS_BUILD_TESTS=OFF (doctest),
    -DGAUS_BUILD_BENCH=OFF (benchmark, pugixml),
    -DGAUS_BUILD_EXAMPLES=OFF (CLI11, nlohmann_json, pugixml),
    -DGAUS_GRAPHML=OFF (pugixml), -DGAUS_JSON=OFF (nlohmann_json)
TEXT
exit 1
