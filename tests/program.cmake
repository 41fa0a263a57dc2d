# cmake -D PROGRAM=<gaus_schedule> -D CASE=<case> -D FOLDER=<scratch> -P program.cmake
#
# Runs the program as people do and holds it to its exit status, its words and the files that it
# leaves behind. Every case starts in an empty folder.
cmake_minimum_required(VERSION 3.24)
set(FOLDER ${FOLDER}/${CASE})
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

# expect(STATUS arguments... [SAYS parts...] [COMPLAINS parts...]): runs the program; parts are texts
# that stdout (stderr) must hold. Complaints are one line and leave no file behind.
function(expect status)
  cmake_parse_arguments(PARSE_ARGV 1 run "" "" "WITH;SAYS;COMPLAINS")
  file(GLOB before ${FOLDER}/* ${FOLDER}/.gaus*)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ENVIRONMENT} ${PROGRAM} ${run_WITH}
                  WORKING_DIRECTORY ${FOLDER} TIMEOUT 60
                  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE complained)
  list(JOIN run_WITH " " shown)
  set(shown "gaus_schedule ${shown}\n-> ${result}\n${said}${complained}")
  if(NOT result STREQUAL status)
    message(SEND_ERROR "exit status ${status} was expected:\n${shown}")
  endif()
  foreach(part IN LISTS run_SAYS)
    string(FIND "${said}" "${part}" place)
    if(place EQUAL -1)
      message(SEND_ERROR "stdout should hold \"${part}\":\n${shown}")
    endif()
  endforeach()
  foreach(part IN LISTS run_COMPLAINS)
    string(FIND "${complained}" "${part}" place)
    if(place EQUAL -1)
      message(SEND_ERROR "stderr should hold \"${part}\":\n${shown}")
    endif()
  endforeach()
  if(run_COMPLAINS)
    file(GLOB after ${FOLDER}/* ${FOLDER}/.gaus*)
    if(NOT complained MATCHES "^gaus_schedule: [^\n]+\n$" OR NOT after STREQUAL before)
      message(SEND_ERROR "one line and no file was expected, not ${after}:\n${shown}")
    endif()
  elseif(NOT complained STREQUAL "")
    message(SEND_ERROR "stderr should be empty:\n${shown}")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()

function(write name text)
  file(WRITE ${FOLDER}/${name} "${text}")
endfunction()

# read_json(variable file path...): a value of a JSON file.
function(read_json variable name)
  file(READ ${FOLDER}/${name} text)
  string(JSON value GET "${text}" ${ARGN})
  set(${variable} "${value}" PARENT_SCOPE)
endfunction()

function(expect_equal a b)
  if(NOT a STREQUAL b)
    message(SEND_ERROR "\"${a}\" should be \"${b}\"")
  endif()
endfunction()

set(quick --iterations 200)
# x -> y -> z, and a fourth operation that is free.
set(chain [=[{ "operations": [ { "name": "x", "latency": 2 }, { "name": "y" }, { "name": "z" }, {} ],
  "dependences": [ { "from": 0, "to": 1 }, { "from": 1, "to": 2 } ] }]=])

if(CASE STREQUAL "report")
  expect(0 WITH ${quick} --output out.json --trace trace.csv
         SAYS "fir16.json (bundled): 50 operations, 64 dependences" "2 IO, 16 MEM, 16 MUL, 16 ALU"
              "12, critical path 12" "100*usage + communication" "100 * " "seed 0, 200 iterations"
              "stopped by iterations" "legal: " "out.json" "trace.csv")
  foreach(pair "input=fir16.json" operations=50 dependences=64 steps=12 method=gaus seed=0
               feasible=ON iterations=200 stopped_by=iterations default_latency=1)
    string(REGEX MATCH "^(.*)=(.*)$" pair ${pair})
    set(expected ${CMAKE_MATCH_2})
    read_json(value out.json ${CMAKE_MATCH_1})
    expect_equal("${value}" "${expected}")
  endforeach()
  read_json(value out.json objective value)
  read_json(usage out.json objective terms usage)
  read_json(communication out.json objective terms communication)
  math(EXPR sum "100 * ${usage} + ${communication}")
  expect_equal("${value}" "${sum}.0")
  # The trace never rises, and ends at the value.
  file(STRINGS ${FOLDER}/trace.csv lines)
  list(POP_FRONT lines header)
  expect_equal("${header}" "seconds,iteration,value")
  set(last 1000000)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE ".*," "" now ${line})
    if(now GREATER last)
      message(SEND_ERROR "the trace rises from ${last} to ${now}")
    endif()
    set(last ${now})
  endforeach()
  expect_equal("${last}" "${sum}")
  expect(0 WITH --quiet ${quick})
  expect_equal("${said}" "")
  expect(0 WITH --method asap SAYS "asap" "1583 = 100 * 15 usage + 83 communication")
  expect(0 WITH --version SAYS "gaus 0.")
  expect(0 WITH --list-formats SAYS .aig .aag .gml .dot .json .gz)
  expect(0 WITH --help SAYS --minimize --verify "Exit status")
  # Without a limit it ends by itself, soon.
  expect(0 SAYS "stopped by" "legal: ")

elseif(CASE STREQUAL "compare")
  expect(0 WITH --compare ${quick} --method list --output list.json
         SAYS "method          value  usage  communication  seconds" "asap " "alap " "list "
              "force-directed " "gaus " " best")
  read_json(method list.json method)
  expect_equal("${method}" "list")
  expect(0 WITH --verify list.json SAYS "legal")
  # The best of all priorities: the default one starts a alone in the first step.
  write(order.json [=[{ "resources": [ { "name": "A" } ], "operations": [
    { "name": "a", "demands": [ { "resource": "A" } ] },
    { "name": "b", "demands": [ { "resource": "A" } ] },
    { "name": "c", "demands": [ { "resource": "A", "units": 2 } ] },
    { "name": "d", "demands": [ { "resource": "A", "units": 2 } ] }, {}, {} ],
    "dependences": [ { "from": 0, "to": 4 }, { "from": 5, "to": 1 } ] }]=])
  expect(0 WITH order.json --steps 3 --method list --minimize usage SAYS "2 = 2 usage" "method     list")
  expect(0 WITH --method force-directed --output force.json SAYS "method     force-directed" "legal")
  read_json(method force.json method)
  expect_equal("${method}" "force-directed")

elseif(CASE STREQUAL "repeat")
  foreach(seed 0 7)
    foreach(k 1 2)
      expect(0 WITH --iterations 150 --seed ${seed} --output ${k}.json)
      read_json(start_steps_${k} ${k}.json start_steps)
    endforeach()
    expect_equal("${start_steps_1}" "${start_steps_2}")
  endforeach()
  set(ENVIRONMENT OMP_WAIT_POLICY=passive) # threads that spin starve each other on a busy machine
  expect(0 WITH --iterations 100 --threads 2 --output 3.json)
  set(ENVIRONMENT OMP_NUM_THREADS=2)
  expect(0 WITH --iterations 100 --threads 1 --output 4.json)
  set(ENVIRONMENT)
  read_json(threads 4.json concurrency)
  expect_equal("${threads}" "1")
  read_json(start_steps_3 3.json start_steps)
  read_json(start_steps_4 4.json start_steps)
  expect_equal("${start_steps_3}" "${start_steps_4}")

elseif(CASE STREQUAL "verify")
  expect(0 WITH ${quick} --output good.json)
  expect(0 WITH --verify good.json SAYS "verdict    legal" "as computed: " "value" "usage")
  # One start step changed: multiplication 0 starts with the addition that waits for it.
  file(READ ${FOLDER}/good.json text)
  read_json(multiplies good.json start_steps 16)
  read_json(adds good.json start_steps 32)
  string(JSON changed SET "${text}" start_steps 16 ${adds})
  write(changed.json "${changed}")
  math(EXPR ready "${adds} + 2")
  expect(3 WITH --verify changed.json
         SAYS "ILLEGAL"
              "dependence 16 (mul0) -> 32 (add0): start ${adds} + latency 2 = ${ready} > start ${adds}"
              "claims to be feasible, it is not")
  expect(3 WITH --verify changed.json --quiet)
  expect_equal("${said}" "")
  # Claims that do not hold.
  foreach(claim "objective;value;1" "objective;terms;usage;1" "operations;49"
                "objective;lower_bound;100000")
    string(JSON changed SET "${text}" ${claim})
    list(POP_BACK claim wrong)
    list(POP_BACK claim name)
    write(changed.json "${changed}")
    expect(3 WITH --verify changed.json SAYS "legal" "WRONG" "claims ${name} ${wrong}")
  endforeach()
  # Steps and objective of the options go before those of the file.
  expect(3 WITH --verify good.json --steps 11 SAYS "ends at 12 > 11 steps")
  expect(3 WITH --verify good.json --minimize memory SAYS "claims value")
  # A schedule without a word beside its steps, by anyone.
  write(chain.json "${chain}")
  write(plain.json [=[{ "start_steps": [0, 2, 3, 0] }]=])
  expect(0 WITH chain.json --verify plain.json --minimize "lifetime + makespan" --steps 4
         SAYS "legal" "6 = 2 lifetime + 4 makespan")
  expect(0 WITH chain.json --verify plain.json SAYS "legal" "not checked")
  write(plain.json [=[{ "start_steps": [-1, 2147483647, 3, 0] }]=])
  expect(3 WITH chain.json --verify plain.json --steps 4 --minimize memory
         SAYS "operation 0 (x) starts at step -1, before step 0" "1 (y) -> 2 (z)")
  # Files that cannot be judged.
  write(plain.json [=[{ "start_steps": [0, 2, 3] }]=])
  expect(1 WITH chain.json --verify plain.json COMPLAINS "3 start steps, the input has 4 operations")
  write(plain.json [=[{ "start_steps": [0, 2, "x", 0] }]=])
  expect(1 WITH chain.json --verify plain.json COMPLAINS "operation 2 must be an integer")
  expect(1 WITH --verify missing.json COMPLAINS "missing.json: cannot be opened")
  expect(1 WITH --verify good.json --output x.json COMPLAINS "--output")

elseif(CASE STREQUAL "infeasible")
  expect(2 WITH --steps 11 --output x.json
         COMPLAINS "the longest path needs 12 steps for its 8 operations 0 (x0) -> 16 (mul0) -> ")
  write(chain.json "${chain}")
  expect(2 WITH chain.json --steps 0 --output x.json --trace x.csv
         COMPLAINS "0 steps" "needs 4 steps for its 3 operations 0 (x) -> 1 (y) -> 2 (z)")
  expect(0 WITH chain.json --steps 4 --output x.json)
  read_json(start_steps x.json start_steps)

elseif(CASE STREQUAL "input")
  expect(1 WITH missing.aig --output x.json COMPLAINS "missing.aig: cannot be opened")
  expect(1 WITH . --output x.json COMPLAINS "is a directory")
  write(empty.aig "")
  expect(1 WITH empty.aig --output x.json COMPLAINS "empty.aig: the file is empty")
  write(short.aig "aig 3 2 0 1 1\n6\n")
  expect(1 WITH short.aig --output x.json COMPLAINS "short.aig: byte ")
  write(cycle.json [=[{ "operations": [ { "name": "a" }, { "name": "b" } ],
                        "dependences": [ { "from": 0, "to": 1 }, { "from": 1, "to": 0 } ] }]=])
  expect(1 WITH cycle.json --output x.json COMPLAINS "cycle.json: " "cycle of 2 operations" "(a)" "(b)")
  write(cycle.aag "aag 3 1 0 0 2\n2\n4 2 6\n6 2 4\n")
  expect(1 WITH cycle.aag --output x.json COMPLAINS "cycle.aag: " "cycle of 2 operations")
  write(graph.tgf "1 2")
  expect(1 WITH graph.tgf --output x.json COMPLAINS "unknown format \".tgf\"" ".aig")
  write(graph.dot "digraph { 1 [label = mul]\n 2 [label = mul]\n 3 [label = add]\n 1 -> 3\n 2 -> 3 }")
  # Two multiplications of two steps, one after the other; labels say what --latency would.
  expect(0 WITH graph.dot ${quick} --steps 5 --latency 7 --minimize "usage[MUL] + 3*usage[ALU]"
         SAYS "3 operations, 2 dependences" "2 MUL, 1 ALU" "5, critical path 3"
              "4 = 1 usage[MUL] + 3 * 1 usage[ALU]")
  write(wrong.dot "digraph {\n 1 -- 2 }")
  expect(1 WITH wrong.dot --output x.json COMPLAINS "wrong.dot: line 2: " "undirected")
  write(half.aag "aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n")
  expect(0 WITH half.aag ${quick} SAYS "half.aag: 3 operations, 2 dependences" "3 all")
  expect(0 WITH half.aag --latency 3 ${quick} SAYS "6, critical path 6")
  write(graph.gml "graph [ node [ id 1 parameter 5 ] node [ id 2 parameter 0 ] edge [ source 1 target 2 ] ]")
  expect(0 WITH graph.gml ${quick} --minimize memory SAYS "graph.gml: 2 operations, 1 dependence")
  write(none.json [=[{ "operations": [] }]=])
  expect(0 WITH none.json ${quick} --output none.out SAYS "0 operations" "0 = 100 * 0 usage")
  expect(0 WITH none.json --verify none.out SAYS "legal")
  # Classes with a limit: judged, not yet enforced.
  write(limit.json [=[{ "resources": [ { "name": "R", "limit": 1 } ],
    "operations": [ { "demands": [ { "resource": "R" } ] }, { "demands": [ { "resource": "R" } ] } ] }]=])
  execute_process(COMMAND ${PROGRAM} limit.json --output limit.out WORKING_DIRECTORY ${FOLDER}
                  RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE complained)
  if(NOT result EQUAL 3 OR NOT complained MATCHES "class R: 2 units in use at step 0, limit 1"
     OR EXISTS ${FOLDER}/limit.out)
    message(SEND_ERROR "a limit that is not kept: ${result}, ${complained}")
  endif()
  expect(0 WITH limit.json --steps 2 ${quick})

elseif(CASE STREQUAL "gzip")
  write(half.aag "aag 3 2 0 1 1\n2\n4\n6\n6 2 4\n")
  set(ENVIRONMENT PATH=/nowhere)
  write(not.aag.gz "this is no archive")
  expect(1 WITH not.aag.gz --output x.json COMPLAINS "not.aag.gz: " "gzip" "cannot be run")
  set(ENVIRONMENT)
  find_program(gzip gzip)
  if(gzip)
    expect(1 WITH not.aag.gz --output x.json COMPLAINS "not.aag.gz: cannot be unpacked: ")
    execute_process(COMMAND ${gzip} ${FOLDER}/half.aag)
    expect(0 WITH half.aag.gz ${quick} --output x.json SAYS "half.aag.gz: 3 operations")
    read_json(input x.json input)
    expect_equal("${input}" "half.aag.gz")
  endif()
  expect(1 WITH gone.aag.gz COMPLAINS "gone.aag.gz: cannot be opened")

elseif(CASE STREQUAL "options")
  set(with --output x.json)
  expect(1 WITH ${with} --speed COMPLAINS "--speed")
  expect(1 WITH ${with} a.aig b.aig COMPLAINS "b.aig")
  expect(1 WITH ${with} --steps COMPLAINS "--steps")
  foreach(option steps latency iterations seed threads slack time-limit)
    foreach(value -1 nan x "")
      expect(1 WITH ${with} "--${option}=${value}" COMPLAINS "--${option}: ")
    endforeach()
  endforeach()
  expect(1 WITH ${with} --slack 0.9 COMPLAINS "--slack: \"0.9\" is not a number 1..")
  expect(1 WITH ${with} --time-limit 0 COMPLAINS "--time-limit: \"0\"")
  expect(1 WITH ${with} --steps 1.5 COMPLAINS "--steps: \"1.5\" is not an integer")
  expect(1 WITH ${with} --steps 99999999999 COMPLAINS "--steps: ")
  expect(1 WITH ${with} --steps 12 --slack 1 COMPLAINS "--steps and --slack exclude each other")
  expect(1 WITH ${with} --method best COMPLAINS "unknown method \"best\" (known: gaus asap alap list force-directed)")
  expect(1 WITH ${with} --start missing.json COMPLAINS "missing.json: cannot be opened")
  expect(1 WITH ${with} --start asap --method list COMPLAINS "--start")
  expect(1 WITH ${with} --minimize speed COMPLAINS "unknown term \"speed\" at column 1")
  expect(1 WITH ${with} --minimize "usage*memory" COMPLAINS "cannot be minimised: product")
  expect(1 WITH ${with} --minimize "usage - memory" COMPLAINS "cannot be minimised: " "negative")
  expect(1 WITH ${with} --minimize "usage[DSP]" COMPLAINS "unknown class \"DSP\"" "IO, MEM, MUL, ALU")
  expect(0 WITH ${quick} --minimize "2*usage[MUL] + usage[ALU]/2 + 3" SAYS "usage[MUL]" " + 3")
  foreach(start asap alap list force-directed midpoint)
    expect(0 WITH ${quick} --start ${start} --output ${start}.json)
  endforeach()
  # Never worse than the start it is given.
  read_json(before list.json objective value)
  expect(0 WITH --iterations 1 --start list.json --output again.json)
  read_json(after again.json objective value)
  if(after GREATER before)
    message(SEND_ERROR "from ${before} to ${after}")
  endif()

elseif(CASE STREQUAL "output")
  expect(1 WITH --output nowhere/x.json COMPLAINS "nowhere/x.json: cannot be written")
  expect(1 WITH --trace nowhere/x.csv --output x.json COMPLAINS "nowhere/x.csv: cannot be written")
  expect(1 WITH --output . COMPLAINS "is a directory")
  expect(1 WITH --output x.json --trace x.json COMPLAINS "--output and --trace at once")
  write(chain.json "${chain}")
  expect(1 WITH chain.json --output ../output/chain.json COMPLAINS "would replace the input")
  write(old.json "old")
  expect(2 WITH --steps 3 --output old.json COMPLAINS "steps")
  file(READ ${FOLDER}/old.json old)
  expect_equal("${old}" "old")
  expect(0 WITH ${quick} --output old.json)
  file(GLOB left RELATIVE ${FOLDER} ${FOLDER}/* ${FOLDER}/.*)
  expect_equal("${left}" "chain.json;old.json")

else()
  message(FATAL_ERROR "no case \"${CASE}\"")
endif()
