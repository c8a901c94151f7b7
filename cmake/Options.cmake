# Warnings are errors; sanitizers and coverage instrumentation for the presets that ask for them.
add_library(bulkhead_warnings INTERFACE)
target_compile_options(bulkhead_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
  -Wno-missing-field-initializers -Werror)
add_compile_definitions(_GNU_SOURCE)
if(CMAKE_BUILD_TYPE MATCHES "Rel")
  add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
# A program links the libraries of the adapters it has and not of all adapters of a room: no PKCS#11 in the guest's initrd.
add_link_options(-Wl,--as-needed)
if(BULKHEAD_SANITIZERS)
  add_compile_options(-fsanitize=${BULKHEAD_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BULKHEAD_SANITIZERS})
  # GCC's flow warnings are wrong in instrumented code (GCC manual, -fsanitize); the other presets keep them.
  set(wrong_when_instrumented -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized
    -Wno-restrict -Wno-dangling-pointer)
  target_compile_options(bulkhead_warnings INTERFACE "$<$<CXX_COMPILER_ID:GNU>:${wrong_when_instrumented}>")
endif()
if(BULKHEAD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
