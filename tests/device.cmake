# Device code compiled by nvcc, on machines without a GPU too: compiled only, never linked. Where
# Kokkos has no CUDA backend, a generated overlay turns its headers into those of one that has.
find_program(GAUS_NVCC nvcc HINTS /usr/local/cuda/bin)
mark_as_advanced(GAUS_NVCC)
get_target_property(installed Kokkos::kokkos IMPORTED)
if(NOT GAUS_NVCC OR NOT installed OR Kokkos_ENABLE_CUDA OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  return()
endif()

get_target_property(kokkos_headers Kokkos::kokkoscore INTERFACE_INCLUDE_DIRECTORIES)
set(overlay ${CMAKE_CURRENT_BINARY_DIR}/device/overlay)
execute_process(
  COMMAND ${PROJECT_SOURCE_DIR}/cmake/make-device-overlay.sh
          "${kokkos_headers}" ${overlay} CUDA KOKKOS_ARCH_HOPPER KOKKOS_ARCH_HOPPER90
  RESULT_VARIABLE failed)
if(failed)
  message(STATUS "gaus: no device compile test, as this Kokkos does not lend its headers to one")
  return()
endif()

file(GLOB device_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/device/*.cpp)
foreach(source IN LISTS device_sources)
  get_filename_component(stem ${source} NAME_WE)
  add_test(NAME device_compile_cuda/${stem}
    COMMAND ${GAUS_NVCC} -x cu -std=c++20 -O1 -arch=sm_90
            --expt-extended-lambda --expt-relaxed-constexpr --Werror all-warnings
            -ccbin ${CMAKE_CXX_COMPILER} -Xcompiler -fopenmp,-Wall,-Wextra,-Werror
            -isystem ${overlay} -isystem ${kokkos_headers} -I ${PROJECT_SOURCE_DIR}/include
            -DKOKKOS_DEPENDENCE -c ${source} -o ${CMAKE_CURRENT_BINARY_DIR}/device/${stem}.o)
endforeach()
