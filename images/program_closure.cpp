#include "images/program_closure.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"

namespace images {
namespace {

// Source: x86-64 psABI, "Program Interpreter"; Debian's multiarch directories, in the loader's order.
constexpr const char* loader = "/lib64/ld-linux-x86-64.so.2";
constexpr const char* library_directories[] = {"/lib/x86_64-linux-gnu/", "/usr/lib/x86_64-linux-gnu/"};

std::vector<std::string> libraries_of(const std::string& file) {
  return listed_libraries(base::run_or_throw({loader, "--list", file}), file);
}

}  // namespace

std::vector<std::string> listed_libraries(std::string_view listing, std::string_view program) {
  std::set<std::string> paths;
  while (!listing.empty()) {
    const std::size_t end = std::min(listing.find('\n'), listing.size());
    const std::string_view line = listing.substr(0, end);
    listing.remove_prefix(std::min(end + 1, listing.size()));
    if (line.find("not found") != std::string_view::npos)
      throw base::Error(base::Kind::failure, std::string(program) + ": shared library" + std::string(line));
    const std::size_t slash = line.find('/');
    if (slash == std::string_view::npos) continue;
    // "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f..)", or the loader: "/lib64/ld-linux.. (0x..)", which may
    // itself be "/lib64/ld-linux.. => /lib/.. (0x..)"; the kernel opens the first of the two names.
    paths.emplace(line.substr(slash, line.find(' ', slash) - slash));
  }
  return {paths.begin(), paths.end()};
}

std::map<std::string, base::Buffer> program_closure(const std::string& program, const std::vector<std::string>& also) {
  std::set<std::string> paths;
  for (std::string& path : libraries_of(program)) paths.insert(std::move(path));
  for (const std::string& name : also) {
    for (const std::string directory : library_directories) {
      if (!std::filesystem::exists(directory + name)) continue;
      paths.insert(directory + name);
      for (std::string& path : libraries_of(directory + name)) paths.insert(std::move(path));
      break;
    }
  }
  paths.insert(loader);
  std::map<std::string, base::Buffer> libraries;
  for (const std::string& path : paths) libraries[path] = base::buffer_of(base::bytes_of(base::read_file(path)));
  return libraries;
}

base::Buffer stripped_program(const std::string& program, const std::string& stripped) {
  base::run_or_throw({"strip", "--strip-all", "-o", stripped, program});
  return base::buffer_of(base::bytes_of(base::read_file(stripped)));
}

}  // namespace images
