# cmake -D PROGRAM=<executable> -D SOURCE=<its source> -P check_example.cmake
#
# The source ends with the text that the program prints to stdout, here as:
#
#   // prints:
#   // operation 0 starts at step 0
#
# Spaces at the ends of lines and empty lines at the end of the text do not count.
file(READ ${SOURCE} expected)
string(FIND "${expected}" "\n// prints:\n" start REVERSE)
if(start EQUAL -1)
  message(FATAL_ERROR "${SOURCE} does not end with '// prints:' and the text")
endif()
math(EXPR start "${start} + 12")
string(SUBSTRING "${expected}" ${start} -1 expected)
string(REGEX REPLACE "(^|\n)// ?" "\\1" expected "${expected}")

execute_process(COMMAND ${PROGRAM} RESULT_VARIABLE failed OUTPUT_VARIABLE printed)
if(failed)
  message(FATAL_ERROR "${PROGRAM} ends with ${failed}, after printing\n${printed}")
endif()
foreach(text expected printed)
  string(REGEX REPLACE "[ \t]+\n" "\n" ${text} "${${text}}\n")
  string(REGEX REPLACE "\n+$" "" ${text} "${${text}}")
endforeach()
if(NOT printed STREQUAL expected)
  message(NOTICE "-- expected --\n${expected}\n-- printed --\n${printed}\n--") # left as it is
  message(FATAL_ERROR "${PROGRAM} does not print what ${SOURCE} ends with")
endif()
