# Fuzz targets: functions in fuzz/ that take any bytes. In every build the unit tests run them over the
# files of fuzz/corpus; with GAUS_BUILD_FUZZERS each is an executable fuzz_<target> of libFuzzer.
set(fuzz_readers aiger dot edge_list expression gml graphml hyperdag json onnx_json psplib schedule_json)
set(fuzz_solves limits pipeline solve)

foreach(target IN LISTS fuzz_readers fuzz_solves)
  set(test fuzz/corpus/${target})
  add_test(NAME ${test} COMMAND gaus_tests "--test-case=corpus: *" --subcase=${target})
  set_tests_properties(${test} PROPERTIES
    ENVIRONMENT "OMP_NUM_THREADS=1;ASAN_OPTIONS=max_allocation_size_mb=2000;${quiet_threads}"
    FAIL_REGULAR_EXPRESSION "assertions: +0 ") # a filter that matches nothing is no success
endforeach()

if(NOT GAUS_BUILD_FUZZERS)
  return()
elseif(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "GAUS_BUILD_FUZZERS needs clang, which has libFuzzer: -D CMAKE_CXX_COMPILER=clang++")
endif()

foreach(kind readers solves)
  add_library(gaus_fuzz_${kind} OBJECT fuzz/libfuzzer.cpp)
  target_include_directories(gaus_fuzz_${kind} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(gaus_fuzz_${kind} PRIVATE gaus_dev gaus::json gaus::graphml doctest::doctest)
  target_compile_options(gaus_fuzz_${kind} PRIVATE -O1 -g1 -fno-omit-frame-pointer
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  foreach(target IN LISTS fuzz_${kind})
    set(source ${CMAKE_CURRENT_BINARY_DIR}/fuzz/${target}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT
         "extern char const* const gaus_fuzz_target;\nchar const* const gaus_fuzz_target = \"${target}\";\n")
    add_executable(fuzz_${target} ${source})
    target_link_libraries(fuzz_${target} PRIVATE gaus_fuzz_${kind} gaus::json gaus::graphml)
    target_link_options(fuzz_${target} PRIVATE -fsanitize=fuzzer,address,undefined)
  endforeach()
endforeach()
target_compile_definitions(gaus_fuzz_solves PRIVATE GAUS_FUZZ_SOLVES=1 DOCTEST_CONFIG_DISABLE)
