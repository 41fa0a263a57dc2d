# cmake -D GAUS_BENCH=<program> -D BUILD_DIR=<folder> -D COMPILER=.. -D FLAGS=.. -D PROCESSOR=..
#       -D KOKKOS=.. [-D RECORD=ON] -P instructions.cmake
#
# Counts the instructions of small fixed runs, without their set-up, by valgrind: they repeat where
# times do not. Fails where one has risen by more than a tenth over the count in instructions.json;
# RECORD=ON writes the file anew. Counts are of one compiler, and say nothing where it is another.
cmake_minimum_required(VERSION 3.24)
set(file ${CMAKE_CURRENT_LIST_DIR}/instructions.json)
set(allowed 10) # per cent

# Benchmark and the function that is counted in it.
set(runs iteration/counted/A counted_iterations iteration/counted/B counted_iterations
         schedule/counted/A counted_solve schedule/counted/B counted_solve)

function(skip why)
  message(STATUS "skipped: ${why}")
endfunction()

find_program(valgrind valgrind)
if(NOT valgrind)
  skip("there is no valgrind here")
  return()
endif()
if(NOT RECORD)
  file(READ ${file} recorded)
  foreach(key COMPILER FLAGS PROCESSOR KOKKOS)
    string(TOLOWER ${key} name)
    string(JSON value GET "${recorded}" ${name})
    if(NOT value STREQUAL ${key})
      skip("the counts of ${file} are those of ${name} '${value}', this build has '${${key}}'")
      return()
    endif()
  endforeach()
endif()

set(counts "")
set(risen "")
while(runs)
  list(POP_FRONT runs run function)
  execute_process(
    COMMAND ${valgrind} --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no
            "--toggle-collect=*${function}*" ${GAUS_BENCH} "--benchmark_filter=^${run}/"
    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed OR NOT output MATCHES "Collected : ([1-9][0-9]*)")
    message(FATAL_ERROR "${run} was not counted:\n${output}")
  endif()
  set(count ${CMAKE_MATCH_1})
  list(APPEND counts "    \"${run}\": ${count}")
  if(RECORD)
    message(STATUS "${run}: ${count} instructions")
    continue()
  endif()
  string(JSON before GET "${recorded}" instructions ${run})
  math(EXPR percent "(100 * ${count} + ${before} / 2) / ${before}")
  set(text "${run}: ${count} instructions, ${percent} % of the recorded ${before}")
  message(STATUS "${text}")
  math(EXPR excess "100 * ${count} - (100 + ${allowed}) * ${before}")
  if(excess GREATER 0)
    string(APPEND risen "  ${text}\n")
  elseif(percent LESS 90)
    message(STATUS "  ... so that it pays to record the new count")
  endif()
endwhile()

set(how "cmake --build ${BUILD_DIR} --target record_instructions")
if(risen)
  message(FATAL_ERROR "More than ${allowed} % above the recorded count:\n${risen}"
    "Where that is meant, record the new counts, and say why in the commit:\n  ${how}")
endif()
if(RECORD)
  list(JOIN counts ",\n" counts)
  file(WRITE ${file} "{\n  \"compiler\": \"${COMPILER}\",\n  \"flags\": \"${FLAGS}\",\n"
    "  \"processor\": \"${PROCESSOR}\",\n  \"kokkos\": \"${KOKKOS}\",\n"
    "  \"instructions\": {\n${counts}\n  }\n}\n")
endif()
