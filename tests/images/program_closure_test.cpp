#include "images/program_closure.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"

namespace images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ProgramClosure, TakesThePathsOutOfTheLoadersListing) {
  EXPECT_THAT(listed_libraries("\tlinux-vdso.so.1 (0x00007ffc85bf2000)\n"
                               "\tlibselinux.so.1 => /lib/x86_64-linux-gnu/libselinux.so.1 (0x00007f3a2d7b4000)\n"
                               "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f3a2d5d3000)\n"
                               "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3a2d815000)\n",
                               "/bin/ls"),
              ElementsAre("/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libselinux.so.1",
                          "/lib64/ld-linux-x86-64.so.2"));
}

TEST(ProgramClosure, NamesALibraryThatIsMissing) {
  try {
    listed_libraries("\tlibfoo.so.1 => not found\n", "/opt/program");
    FAIL() << "accepted";
  } catch (const base::Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/opt/program: shared library\tlibfoo.so.1 => not found"));
  }
}

TEST(ProgramClosure, HoldsEveryLibraryThatTheProgramSaysItNeeds) {
  const auto libraries = program_closure(std::filesystem::read_symlink("/proc/self/exe"), {"no-such-library.so.0"});
  EXPECT_TRUE(libraries.contains("/lib64/ld-linux-x86-64.so.2"));
  for (const char* const name : {"libc.so.6", "libstdc++.so.6", "libcrypto.so.3"}) {
    EXPECT_TRUE(std::any_of(libraries.begin(), libraries.end(), [&](const auto& library) {
      return library.first.ends_with(std::string("/") + name) && library.second.size() > 1000;
    })) << name;
  }
}

}  // namespace
}  // namespace images
