# room(NAME [DEPENDS rooms..] [USES libraries..] [EXCEPT files..])
#
# A room is a folder, a static library bulkhead_NAME and a namespace of one name. Every NAME/*.cpp belongs to it but
# main.cpp and the files named by EXCEPT (adapters that live in the host module). DEPENDS lists the rooms it may include;
# cmake/layering.py reads the same calls and fails the build when an #include goes against them.
function(room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;USES;EXCEPT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${name}/*.cpp" "${PROJECT_SOURCE_DIR}/${name}/*/*.cpp")
  list(FILTER sources EXCLUDE REGEX "main\\.cpp$")
  foreach(pattern IN LISTS ROOM_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "/${pattern}$")
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(bulkhead_${name} STATIC ${sources})
  list(TRANSFORM ROOM_DEPENDS PREPEND "bulkhead_")
  target_include_directories(bulkhead_${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  foreach(dependency IN LISTS ROOM_DEPENDS)
    if(TARGET ${dependency})
      target_link_libraries(bulkhead_${name} PUBLIC ${dependency})
    endif()
  endforeach()
  target_link_libraries(bulkhead_${name} PRIVATE ${ROOM_USES} bulkhead_warnings)
endfunction()

# room_tests(NAME [ROOMS rooms..] [USES libraries..]): every tests/NAME/*_test.cpp becomes part of one gtest program,
# linked with the room NAME and, where a test crosses rooms, the others named.
function(room_tests name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp")
  if(NOT sources OR NOT TARGET bulkhead_${name})
    return()
  endif()
  add_executable(${name}_test ${sources})
  list(TRANSFORM ROOM_ROOMS PREPEND "bulkhead_")
  target_link_libraries(${name}_test PRIVATE bulkhead_${name} ${ROOM_ROOMS} ${ROOM_USES} GTest::gmock_main bulkhead_warnings)
  target_compile_definitions(${name}_test PRIVATE
    BULKHEAD_SOURCE_DIR="${PROJECT_SOURCE_DIR}" BULKHEAD_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES PROPERTIES TIMEOUT 120)
  add_dependencies(unit_tests ${name}_test)
endfunction()

# room_fuzzer(TARGET ROOMS rooms..): tests/fuzz/TARGET.cpp as a libFuzzer program (clang only).
function(room_fuzzer target)
  cmake_parse_arguments(ROOM "" "" "ROOMS;USES" ${ARGN})
  add_executable(${target} "${PROJECT_SOURCE_DIR}/tests/fuzz/${target}.cpp")
  list(TRANSFORM ROOM_ROOMS PREPEND "bulkhead_")
  target_link_libraries(${target} PRIVATE ${ROOM_ROOMS} ${ROOM_USES} bulkhead_warnings)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
endfunction()
