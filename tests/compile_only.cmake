# cmake -D SOURCE=<file> -D COMMANDS=<compile_commands.json> -P compile_only.cmake
#
# Runs the compiler on SOURCE as the build would, but for its verdict alone. It must accept the
# source, or, where that has lines "// expect: TEXT", refuse it and print each TEXT.

# The lines of the file are searched, as string(JSON) would parse all of it for each entry. In an
# entry the command comes before the file.
file(STRINGS ${COMMANDS} lines REGEX "^ *\"(command|file)\": ")
foreach(line IN LISTS lines)
  if(line MATCHES "^ *(\"command\": .*\"),?$")
    set(entry "{${CMAKE_MATCH_1}}")
  elseif(line MATCHES ": \"(.*)\",?$" AND CMAKE_MATCH_1 STREQUAL SOURCE)
    string(JSON command GET "${entry}" command)
    break()
  endif()
endforeach()
if(NOT command)
  message(FATAL_ERROR "${COMMANDS} does not say how ${SOURCE} is compiled")
endif()
separate_arguments(command UNIX_COMMAND "${command} -fsyntax-only")
execute_process(COMMAND ${command} RESULT_VARIABLE refused OUTPUT_VARIABLE output ERROR_VARIABLE output)

file(STRINGS ${SOURCE} expectations REGEX "^// expect: ")
if(SOURCE MATCHES "/compile_fail/" AND NOT expectations)
  message(FATAL_ERROR "${SOURCE} has no line '// expect: TEXT'")
elseif(NOT expectations AND refused)
  message(FATAL_ERROR "The compiler refuses ${SOURCE}:\n${output}")
elseif(expectations AND NOT refused)
  message(FATAL_ERROR "The compiler accepts ${SOURCE}, which it must refuse")
endif()
foreach(text IN LISTS expectations)
  string(REPLACE "// expect: " "" text "${text}")
  string(FIND "${output}" "${text}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "The compiler does not say\n  ${text}\nbut\n${output}")
  endif()
endforeach()
