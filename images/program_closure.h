#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace images {

/// The absolute paths in what `ld.so --list PROGRAM` prints: the shared libraries and the dynamic loader, sorted.
/// The vDSO, which has no file, is left out.
/// @throws Error{failure} naming a library that was "not found", and the program
std::vector<std::string> listed_libraries(std::string_view listing, std::string_view program);

/// The shared libraries that `program` needs, all the way down, and its loader: path -> content. Libraries opened by
/// name at run time (`also`, e.g. "libtss2-tcti-device.so.0") are taken too, when this machine has them.
/// @throws Error{host} when the loader cannot be run, Error{failure} when a library is missing
std::map<std::string, base::Buffer> program_closure(const std::string& program, const std::vector<std::string>& also);

/// The program without its symbols, which nobody reads in an initrd, by way of the file `stripped`. @throws Error{host}
/// when strip (binutils) fails
base::Buffer stripped_program(const std::string& program, const std::string& stripped);

}  // namespace images
