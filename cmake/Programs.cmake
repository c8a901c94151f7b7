# The programs, built from the rooms.
add_executable(bulkhead cli/main.cpp)
target_link_libraries(bulkhead PRIVATE bulkhead_cli bulkhead_warnings)
set_target_properties(bulkhead PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_executable(bulkhead-attestd attestation/main.cpp)
target_link_libraries(bulkhead-attestd PRIVATE bulkhead_attestation bulkhead_warnings)
set_target_properties(bulkhead-attestd PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
