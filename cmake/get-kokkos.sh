#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# get-kokkos.sh FOLDER: Kokkos (OpenMP) from a newer Debian suite as a CMake prefix FOLDER/usr.
#
# For machines whose only source of software is a Debian archive and whose own suite has no
# C++20 Kokkos. Nothing is installed and no root is needed: apt works on a private state, and with
# an empty status file it brings the run-time (libc, libstdc++, libgomp) that the newer Kokkos was
# linked against. Executables are compiled and linked with this machine's tools and started by that
# run-time, which is backward compatible: sound for development and CI, not for shipping binaries.
#
#   KOKKOS_DEBS=FOLDER     take the packages from here, offline
#   KOKKOS_SUITES="..."    suites to try in this order, default "testing sid"
set -euo pipefail
out=$1
oldest=4.6.0
tmp=$(mktemp -d "$(dirname "$out")/.kokkos.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
die() { echo "get-kokkos: $*" >&2; exit 1; }

# download SUITE: the closure of libkokkos-dev into $tmp/SUITE/cache/archives
download() {
  local suite=$1 dir=$tmp/$1 version
  mkdir -p "$dir"/{sources,lists/partial,cache/archives/partial}
  : >"$dir/status"
  printf '%s\n' 'Types: deb' "URIs: $base" "Suites: $suite" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >"$dir/sources/x.sources"
  local apt=(-qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/sources"
    -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$dir/lists"
    -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" -o Debug::NoLocking=true
    -o APT::Sandbox::User="$(id -un)" -o APT::Install-Recommends=false
    -o Acquire::Languages=none -o Acquire::Retries=1 -o Acquire::http::Timeout=20)
  apt-get "${apt[@]}" update || return 1
  version=$(apt-cache "${apt[@]}" show libkokkos-dev 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)
  dpkg --compare-versions "${version:-0}" ge "$oldest" || return 1
  apt-get "${apt[@]}" install --yes --download-only libkokkos-dev || return 1
  debs=("$dir"/cache/archives/*.deb)
}

debs=()
if [ -n "${KOKKOS_DEBS:-}" ]; then
  for name in libkokkos libc6 libgcc-s1 libgomp1 libstdc++6; do
    debs+=("$KOKKOS_DEBS/$name"*.deb)
  done
  [ -f "${debs[0]}" ] || die "no libkokkos package in KOKKOS_DEBS=$KOKKOS_DEBS"
else
  command -v apt-get >/dev/null || die "this machine has no apt"
  # The archive that this machine already uses, so that no address is written down here.
  base=$(apt-get indextargets --format '$(REPO_URI)' \
    'Origin: Debian' 'Label: Debian' 'Created-By: Packages' | sort -u | head -n 1)
  [ -n "$base" ] || die "no Debian archive is configured on this machine, or it does not answer"
  for suite in ${KOKKOS_SUITES:-testing sid}; do
    download "$suite" && break
  done
  [ ${#debs[@]} -gt 0 ] || die "no libkokkos-dev >= $oldest in: ${KOKKOS_SUITES:-testing sid}"
fi

all=$tmp/all
for deb in "${debs[@]}"; do dpkg-deb -x "$deb" "$all"; done
config=$(find "$all/usr/lib" -path '*/cmake/Kokkos' -type d)
triplet=$(basename "$(dirname "$(dirname "$config")")")

# Keep Kokkos and, beside it in rt/, the libraries that it was linked against. Nothing else: CMake
# must not find the newer suite's headers and libraries when it looks for those of this machine.
new=$tmp/new
mkdir -p "$new/usr/include" "$new/usr/lib/$triplet/cmake" "$new/rt"
mv "$all/usr/include/kokkos" "$new/usr/include/"
mv "$config" "$new/usr/lib/$triplet/cmake/"
mv "$all/usr/lib/$triplet"/libkokkos* "$new/usr/lib/$triplet/"
for name in 'ld-linux-*' libc.so.6 libm.so.6 libmvec.so.1 libdl.so.2 libpthread.so.0 librt.so.1 \
  libresolv.so.2 libstdc++.so.6 'libstdc++.so.6.*[0-9]' libgcc_s.so.1 'libgomp.so.1*'; do
  find "$all" -path "*/lib/$triplet/$name" -not -path '*/gconv/*' -exec cp -a {} "$new/rt/" \;
done

# Three repairs of the package: absolute include paths, two static archives that it names without
# shipping them (they hold no code), and link options that start executables with the run-time above.
config=$new/usr/lib/$triplet/cmake/Kokkos
sed -i 's#"/usr/include/kokkos"#"${_IMPORT_PREFIX}/include/kokkos"#' "$config/KokkosTargets.cmake"
sed -n 's#.*"${_IMPORT_PREFIX}/\(.*\.a\)".*#\1#p' "$config"/KokkosTargets-*.cmake | sort -u |
  while read -r archive; do [ -e "$new/usr/$archive" ] || ar crs "$new/usr/$archive"; done
cat >>"$config/KokkosTargets.cmake" <<'CMAKE'

# Added by gaus: start executables with the C and C++ run-time that this Kokkos was linked against.
file(REAL_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../../../rt" _gaus_rt)
file(GLOB _gaus_loader "${_gaus_rt}/ld-linux-*")
set_property(TARGET Kokkos::kokkoscore APPEND PROPERTY INTERFACE_LINK_OPTIONS
  "LINKER:--allow-shlib-undefined,--disable-new-dtags,-rpath,${_gaus_rt}"
  "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:LINKER:--dynamic-linker=${_gaus_loader}>")
unset(_gaus_rt)
unset(_gaus_loader)
CMAKE

rm -rf "$out"
mv "$new" "$out" # the folder appears whole or not at all
echo "get-kokkos: $(basename "$(ls "$out"/usr/lib/*/libkokkoscore.so.*.*.*)") in $out"
