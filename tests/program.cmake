# cmake -D PROGRAM=<gaus_schedule> -D CASE=<case> -D FOLDER=<scratch> -P program.cmake
#
# Runs the program as people do and holds it to its exit status, its words and the files that it
# leaves behind. Every case starts in an empty folder.
cmake_minimum_required(VERSION 3.24)
set(FOLDER ${FOLDER}/${CASE})
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})

# expect(STATUS arguments... [SAYS parts...] [COMPLAINS parts...]): runs the program, behind ${shell} if
# that is set; parts are texts that stdout (stderr) must hold. Complaints are one line and leave no file
# behind.
function(expect status)
  cmake_parse_arguments(PARSE_ARGV 1 run "" "" "WITH;SAYS;COMPLAINS")
  file(GLOB before ${FOLDER}/* ${FOLDER}/.gaus*)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ENVIRONMENT} ${shell} ${PROGRAM} ${run_WITH}
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

# expect_loss(COMPLAINT arguments...): a file cannot be written after the solve; the report is printed.
function(expect_loss complaint)
  execute_process(COMMAND ${PROGRAM} ${ARGN} WORKING_DIRECTORY ${FOLDER} TIMEOUT 60
                  RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE complained)
  if(NOT result EQUAL 1 OR NOT said MATCHES "verified" OR NOT complained MATCHES "^gaus_schedule: [^\n]+\n$"
     OR NOT complained MATCHES "${complaint}")
    list(JOIN ARGN " " shown)
    message(SEND_ERROR "a report and \"${complaint}\" were expected: ${shown}\n${said}${complained}")
  endif()
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
  expect(0 WITH --list-formats SAYS .aig .aag .gml .dot .edges .hdag .sm .sch .graphml .onnx.json
         .json .gz --convert --buffers)
  expect(0 WITH --help SAYS --minimize --verify "Exit status")
  # Without a limit it ends by itself, soon.
  expect(0 SAYS "stopped by" "legal: ")

elseif(CASE STREQUAL "chaining")
  # a and b feed c, which feeds d: 0.5 + 0.5 + 0.5 ns in a period of 1.25 ns.
  write(chain.json [=[{ "operations": [ { "name": "a" }, { "name": "b", "delay_ns": 0.25 },
      { "name": "c" }, { "name": "d" }, { "name": "e", "latency": 2, "delay_ns": 1.5 } ],
    "dependences": [ { "from": 0, "to": 2 }, { "from": 1, "to": 2 }, { "from": 2, "to": 3 },
                     { "from": 3, "to": 0, "distance": 1 } ] }]=])
  set(clock chain.json --clock 1.25 --delay 0.5)
  expect(0 WITH ${clock} ${quick} --minimize "memory + usage" --output out.json
         SAYS "4 dependences" "2, critical path 2" "clock      1.25 ns, longest chain 1 ns: 2 operations in step "
              "1 rule, exact" "legal: 4 dependences, clock and 2 steps hold")
  foreach(pair clock_ns=1.25 default_delay_ns=0.5 chaining_rules=1 chaining_exact=ON
               longest_chain_ns=1.0 dependences=4 default_latency=0)
    string(REGEX MATCH "^(.*)=(.*)$" pair ${pair})
    set(expected ${CMAKE_MATCH_2})
    read_json(value out.json ${CMAKE_MATCH_1})
    expect_equal("${value}" "${expected}")
  endforeach()
  expect(0 WITH chain.json --verify out.json SAYS "legal" "longest chain 1 ns" "claims     as computed")
  # What binds is the same whether the schedule was just made or is judged.
  expect(0 WITH ${clock} ${quick} --minimize communication --steps 2 --explain --output e.json)
  string(REGEX MATCH "slack.*gap[^\n]*" solved "${said}")
  expect(0 WITH chain.json --verify e.json --explain SAYS "3 of 5 operations have none" "${solved}")
  # A point of a front says how it was read.
  expect(0 WITH ${clock} ${quick} --pareto memory:steps --output front.json --quiet)
  read_json(point front.json points 0)
  write(point.json "${point}")
  expect(0 WITH chain.json --verify point.json SAYS "legal" "clock      1.25 ns")
  # Converted is the input with its delays, not the rules.
  expect(0 WITH ${clock} --convert plain.json --quiet)
  read_json(value plain.json operations 0 delay_ns)
  expect_equal("${value}" "0.5")
  expect(0 WITH plain.json --clock 1.25 ${quick} SAYS "4 dependences" "1 rule, exact")
  expect(0 WITH ${clock} --compare ${quick} --time-limit 0.2 --minimize makespan SAYS "annealing")
  # In one step the chain is too long, and in a loop every third link is carried.
  write(one.json [=[{ "start_steps": [0, 0, 0, 0, 0] }]=])
  expect(3 WITH ${clock} --verify one.json
         SAYS "ILLEGAL" "step 0: the chain 0 (a) -> 2 (c) -> 3 (d) takes 1.5 ns, the clock period is 1.25 ns")
  foreach(method gaus swing-modulo iterative-modulo)
    expect(0 WITH ${clock} ${quick} --initiation-interval auto --method ${method} --output loop.json
           SAYS "interval   2" "3 rules, exact" "clock and ")
    expect(0 WITH chain.json --verify loop.json SAYS "legal")
  endforeach()
  # Labels of DOT say what an operation takes; latencies follow from the clock.
  write(hal.dot "digraph g { 1 [label=MUL]; 2 [label=add]; 3 [label=sub]; 1 -> 2; 2 -> 3; }")
  expect(0 WITH hal.dot --clock 5 --delay mul=6.5 --delay 1.5 --minimize makespan --output dot.json
         SAYS "3, critical path 3" "clock      5 ns, longest chain 3.25 ns: 1 operation in step 0, 0 (1)")
  expect(0 WITH hal.dot --verify dot.json --delay mul=6.5 SAYS "legal")
  # What is refused.
  expect(1 WITH chain.json --clock 1 --output x.json
         COMPLAINS "chain.json: operation 0 (a) states no delay" "--delay NS")
  expect(1 WITH chain.json --clock 0.25 --delay 0.5
         COMPLAINS "operation 0 (a) of latency 0 takes 0.5 ns" "0.25 ns; it fits with latency 2")
  expect(1 WITH chain.json --verify one.json --delay 1
         COMPLAINS "--delay: has a meaning only beside --clock, and one.json states no clock")
  foreach(value -1 nan x 0 "")
    expect(1 WITH chain.json "--clock=${value}" COMPLAINS "--clock: ")
  endforeach()
  foreach(value -1 nan x =1 a=x "")
    expect(1 WITH chain.json --clock 1 "--delay=${value}" COMPLAINS "--delay: ")
  endforeach()
  expect(1 WITH chain.json --delay 1 COMPLAINS "--delay: has a meaning only beside --clock")
  expect(1 WITH ${clock} --delay mul=1 COMPLAINS "--delay: only .dot has labels")

elseif(CASE STREQUAL "compare")
  expect(0 WITH --compare ${quick} --method list --output list.json
         SAYS "method          value  usage  communication      gap  seconds" "asap " "alap " "list "
              "force-directed " "min-lifetime " "annealing " "gaus " " best")
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
  expect(0 WITH --method min-lifetime --minimize communication --output least.json SAYS "method     min-lifetime")
  expect(0 WITH --verify least.json SAYS "legal")
  # The least communication is proven: the solver stops there, with that bound.
  expect(0 WITH --minimize communication --output gaus.json SAYS "optimal: no schedule is below" "stopped by optimal")
  read_json(least least.json objective value)
  read_json(value gaus.json objective value)
  read_json(bound gaus.json objective lower_bound)
  expect_equal("${value}" "${least}")
  expect_equal("${bound}" "${least}")
  expect(0 WITH --method annealing --time-limit 0.3 SAYS "method     annealing" "legal")

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
         COMPLAINS "no schedule of 11 steps exists: the longest path needs 12 steps for its 8 operations 0 (x0) +4 -> 16 (mul0) +2 -> ")
  write(chain.json "${chain}")
  expect(2 WITH chain.json --steps 0 --output x.json --trace x.csv
         COMPLAINS "0 steps" "needs 4 steps for its 3 operations 0 (x) +2 -> 1 (y) +1 -> 2 (z) +1")
  expect(0 WITH chain.json --steps 4 --output x.json)
  read_json(start_steps x.json start_steps)

elseif(CASE STREQUAL "explain")
  # The README shows what the program says.
  file(READ ${CMAKE_CURRENT_LIST_DIR}/../README.md readme)
  string(REGEX MATCH "\n## Why this value\n.*\n## Pipelines\n" section "${readme}")
  string(REGEX MATCH "\n```\n([^`]*\n)```\n.*\n```\n([^`]*\n)```\n" blocks "${section}")
  set(explanation "${CMAKE_MATCH_1}")
  set(complaint "${CMAKE_MATCH_2}")
  string(LENGTH "${explanation}" length)
  if(length LESS 500)
    message(SEND_ERROR "README.md shows no explanation: ${explanation}")
  endif()
  expect(0 WITH --method force-directed --explain --output force.json)
  set(report "${said}")
  string(FIND "${report}" "\n\n${explanation}written" place)
  if(place EQUAL -1)
    message(SEND_ERROR "README.md shows\n${explanation}and the program says\n${report}")
  endif()
  expect(2 WITH --steps 11 COMPLAINS "${complaint}")
  # The same of a file, also by another objective, and none beside --quiet.
  expect(0 WITH --verify force.json --explain)
  string(FIND "${said}" "\n\n${explanation}" place)
  if(place EQUAL -1)
    message(SEND_ERROR "--verify explains otherwise:\n${said}")
  endif()
  expect(0 WITH --verify force.json --explain --quiet)
  expect_equal("${said}" "")
  foreach(method asap alap list min-lifetime gaus)
    expect(0 WITH ${quick} --method ${method} --minimize "memory + lifetime + usage[MUL] + makespan" --explain
           SAYS "\n\nslack      " "of MUL at " "\nmemory     " "\nlifetime   " "\nmakespan   "
                "8 operations in a chain from step 0: 7 dependences, 0 waits" "\nbound      ")
    string(REGEX MATCHALL "\n" lines "${said}")
    list(LENGTH lines count)
    if(count GREATER 40)
      message(SEND_ERROR "${count} lines")
    endif()
  endforeach()
  expect(0 WITH --explain ${quick} SAYS "\ngap        ")
  # A pipeline: slots, and what sets the interval.
  write(loop.json [=[{ "resources": [ { "name": "MUL", "limit": 1 } ],
    "operations": [ { "name": "mul", "latency": 2, "demands": [ { "resource": "MUL" } ] },
                    { "name": "add" } ],
    "dependences": [ { "from": 0, "to": 1 }, { "from": 1, "to": 0, "distance": 1 } ] }]=])
  foreach(method gaus iterative-modulo swing-modulo)
    expect(0 WITH loop.json --initiation-interval auto --method ${method} --time-limit 1 --explain
           --minimize "usage + memory"
           SAYS "interval   3, the least that classes and cycles allow"
                ": 3 steps over distance 1, so at least 3"
                "1 of MUL (limit 1) at 1 of 3 slots: ")
  endforeach()
  write(none.json [=[{ "operations": [] }]=])
  expect(0 WITH none.json --explain ${quick} SAYS "slack      0 of 0 operations")
  write(one.json [=[{ "operations": [ { "name": "x" } ] }]=])
  expect(0 WITH one.json --explain ${quick} --minimize makespan SAYS "1 of 1 operation has none" "0 (x)")
  expect(1 WITH --pareto usage:memory --explain COMPLAINS "--explain: has no meaning beside --pareto")

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
  expect(1 WITH graph.tgf --output x.json COMPLAINS "unknown format \".tgf\"" ".aig" ".graphml")
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
  # Classes with a limit: kept, and judged.
  write(limit.json [=[{ "resources": [ { "name": "R", "limit": 1 } ],
    "operations": [ { "demands": [ { "resource": "R" } ] }, { "demands": [ { "resource": "R" } ] } ] }]=])
  execute_process(COMMAND ${PROGRAM} limit.json --method asap --output limit.out
                  WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result OUTPUT_QUIET
                  ERROR_VARIABLE complained)
  if(NOT result EQUAL 3 OR NOT complained MATCHES "resource R: 2 units in use at step 0, limit 1"
     OR EXISTS ${FOLDER}/limit.out)
    message(SEND_ERROR "a limit that is not kept: ${result}, ${complained}")
  endif()
  foreach(method gaus list)
    expect(0 WITH limit.json ${quick} --method ${method} --output limit.out SAYS "2, critical path 1")
    read_json(steps limit.out steps)
    expect_equal("${steps}" "2")
  endforeach()
  expect(2 WITH limit.json --steps 1 COMPLAINS "no schedule of 1 step exists: 2 operations 0, 1 must lie within steps 0..0 and take resource R for 2 units x steps, these have 1")

elseif(CASE STREQUAL "limits")
  # Two jobs of duration 2, each on all units, between two dummies.
  write(two.sm "jobs (incl. supersource/sink ):  4
  - renewable                 :  1   R
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1
  1      1     0       0
  2      1     2       3
  3      1     2       3
  4      1     0       0
************
RESOURCEAVAILABILITIES:
  R 1
   3
")
  expect(0 WITH two.sm --method asap --steps 4 --limit R1=6 --minimize makespan --output two.json
         SAYS "two.sm: 4 operations, 4 dependences" "2 R1 (limit 6)" "limits and 4 steps hold")
  expect(3 WITH two.sm --verify two.json
         SAYS "resource R1: 6 units in use at step 0, limit 3 (passed at steps 0..1); busy: 1 (job 2), 2 (job 3)")
  # The least makespan, proven; a deadline below it; other objectives within what limits need.
  expect(0 WITH two.sm --minimize makespan --output least.json SAYS "4, critical path 2" "optimal"
         "value      4 = 4 makespan")
  read_json(bound least.json objective lower_bound)
  expect_equal("${bound}" "4.0")
  expect(0 WITH two.sm --minimize "memory + 0.5*makespan" ${quick} --output both.json SAYS "limits and 4 steps")
  expect(2 WITH two.sm --minimize makespan --steps 3 COMPLAINS "2 operations 1 (job 2), 2 (job 3) must lie within steps 0..2 and take resource R1 for 12 units x steps, these have 9")
  # Three jobs of two steps in pairs: only a search sees that three steps are too few.
  write(three.json [=[{ "resources": [ { "name": "R", "limit": 2 } ], "operations": [
    { "latency": 2, "occupancy": 2, "demands": [ { "resource": "R" } ] },
    { "latency": 2, "occupancy": 2, "demands": [ { "resource": "R" } ] },
    { "latency": 2, "occupancy": 2, "demands": [ { "resource": "R" } ] } ] }]=])
  expect(2 WITH three.json --minimize makespan --steps 3 COMPLAINS "none is shorter than 4 steps")
  # Activities 1 and 2: at least 2 and at most 3 steps apart.
  write(lags.sch "2 1 0 0\n0 1 1 1 [0]\n1 1 1 2 [2]\n2 1 2 3 1 [1] [-3]\n3 1 0\n0 1 0 0\n1 1 1 1\n2 1 1 1\n3 1 0 0\n1\n")
  expect(0 WITH lags.sch --method asap --output lags.json SAYS "lags.sch: 4 operations, 4 dependences"
         "2 R1 (limit 1)")
  expect(0 WITH lags.sch --minimize makespan SAYS "optimal")
  write(lags.json [=[{ "start_steps": [0, 0, 4, 5], "steps": 9 }]=])
  expect(3 WITH lags.sch --verify lags.json SAYS "dependence 2 -> 1: start 4")
  # A model for any format: limits, null takes one away, names that are no class are pointed out.
  write(model.json [=[{ "resources": [ { "name": "R1", "limit": null }, { "name": "DSP", "limit": 2 } ] }]=])
  expect(0 WITH two.sm --method asap --resources model.json --quiet)
  expect(0 WITH two.sm --method asap --resources model.json
         SAYS "2 R1\n" "resource DSP of the model is no class of the input")
  expect(3 WITH two.sm --verify two.json --resources model.json --limit R1=3 SAYS "ILLEGAL")
  foreach(wrong "[]" "{ }" "{ \"resources\": { } }" "{ \"resources\": [ 1 ] }"
                "{ \"resources\": [ { \"limit\": 1 } ] }"
                "{ \"resources\": [ { \"name\": \"A\", \"limit\": -1 } ] }"
                "{ \"resources\": [ { \"name\": \"A\" }, { \"name\": \"A\" } ] }")
    write(wrong.json "${wrong}")
    expect(1 WITH two.sm --resources wrong.json COMPLAINS "wrong.json: ")
  endforeach()
  # A loop with its operator types.
  write(loop.graphml [=[<graphml><graph edgedefault="directed">
    <node id="a"><data key="uses_resource">load</data></node>
    <node id="b"><data key="uses_resource">mul</data></node>
    <edge source="a" target="b"/><edge source="b" target="a"><data key="distance">1</data></edge>
    </graph></graphml>]=])
  expect(1 WITH loop.graphml COMPLAINS "needs a resource model" "loop_RM.xml" "--resources FILE names one")
  write(types.json [=[{ "resources": [ { "name": "load", "limit": 1, "latency": 2 },
                                       { "name": "mul", "latency": 3 } ] }]=])
  expect(0 WITH loop.graphml --resources types.json --method asap SAYS "1 load (limit 1)" "5, critical path 5")
  expect(1 WITH loop.graphml --resources types.json --output types.json COMPLAINS "would replace the resource model")
  write(loop_RM.xml [=[<Model><Resource name="load" limit="1" latency="1"/><Resource name="mul" limit="1" latency="1"/></Model>]=])
  expect(0 WITH loop.graphml --method asap SAYS "resource model loop_RM.xml" "1 load (limit 1), 1 mul (limit 1)"
         "2, critical path 2")

elseif(CASE STREQUAL "pipeline")
  # ResMII 2 (two multiplications on one unit), RecMII 3 (five steps over two iterations).
  write(loop.json [=[{ "resources": [ { "name": "MUL", "limit": 1 } ],
    "operations": [ { "name": "load" },
      { "name": "mul", "latency": 2, "demands": [ { "resource": "MUL" } ] },
      { "name": "square", "latency": 2, "demands": [ { "resource": "MUL" } ] }, { "name": "add, last" } ],
    "dependences": [ { "from": 0, "to": 1 }, { "from": 1, "to": 2 }, { "from": 2, "to": 3 },
                     { "from": 3, "to": 1, "distance": 2 } ] }]=])
  foreach(method gaus iterative-modulo swing-modulo)
    expect(0 WITH loop.json --initiation-interval auto --method ${method} --time-limit 1
           --output ${method}.json --plot x.svg --lifetimes x.csv --pipeline-listing x.txt --trace x.trace
           SAYS "loop.json: 4 operations, 4 dependences" "2 MUL (limit 1)" "interval   3, "
                "ResMII     2: " "RecMII     3: the cycle" "(mul)" "over distance 2" "stages"
                "registers  " "minimise   memory" "legal: 4 dependences, limits and " "x.svg" "x.csv" "x.txt")
    foreach(pair initiation_interval=3 method=${method} feasible=ON operations=4)
      string(REGEX MATCH "^(.*)=(.*)$" pair ${pair})
      set(expected ${CMAKE_MATCH_2})
      read_json(value ${method}.json ${CMAKE_MATCH_1})
      expect_equal("${value}" "${expected}")
    endforeach()
    expect(0 WITH loop.json --verify ${method}.json SAYS "legal" "initiation interval 3" "as computed: "
           "memory" "value")
    file(READ ${FOLDER}/x.svg text)
    if(NOT text MATCHES "^<svg" OR NOT text MATCHES "initiation interval 3")
      message(SEND_ERROR "no picture: ${text}")
    endif()
    file(STRINGS ${FOLDER}/x.csv lines)
    list(LENGTH lines count)
    list(GET lines 4 last)
    expect_equal("${count}" "5")
    if(NOT last MATCHES "^3,\"add, last\",1,")
      message(SEND_ERROR "the last lifetime is ${last}")
    endif()
    file(READ ${FOLDER}/x.txt text)
    foreach(part "prologue: " "kernel: 3 cycles" "epilogue" "modulo reservation table: 3 slots, 1 class"
                 "1 of 1")
      string(FIND "${text}" "${part}" place)
      if(place EQUAL -1)
        message(SEND_ERROR "no \"${part}\" in ${text}")
      endif()
    endforeach()
  endforeach()
  expect(0 WITH loop.json --initiation-interval 4 --minimize "usage[MUL] + makespan + 1" --time-limit 1
         --start gaus.json --output four.json SAYS "interval   4, " "1 usage[MUL]" "makespan + 1")
  read_json(interval four.json initiation_interval)
  expect_equal("${interval}" "4")
  expect(0 WITH loop.json --initiation-interval auto --compare --time-limit 1
         SAYS "method            interval  value" "iterative-modulo " "swing-modulo " " best")
  expect(0 WITH loop.json --initiation-interval auto --limit MUL=2 --time-limit 1 --quiet)
  expect_equal("${said}" "")
  # No schedule: which cycle, which class.
  foreach(method gaus iterative-modulo)
    expect(2 WITH loop.json --initiation-interval 2 --method ${method} --output x.json
           COMPLAINS "no schedule of initiation interval 2 exists (RecMII 3): the cycle " "1 (mul)"
                     "of 3 operations takes 5 steps over distance 2, which spans 4")
    expect(2 WITH loop.json --initiation-interval auto --steps 5 --method ${method} --output x.json
           COMPLAINS "the longest path needs 6 steps for its 4 operations 0 (load) +1 -> 1 (mul) +2 -> ")
    expect(2 WITH loop.json --initiation-interval 1 --limit MUL=1 --method ${method} --output x.json
           COMPLAINS "initiation interval 1 exists")
    expect(2 WITH loop.json --initiation-interval auto --method ${method} --limit MUL=0.5
           COMPLAINS "(mul) takes 1 unit of resource MUL, which has 0.5")
  endforeach()
  # The verdict: slots, not steps; the options go before the file.
  read_json(mul gaus.json start_steps 1)
  file(READ ${FOLDER}/gaus.json text)
  math(EXPR same "${mul} + 3")
  string(JSON changed SET "${text}" start_steps 2 ${same})
  string(JSON changed SET "${changed}" steps 20)
  write(changed.json "${changed}")
  math(EXPR slot "${mul} % 3")
  expect(3 WITH loop.json --verify changed.json
         SAYS "resource MUL: 2 units in use at slot ${slot}, limit 1; busy: 1 (mul), 2 (square)")
  expect(3 WITH loop.json --verify gaus.json --initiation-interval 2 SAYS "initiation interval 2" "ILLEGAL"
         "the file says initiation interval 3, judged with 2")
  foreach(interval 16777217 500000000)
    expect(1 WITH loop.json --initiation-interval ${interval} COMPLAINS "--initiation-interval: ${interval} is too long")
    string(JSON changed SET "${text}" initiation_interval ${interval})
    write(long.json "${changed}")
    expect(1 WITH loop.json --verify long.json COMPLAINS "${interval} is too long")
  endforeach()
  expect(1 WITH loop.json --verify gaus.json --initiation-interval auto COMPLAINS "auto has no meaning")
  expect(1 WITH loop.json --verify gaus.json --lifetimes y.csv COMPLAINS "--lifetimes")
  expect(1 WITH loop.json --initiation-interval auto --output y.json --lifetimes y.json
         COMPLAINS "y.json: cannot be two outputs at once")
  # Without a pipeline: picture and lifetimes of a plain schedule.
  expect(0 WITH --method list --plot plain.svg --lifetimes plain.csv SAYS "plain.svg" "plain.csv")
  file(READ ${FOLDER}/plain.svg text)
  foreach(part "Step profiles of fir16.json" "asap: peak 15 in step" "list: peak" "Gantt chart of fir16.json")
    if(NOT text MATCHES "${part}")
      message(SEND_ERROR "no \"${part}\" on the page of a plain schedule")
    endif()
  endforeach()

elseif(CASE STREQUAL "plot")
  expect(0 WITH --method asap --output asap.json --plot profile:same.svg)
  expect(0 WITH ${quick} --start asap.json --plot page.svg --plot profile:profile.svg --plot gantt:./gantt.svg
         --plot convergence:convergence.svg --plot reservation:reservation.svg
         SAYS "page.svg" "profile.svg" "./gantt.svg" "convergence.svg" "reservation.svg")
  foreach(pair "page=Convergence of" "profile=start .asap.json.: peak 15" "gantt=>critical<"
               "convergence=>iterations" "reservation=Reservation table of fir16.json" "same=asap: peak 15 in step 0")
    string(REGEX MATCH "^([a-z]+)=(.*)$" pair ${pair})
    set(part "${CMAKE_MATCH_2}")
    file(READ ${FOLDER}/${CMAKE_MATCH_1}.svg text)
    if(NOT text MATCHES "${part}")
      message(SEND_ERROR "no \"${part}\" in the picture ${pair}")
    endif()
  endforeach()
  write(loop.json "${chain}")
  expect(0 WITH loop.json --initiation-interval 1 ${quick} --plot loop.svg)
  file(READ ${FOLDER}/loop.svg text)
  foreach(part "Modulo reservation table of" "Step profiles of" "step modulo 1" "asap" "one iteration")
    if(NOT text MATCHES "${part}")
      message(SEND_ERROR "no \"${part}\" on the page of a pipeline")
    endif()
  endforeach()
  expect(1 WITH --plot chart:x.svg COMPLAINS "unknown picture \"chart\"" "profile gantt" "./chart:x.svg")
  expect(1 WITH --plot gantt: COMPLAINS "--plot: the name is empty")
  expect(1 WITH --plot front:x.svg COMPLAINS "only beside --pareto")
  expect(1 WITH --plot x.svg --plot gantt:x.svg COMPLAINS "cannot be two outputs at once")
  expect(1 WITH --pareto "usage:memory" --plot gantt:x.svg COMPLAINS "--plot: beside --pareto")

elseif(CASE STREQUAL "formats")
  # Every format with little in it: nothing, one operation, two that know nothing of each other.
  write(two.edges "# two\na\nb\n")
  write(one.txt "7\n")
  write(two.hdag "% two\n0 2 0\n0 3\n1\n")
  write(hyper.txt "1 2 2\n0 4\n0 2\n1 3\n0 0\n0 1\n")
  write(two.onnx.json [=[{ "nodes": [ { "outputs": ["t"] }, { "name": "n" } ], "tensors": [
                           { "name": "t", "dtype": "FLOAT", "shape": [2, 3] } ] }]=])
  write(two.dot "digraph { a; b [latency = 3, resource = DSP] }")
  write(one.gml "graph [ node [ id 1 ] ]")
  write(one.aag "aag 1 1 0 1 0\n2\n2\n")
  foreach(input IN ITEMS "two.edges: 2 operations, 0 dependences" "one.txt: 1 operation, 0 dependences"
                         "two.hdag: 2 operations, 0 dependences" "hyper.txt: 2 operations, 1 dependence"
                         "two.onnx.json: 2 operations, 0 dependences"
                         "two.dot: 2 operations, 0 dependences" "one.gml: 1 operation, 0 dependences"
                         "one.aag: 1 operation, 0 dependences")
    string(REGEX REPLACE ":.*" "" name ${input})
    expect(0 WITH ${name} ${quick} SAYS "${input}")
  endforeach()
  # Through every format that holds everything, and back.
  expect(0 WITH --convert a.dot SAYS "written" "a.dot")
  expect(0 WITH a.dot --convert b.json --quiet)
  expect(0 WITH b.json --convert c.gv --quiet)
  expect(0 WITH c.gv --convert d.json --quiet)
  file(READ ${FOLDER}/a.dot first)
  file(READ ${FOLDER}/c.gv again)
  expect_equal("${first}" "${again}")
  foreach(input IN ITEMS a.dot b.json)
    expect(0 WITH ${input} ${quick} --method list --output ${input}.out --quiet)
    read_json(value ${input}.out objective value)
    expect_equal("${value}" "784.0")
  endforeach()
  expect(0 WITH two.edges --convert e.txt --quiet)
  expect(1 WITH two.edges --convert two.edges COMPLAINS "two.edges: would replace the input")
  expect(1 WITH two.edges --convert x.gml COMPLAINS "x.gml: this format is only read (written: ")
  expect(1 WITH two.edges --convert x.xyz COMPLAINS "x.xyz: unknown format \".xyz\" (written: ")
  expect(1 WITH two.edges --convert x.json --output y.json COMPLAINS "--output: has no meaning beside")
  write(loop.dot "digraph { a -> a [distance = 2] }")
  expect(1 WITH loop.dot --convert x.edges COMPLAINS "x.edges: dependence 0, 0 (a) -> 0 (a): " "distance 2")
  # Buffers: a reads nothing and lives until b starts.
  write(chain.dot "digraph { resources = \"\" a [size = 64] b [size = 8] c a -> b -> c }")
  expect(0 WITH chain.dot --method asap --buffers b.csv SAYS "b.csv")
  file(READ ${FOLDER}/b.csv text)
  expect_equal("${text}" "id,lower,upper,size\n0,0,1,64\n1,1,2,8\n")
  write(part.dot "digraph { a [size = 0.5] b a -> b }")
  expect(1 WITH part.dot --buffers x.csv COMPLAINS "buffers: operation 0 (a): size 0.5 is not an integer")
  expect(1 WITH loop.dot --initiation-interval auto --buffers x.csv COMPLAINS "--buffers: has no meaning")
  # Numbers that no schedule can count, each by its name.
  foreach(wrong IN ITEMS "latency = -1|latency \"-1\" is not an integer" "latency = 2147483648|latency \"2147483648\""
                         "size = nan|size \"nan\" is not a finite number" "size = inf|size \"inf\""
                         "size = \"1e999\"|size \"1e999\"" "size = \"1e300\"|sizes add up to 1e+300"
                         "latency = 600000000|add up to 600000000 steps, at most 536870911"
                         "demands = \"A:inf\"|demands \"A:inf\"")
    string(REGEX REPLACE "[|].*" "" attribute "${wrong}")
    string(REGEX REPLACE ".*[|]" "" message "${wrong}")
    write(wrong.dot "digraph { a [${attribute}] }")
    expect(1 WITH wrong.dot --output x.json COMPLAINS "wrong.dot: " "${message}")
  endforeach()
  foreach(weight nan inf 1e999 -1)
    write(wrong.edges "a b\nb c ${weight}\n")
    expect(1 WITH wrong.edges --output x.json COMPLAINS "wrong.edges: line 2: weight \"${weight}\" is not a finite")
  endforeach()
  foreach(objective "1e999*usage" "1e308*1e308*usage" "usage/0" "nan*usage")
    expect(1 WITH --minimize ${objective} --output x.json COMPLAINS "objective \"${objective}\": ")
  endforeach()
  foreach(option "--time-limit nan" "--time-limit inf" "--slack nan" "--limit ALU=inf" "--limit ALU=nan"
                 "--steps 2147483648")
    string(REPLACE " " ";" words "${option}")
    list(GET words 0 name)
    expect(1 WITH ${words} --output x.json COMPLAINS "${name}: ")
  endforeach()

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
  expect(1 WITH ${with} --method best COMPLAINS "unknown method \"best\" (known: gaus asap alap list force-directed min-lifetime annealing)")
  expect(1 WITH ${with} --pipeline-listing x.txt COMPLAINS "only beside --initiation-interval")
  foreach(value 0 -1 x 1.5 99999999999)
    expect(1 WITH ${with} "--initiation-interval=${value}"
           COMPLAINS "--initiation-interval: \"${value}\" is not an integer >= 1 or auto")
  endforeach()
  expect(1 WITH ${with} --initiation-interval auto --method list
         COMPLAINS "unknown method \"list\" of pipelines (known: gaus iterative-modulo swing-modulo)")
  expect(1 WITH ${with} --method swing-modulo COMPLAINS "unknown method \"swing-modulo\" (known: gaus asap")
  expect(1 WITH ${with} --initiation-interval 4 --start list COMPLAINS "--start: list makes no pipeline")
  foreach(option "--slack=2" "--pareto=usage:memory" "--export=x.lp")
    expect(1 WITH --initiation-interval 4 ${option} COMPLAINS "has no meaning beside --initiation-interval")
  endforeach()
  expect(1 WITH ${with} --limit MUL COMPLAINS "--limit: \"MUL\" is not CLASS=N")
  expect(1 WITH ${with} --limit =3 COMPLAINS "--limit: \"=3\" is not CLASS=N")
  foreach(value -1 nan x "")
    expect(1 WITH ${with} --limit MUL=${value} COMPLAINS "--limit: " "\"${value}\" is not a number >= 0")
  endforeach()
  expect(1 WITH ${with} --limit DSP=1 COMPLAINS "--limit: unknown class \"DSP\" (known: IO, MEM, MUL, ALU)")
  expect(1 WITH ${with} --resources= COMPLAINS "--resources: ")
  expect(1 WITH ${with} --resources missing.json COMPLAINS "missing.json: cannot be opened")
  expect(1 WITH ${with} --resources model.txt COMPLAINS "model.txt: a resource model ends with .xml or .json")
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
  expect(1 WITH --output x.json --trace x.json COMPLAINS "x.json: cannot be two outputs at once")
  write(chain.json "${chain}")
  expect(1 WITH chain.json --output ../output/chain.json COMPLAINS "would replace the input")
  write(old.json "old")
  expect(2 WITH --steps 3 --output old.json COMPLAINS "steps")
  file(READ ${FOLDER}/old.json old)
  expect_equal("${old}" "old")
  expect(0 WITH ${quick} --output old.json)
  file(GLOB left RELATIVE ${FOLDER} ${FOLDER}/* ${FOLDER}/.*)
  expect_equal("${left}" "chain.json;old.json")
  # A disk that is full shows only after the solve. The report is there all the same, and the files that
  # can be written are.
  if(EXISTS /dev/full)
    set(complaint "/dev/full: cannot be written: No space")
    expect_loss("${complaint}" ${quick} --output /dev/full --trace trace.csv)
    expect_loss("${complaint}" ${quick} --pareto usage:communication --output /dev/full --plot front.svg)
    expect_loss("${complaint}" ${quick} --initiation-interval 4 --lifetimes /dev/full
                --pipeline-listing listing.txt)
    set(shell sh -c "\"$0\" \"$@\" > /dev/full")
    expect(1 WITH ${quick} COMPLAINS "the report cannot be written to stdout")
    set(shell sh -c "ulimit -f 0 && exec \"$0\" \"$@\"")
    expect(1 WITH ${quick} --quiet --output old.json COMPLAINS "old.json: cannot be written: File too large")
    set(shell)
    file(GLOB left RELATIVE ${FOLDER} ${FOLDER}/* ${FOLDER}/.*)
    expect_equal("${left}" "chain.json;front.svg;listing.txt;old.json;trace.csv")
  endif()

elseif(CASE STREQUAL "large")
  # Deeper than any stack, and wider than any row: a chain, and stars out of and into one operation, of
  # a million operations each. awk writes them in a second.
  find_program(awk awk)
  if(NOT awk)
    message(STATUS "skipped: there is no awk here")
    return()
  endif()
  set(chain "{ print k, k + 1 }")
  set(star "{ print 0, k + 1; if (k > 0) print k, 999999 }")
  foreach(shape chain star)
    execute_process(COMMAND ${awk} "BEGIN { for (k = 0; k < 999999; ++k) ${${shape}} }"
                    WORKING_DIRECTORY ${FOLDER} OUTPUT_FILE ${shape}.edges)
    expect(0 WITH ${shape}.edges --time-limit 1 SAYS "1000000 operations" "verified   legal")
  endforeach()
  expect(2 WITH chain.edges --steps 999999 COMPLAINS "1000000 steps")
  file(REMOVE ${FOLDER}/chain.edges ${FOLDER}/star.edges)

elseif(CASE STREQUAL "memcheck")
  find_program(valgrind valgrind)
  if(NOT valgrind)
    message(STATUS "skipped: there is no valgrind here")
    return()
  endif()
  execute_process(COMMAND ${valgrind} -q --error-exitcode=9 ${PROGRAM} --iterations 40 --output fir.json
                  WORKING_DIRECTORY ${FOLDER} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE complained)
  if(complained MATCHES "Fatal error at startup")
    message(STATUS "skipped: valgrind lacks the symbols of the loader that the program runs under")
  elseif(NOT result EQUAL 0 OR NOT complained STREQUAL "" OR NOT said MATCHES "verified   legal")
    message(SEND_ERROR "-> ${result}\n${said}${complained}")
  endif()

elseif(CASE STREQUAL "signals")
  # Layers of some 40 operations that each read two of a layer before: more than a search is through
  # with in seconds.
  set(operations "")
  set(dependences "")
  foreach(i RANGE 1900)
    math(EXPR latency "1 + (7 * ${i}) % 5")
    math(EXPR units "1 + (11 * ${i}) % 3")
    string(APPEND operations "{ \"latency\": ${latency}, \"occupancy\": ${latency},
      \"demands\": [ { \"resource\": \"A\", \"units\": ${units} } ] }, ")
    math(EXPR near "${i} + 40 + (7 * ${i}) % 11")
    math(EXPR far "${i} + 52 + (13 * ${i}) % 17")
    foreach(to ${near} ${far})
      string(APPEND dependences "{ \"from\": ${i}, \"to\": ${to} }, ")
    endforeach()
  endforeach()
  string(REPEAT "{}, " 98 rest) # up to the last target
  write(layers.json "{ \"operations\": [ ${operations} ${rest} {} ],
    \"dependences\": [ ${dependences} { \"from\": 0, \"to\": 1999 } ] }")
  find_program(timeout timeout)
  if(timeout)
    # Kill after so many seconds: while reading, in the first schedules, in the search.
    set(stopped "stopped by request: this is the best schedule so far")
    foreach(run "0.06 INT --minimize memory" "0.15 TERM --minimize memory" "0.5 INT --minimize memory"
                "0.3 INT --minimize memory --threads 2" "0.2 INT --minimize memory --compare"
                "0.2 INT --minimize memory --method annealing"
                "0.3 TERM --limit A=70" "0.2 INT --initiation-interval auto --limit A=31"
                "0.2 TERM --minimize makespan --limit A=60")
      separate_arguments(run)
      list(POP_FRONT run delay signal)
      if(run MATCHES makespan) # may be proven by then
        set(stopped)
      endif()
      set(shell ${timeout} --preserve-status -s ${signal} -k 20 ${delay})
      expect(0 WITH layers.json --time-limit 50 ${run} --output out.json
             SAYS ${stopped} "verified" "out.json")
      set(shell)
      string(REGEX MATCH "--limit.*" limits "${run}")
      expect(0 WITH layers.json ${limits} --verify out.json SAYS "legal")
      file(REMOVE ${FOLDER}/out.json)
    endforeach()
    set(shell ${timeout} --preserve-status -s INT -k 20 0.3)
    expect(0 WITH layers.json --pareto usage:communication --time-limit 50 --output out.json
           SAYS "stopped by request" "verified" "out.json")
    set(shell)
  endif()

elseif(CASE STREQUAL "export")
  expect(0 WITH ${quick} --export fir.lp --output fir.json SAYS "written    fir.lp" "written    fir.sol")
  read_json(value fir.json objective value)
  string(REGEX REPLACE "[.]0$" "" value ${value})
  file(READ ${FOLDER}/fir.lp text)
  foreach(part "\\ input fir16.json" "\\ minimise 100*usage + communication" "12 steps" "100 usage"
               "objective at the start: ${value}" "\nMinimize\n" "\nSubject To\n" "\nEnd\n")
    string(FIND "${text}" "${part}" place)
    if(place EQUAL -1)
      message(SEND_ERROR "no \"${part}\" in fir.lp")
    endif()
  endforeach()
  file(STRINGS ${FOLDER}/fir.sol lines REGEX "^Objective")
  expect_equal("${lines}" "Objective ${value}")
  expect(0 WITH --method list --minimize "2*memory + usage[MUL] + 1" --export list.pbtxt)
  file(READ ${FOLDER}/list.pbtxt text)
  if(NOT text MATCHES "# class 2: MUL\n" OR NOT text MATCHES "cumulative" OR NOT text MATCHES "usage_2")
    message(SEND_ERROR "list.pbtxt lacks something")
  endif()
  expect(1 WITH --export model.mps COMPLAINS "--export: \"model.mps\" ends neither with .lp")
  expect(1 WITH --export nowhere/x.lp COMPLAINS "nowhere/x.lp: cannot be written")
  expect(1 WITH --export= COMPLAINS "--export: ")
  expect(1 WITH --output x.sol --export x.lp COMPLAINS "x.sol: cannot be two outputs at once")
  expect(1 WITH --verify fir.json --export x.lp COMPLAINS "--export")

elseif(CASE STREQUAL "pareto")
  expect(0 WITH --pareto "usage:communication" --iterations 600 --output front.json --plot front.svg
         SAYS "usage against communication" "verified" "none better in both" "asap" "list"
              "front.json" "front.svg")
  file(READ ${FOLDER}/front.json text)
  string(JSON count LENGTH "${text}" points)
  if(count LESS 3)
    message(SEND_ERROR "${count} points")
  endif()
  math(EXPR last "${count} - 1")
  set(before_first -1)
  set(before_second 1000000)
  foreach(k RANGE ${last})
    read_json(first front.json points ${k} first)
    read_json(second front.json points ${k} second)
    if(NOT first GREATER before_first OR NOT second LESS before_second)
      message(SEND_ERROR "point ${k} is no step of a staircase: ${first} ${second}")
    endif()
    set(before_first ${first})
    set(before_second ${second})
    # A point is a schedule that --verify reads.
    string(JSON point GET "${text}" points ${k})
    write(point.json "${point}")
    expect(0 WITH --verify point.json --minimize usage SAYS "legal" "= ${first} usage")
    expect(0 WITH --verify point.json --minimize communication SAYS "= ${second} communication")
  endforeach()
  expect(0 WITH --pareto "memory : steps" --iterations 600 --output sweep.json
         SAYS "memory against steps" "up to 24, critical path 12")
  expect(0 WITH --pareto "memory:steps" --steps 13 --iterations 100 --quiet)
  expect_equal("${said}" "")
  expect(1 WITH --pareto usage COMPLAINS "--pareto: \"usage\" is not two goals")
  expect(1 WITH --pareto a:b:c COMPLAINS "--pareto: ")
  expect(1 WITH --pareto "usage:speed" COMPLAINS "unknown term \"speed\"")
  expect(1 WITH --pareto "steps:usage" COMPLAINS "unknown term \"steps\"")
  expect(1 WITH --pareto "usage:memory" --minimize usage COMPLAINS "--minimize")
  expect(1 WITH --pareto "usage:memory" --output x.json --plot x.json
         COMPLAINS "x.json: cannot be two outputs at once")
  expect(2 WITH --pareto "usage:memory" --steps 3 COMPLAINS "steps")

else()
  message(FATAL_ERROR "no case \"${CASE}\"")
endif()
