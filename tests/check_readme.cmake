# cmake -D README=<file> -D EXAMPLES=<folder> -P check_readme.cmake
#
# Every program of the README that names its source, as
#
#   ([examples/NAME.cpp](examples/NAME.cpp)
#
# right after its output, is that source from the first #include on, and prints what the source says
# that it prints (which a test of its own holds it to).
file(READ ${README} readme)
string(REGEX MATCHALL "```\n\\(\\[examples/[a-z_]+\\.cpp\\]" marks "${readme}")
list(LENGTH marks count)
if(count LESS 2)
  message(FATAL_ERROR "${README} shows ${count} programs with their sources, expected 2 or more")
endif()
foreach(mark IN LISTS marks)
  string(REGEX REPLACE ".*examples/([a-z_]+\\.cpp).*" "\\1" name "${mark}")
  file(READ ${EXAMPLES}/${name} source)
  string(FIND "${source}" "#include" begin)
  string(FIND "${source}" "\n// prints:\n" end)
  math(EXPR length "${end} - ${begin}")
  string(SUBSTRING "${source}" ${begin} ${length} program)
  math(EXPR end "${end} + 12")
  string(SUBSTRING "${source}" ${end} -1 prints)
  string(REGEX REPLACE "(^|\n)// ?" "\\1" prints "${prints}")
  foreach(text program prints)
    string(REGEX REPLACE "\n+$" "" ${text} "${${text}}")
  endforeach()
  string(FIND "${readme}" "```cpp\n${program}\n```\n```\n${prints}\n${mark}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${README} does not show examples/${name} as it is, or not what it prints")
  endif()
endforeach()
