#include "images/build.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "tests/temporary_folder.h"

namespace images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

base::Sha256 digest(const char* text) {
  return base::sha256(base::bytes_of(text));
}

/// A guest disk that must not be needed.
struct NoDisk final : GuestDisk {
  void make_root_image(const std::string&, base::MiB, const std::string&, const std::string&, const std::string&,
                       const std::function<void(int)>&) override {
    throw base::Error(base::Kind::host, "no disk can be made here");
  }
};

/// A directory with the files of an earlier build and their lock.
class Build : public ::testing::Test {
 protected:
  Build() {
    paths_ = {put("guest", "program"), folder_.file("out"), folder_.file("work")};
    recipe_.firmware = put("firmware", "firmware");
    recipe_.command_line = "console=ttyS0";
    std::filesystem::create_directory(paths_.output);
    image_ = {built("firmware.fd"), built("vmlinuz"),
              built("initrd"),      built("root.img"),
              recipe_.command_line, recipe_.suite,
              {"bash=5.2"},         input_digest(recipe_, digest("firmware"), digest("program"))};
    base::write_file_atomically(paths_.output + "/image.lock", image_lock(image_).pretty(), 0644);
  }

  std::string put(const std::string& name, const std::string& content) {
    base::write_file_atomically(folder_.file(name), content, 0644);
    return folder_.file(name);
  }
  BuiltFile built(const std::string& name) { return {put("out/" + name, name), digest(name.c_str())}; }
  BuiltImage build_now() {
    return build(recipe_, paths_, disk_, [this](const std::string& text) { said_.push_back(text); });
  }
  /// The failure of a build that cannot go on, because tar does not read the archive that the work directory keeps.
  std::string failure_of_a_real_build() {
    std::filesystem::create_directories(paths_.work);
    base::write_file_atomically(debian_archive_path(recipe_, paths_.work), "no archive", 0644);
    try {
      build_now();
      return "no failure";
    } catch (const base::Error& error) {
      return error.what();
    }
  }

  tests::TemporaryFolder folder_;
  BuildPaths paths_;
  Recipe recipe_;
  BuiltImage image_;
  NoDisk disk_;
  std::vector<std::string> said_;
};

TEST_F(Build, MakesNothingWhenInputsAndFilesAreUnchanged) {
  EXPECT_EQ(build_now(), image_);
  EXPECT_THAT(said_, ElementsAre("image: unchanged"));
}

TEST_F(Build, StartsAnewWhenAFileIsNotWhatTheLockSays) {
  for (const char* const name : {"firmware.fd", "vmlinuz", "initrd", "root.img"}) {
    built(name);
    EXPECT_EQ(build_now(), image_);
    put(std::string("out/") + name, "changed");
    EXPECT_THAT(failure_of_a_real_build(), HasSubstr("'tar --list")) << name;
    built(name);
  }
}

TEST_F(Build, StartsAnewWhenTheLockIsNoLock) {
  put("out/image.lock", "{}");
  EXPECT_THAT(failure_of_a_real_build(), HasSubstr("'tar --list"));
}

TEST_F(Build, LeavesTheOldFilesWhenItFails) {
  put("guest", "another program");
  EXPECT_THAT(failure_of_a_real_build(), HasSubstr("'tar --list"));
  EXPECT_EQ(base::read_file(image_.kernel.path), "vmlinuz");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(paths_.output), {}), 5) << "four files and their lock";
}

TEST_F(Build, RefusesADiskWithoutRoomForTheImage) {
  recipe_.size.count = std::uint64_t{1} << 40U;
  EXPECT_THAT(failure_of_a_real_build(), HasSubstr("MiB free, wanted 1099511627776 MiB"));
}

TEST_F(Build, StartsAnewWhenTheImageWasBuiltSomewhereElse) {
  std::filesystem::copy(paths_.output, folder_.file("copy"));
  paths_.output = folder_.file("copy");
  EXPECT_THAT(failure_of_a_real_build(), HasSubstr("'tar --list"));
}

TEST_F(Build, NamesTheFirmwareThatIsMissing) {
  recipe_.firmware = folder_.file("none.fd");
  EXPECT_THAT(failure_of_a_real_build(), HasSubstr("cannot read " + recipe_.firmware));
}

TEST(InputDigest, ChangesWithEverythingAnImageIsMadeFrom) {
  Recipe recipe;
  recipe.firmware = "/a.fd";
  const auto original = input_digest(recipe, digest("f"), digest("g"));
  EXPECT_NE(input_digest(recipe, digest("other"), digest("g")), original);
  EXPECT_NE(input_digest(recipe, digest("f"), digest("other")), original);
  std::vector<Recipe> others(6, recipe);
  others[0].suite = "forky";
  others[1].packages = {"nftables"};
  others[2].kernel_package = "linux-image-cloud-amd64";
  others[3].size.count = 2048;
  others[4].files = {{"/a", 0644, "b"}};
  others[5].command_line = "quiet";
  for (const Recipe& other : others) EXPECT_NE(input_digest(other, digest("f"), digest("g")), original);
  recipe.firmware = "/elsewhere/a.fd";
  EXPECT_EQ(input_digest(recipe, digest("f"), digest("g")), original) << "the firmware's content counts, not its place";
}

}  // namespace
}  // namespace images
