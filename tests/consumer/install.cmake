# cmake -D BUILD=<build tree> -D SOURCE=<source tree> -D PREFIX=<folder> -P install.cmake
#
# Installs into one folder and moves it to PREFIX: a package must work wherever it is put.
set(first ${PREFIX}.first)
file(REMOVE_RECURSE ${first} ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${first} OUTPUT_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${first} ${PREFIX})
file(GLOB_RECURSE files ${PREFIX}/*/cmake/gaus/*.cmake)
if(NOT files)
  message(FATAL_ERROR "There is no package below ${PREFIX}")
endif()
foreach(file IN LISTS files)
  file(READ ${file} text)
  foreach(place ${first} ${SOURCE} ${BUILD})
    string(FIND "${text}" "${place}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} names ${place}")
    endif()
  endforeach()
endforeach()
