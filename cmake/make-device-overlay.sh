#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# make-device-overlay.sh KOKKOS_HEADERS FOLDER CUDA|HIP ARCHITECTURE_MACRO...
#
# Fills FOLDER with Kokkos' configuration headers, changed so that those of a build without the
# device backend declare it. Put before KOKKOS_HEADERS on the include path they allow device code to
# be compiled (never linked) on a machine without a GPU. Leans on Kokkos' internal file names: when
# it breaks after a Kokkos update, mend this script.
set -euo pipefail
headers=$1 overlay=$2 backend=$3
shift 3

rm -rf "$overlay"
mkdir -p "$overlay/desul/atomics"
cp "$headers"/KokkosCore_config.h "$headers"/KokkosCore_Config_*.hpp "$overlay/"
cp "$headers/desul/atomics/Config.hpp" "$overlay/desul/atomics/"

define() { # FILE MACRO: turn the one commented-out #undef into a #define
  sed -i "s@^/\* #undef $2 \*/@#define $2@" "$overlay/$1"
  grep -q "^#define $2\$" "$overlay/$1" || { echo "make-device-overlay: no $2 in $1" >&2; exit 1; }
}
for macro in "KOKKOS_ENABLE_$backend" "$@"; do define KokkosCore_config.h "$macro"; done
define desul/atomics/Config.hpp "DESUL_ATOMICS_ENABLE_$backend"
sed -i '/define KOKKOS_IMPL_BUILD_SHARED_LIBS/d' "$overlay/KokkosCore_config.h"

add() { # FILE HEADER: include it, before the last line, which closes the include guard
  [ -f "$headers/$2" ] || { echo "make-device-overlay: no $2" >&2; exit 1; }
  sed -i "\$i #include <$2>" "$overlay/KokkosCore_Config_$1.hpp"
}
case $backend in CUDA) setup=Cuda ;; *) setup=$backend ;; esac
add SetupBackend "setup/Kokkos_Setup_$setup.hpp"
add FwdBackend "fwd/Kokkos_Fwd_$backend.hpp"
add DeclareBackend "decl/Kokkos_Declare_$backend.hpp"
