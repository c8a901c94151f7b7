# The programs, built from the rooms. `--target programs` builds what an installation holds and nothing else.
set(bulkhead_installed_lib "${CMAKE_INSTALL_FULL_LIBDIR}/bulkhead")
set(bulkhead_installed_libexec "${CMAKE_INSTALL_FULL_LIBEXECDIR}/bulkhead")
target_compile_definitions(bulkhead_cli PUBLIC BULKHEAD_VERSION="${PROJECT_VERSION}"
  PRIVATE BULKHEAD_INSTALLED_LIB="${bulkhead_installed_lib}" BULKHEAD_INSTALLED_LIBEXEC="${bulkhead_installed_libexec}")
target_compile_definitions(bulkhead_provisioner PRIVATE BULKHEAD_INSTALLED_LIB="${bulkhead_installed_lib}")
target_compile_definitions(bulkhead_kms PRIVATE BULKHEAD_INSTALLED_LIB="${bulkhead_installed_lib}")

# The command line. It links neither libvirt nor libguestfs (a test reads DT_NEEDED).
add_executable(bulkhead cli/main.cpp)
target_link_libraries(bulkhead PRIVATE bulkhead_cli bulkhead_warnings)
set_target_properties(bulkhead PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

# The adapters that touch a host or a disk, loaded by the verbs that do.
file(GLOB host_adapters CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/provisioner/libvirt_*.cpp" "${PROJECT_SOURCE_DIR}/provisioner/tss2_*.cpp"
  "${PROJECT_SOURCE_DIR}/provisioner/nftables_*.cpp" "${PROJECT_SOURCE_DIR}/images/guestfs_*.cpp")
add_library(bulkhead-host MODULE ${host_adapters})
target_link_libraries(bulkhead-host PRIVATE bulkhead_provisioner bulkhead_warnings
  PkgConfig::LIBVIRT PkgConfig::GUESTFS PkgConfig::NFTABLES PkgConfig::TSS2)
set_target_properties(bulkhead-host PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/bulkhead")

# What reaches a KMS, loaded by the verbs that do: libcurl takes longer to load than the whole of `bulkhead`.
file(GLOB kms_adapters CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kms/curl_*.cpp")
add_library(bulkhead-kms MODULE ${kms_adapters})
target_link_libraries(bulkhead-kms PRIVATE bulkhead_kms bulkhead_warnings PkgConfig::CURL)
set_target_properties(bulkhead-kms PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/bulkhead")

# What opens secrets that are sealed to a TPM, loaded for such secrets only.
file(GLOB sealing_adapters CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/kms/tss2_*.cpp")
add_library(bulkhead-tpm MODULE ${sealing_adapters})
target_link_libraries(bulkhead-tpm PRIVATE bulkhead_kms bulkhead_warnings PkgConfig::TSS2)
set_target_properties(bulkhead-tpm PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/bulkhead")

# /init of the measured initrd.
add_executable(bulkhead-guest guest/main.cpp)
target_link_libraries(bulkhead-guest PRIVATE bulkhead_guest bulkhead_warnings)
target_link_options(bulkhead-guest PRIVATE -static-libstdc++ -static-libgcc)
set_target_properties(bulkhead-guest PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/bulkhead/guest")

# One attestation service per tenant.
if(NOT EXISTS "${PROJECT_SOURCE_DIR}/attestation/main.cpp")
  return()
endif()
add_executable(bulkhead-attestd attestation/main.cpp)
target_link_libraries(bulkhead-attestd PRIVATE bulkhead_attestation bulkhead_warnings)
set_target_properties(bulkhead-attestd PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/libexec/bulkhead")

add_custom_target(programs DEPENDS bulkhead bulkhead-host bulkhead-kms bulkhead-tpm bulkhead-attestd bulkhead-guest)

install(TARGETS bulkhead RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS bulkhead-host bulkhead-kms bulkhead-tpm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/bulkhead)
install(TARGETS bulkhead-attestd RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/bulkhead)
install(TARGETS bulkhead-guest RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/bulkhead/guest)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} USE_SOURCE_PERMISSIONS)
foreach(unit bulkhead-attestd@ bulkhead-fence)
  configure_file(packaging/systemd/${unit}.service.in "${CMAKE_BINARY_DIR}/${unit}.service" @ONLY)
  install(FILES "${CMAKE_BINARY_DIR}/${unit}.service" DESTINATION lib/systemd/system)
endforeach()
install(FILES packaging/systemd/tpm.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/systemd)
install(FILES packaging/systemd/bulkhead-fence.timer DESTINATION lib/systemd/system)
install(FILES packaging/completions/bulkhead.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME bulkhead)
