#include "images/userland.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "images/debian_archive.h"

namespace images {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<base::TarMember> at(const std::string& path, const std::vector<base::TarMember>& members) {
  std::vector<base::TarMember> found;
  std::copy_if(members.begin(), members.end(), std::back_inserter(found),
               [&](const base::TarMember& member) { return member.path == path; });
  return found;
}

TEST(Userland, OffersNoLoginOnAnyConsole) {
  for (const char* const unit : {"getty@.service", "serial-getty@.service"}) {
    const auto found = at(std::string("etc/systemd/system/") + unit, userland_files({}));
    ASSERT_EQ(found.size(), 1U) << unit;
    EXPECT_EQ(found.front().content, "/dev/null");
  }
}

TEST(Userland, LetsARecipesFileTakeThePlaceOfOurs) {
  Recipe recipe;
  recipe.files = {{"/etc/fstab", 0600, "mine\n"}, {"/srv/hello", 0644, "hello\n"}};
  const auto members = userland_files(recipe);
  const std::vector<base::TarMember> expected = {{"etc/fstab", base::TarMember::Type::file, 0600, "mine\n"}};
  EXPECT_EQ(at("etc/fstab", members), expected);
  EXPECT_EQ(at("srv/hello", members).size(), 1U);
}

TEST(Userland, RefusesARecipesFileOutsideTheRoot) {
  for (const char* const path : {"etc/motd", "/etc/../../motd", "/", ""}) {
    Recipe recipe;
    recipe.files = {{path, 0644, ""}};
    EXPECT_THROW(userland_files(recipe), base::Error) << path;
  }
}

TEST(Recipe, InstallsEachPackageOnceWithTheKernel) {
  Recipe recipe;
  recipe.packages = {"udev", "nftables"};
  EXPECT_THAT(all_packages(recipe), ::testing::ElementsAre("iproute2", "kmod", "linux-image-amd64", "nftables",
                                                           "systemd", "systemd-sysv", "udev"));
}

TEST(Recipe, NamesAMirrorToMmdebstrapOnlyWhenItHasOne) {
  Recipe recipe;
  EXPECT_EQ(mmdebstrap_arguments(recipe, "root.tar").back(), "root.tar");
  recipe.mirror = "file:///srv/mirror";
  EXPECT_EQ(mmdebstrap_arguments(recipe, "root.tar").back(), "file:///srv/mirror");
}

}  // namespace
}  // namespace images
