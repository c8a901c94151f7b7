#include "images/image_lock.h"

#include <gmock/gmock.h>

#include <functional>

#include "base/crypto.h"
#include "base/error.h"

namespace images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

BuiltImage image() {
  const auto file = [](const char* path) { return BuiltFile{path, base::sha256(base::bytes_of(path))}; };
  return {file("/i/firmware.fd"), file("/i/vmlinuz"), file("/i/initrd"),        file("/i/root.img"),
          "console=ttyS0",        "trixie",           {"bash=5.2", "udev=257"}, base::sha256(base::bytes_of("all"))};
}

TEST(ImageLock, IsReadAsItWasWritten) {
  EXPECT_EQ(read_image_lock(base::Json::parse(image_lock(image()).pretty(), "lock"), "lock"), image());
}

TEST(ImageLock, HoldsTheDigestOfTheCommandLine) {
  // printf 'console=ttyS0' | sha256sum
  EXPECT_EQ(image_lock(image()).at("commandLine").at("sha256").text(),
            "2b98586d9905a605c295d77c61e8cfd2027ae5b8a04eefa9018436f6ad114297");
}

TEST(ImageLock, RefusesADocumentThatIsNotOne) {
  const std::pair<std::function<void(base::Json&)>, const char*> cases[] = {
      {[](base::Json& lock) { lock["schema"] = "bulkhead.image-lock/v2"; }, "wanted 'bulkhead.image-lock/v1'"},
      {[](base::Json& lock) { lock["extra"] = 1; }, "extra"},
      {[](base::Json& lock) { lock["kernel"]["sha256"] = "12"; }, "kernel.sha256: got '12'"},
      {[](base::Json& lock) { lock["kernel"]["size"] = 12; }, "size"},
      {[](base::Json& lock) { lock["commandLine"]["text"] = "quiet"; }, "sha256 is not that of its text"},
      {[](base::Json& lock) { lock.object().erase("root"); }, "root"}};
  for (const auto& [damage, message] : cases) {
    base::Json lock = image_lock(image());
    damage(lock);
    try {
      read_image_lock(lock, "image.lock");
      ADD_FAILURE() << "accepted, though: " << message;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed);
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

TEST(InstalledPackages, AreThoseThatDpkgSaysAreInstalled) {
  EXPECT_THAT(
      installed_packages("Package: udev\nStatus: install ok installed\nArchitecture: amd64\nVersion: 257.9-1\n\n"
                         "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
                         "Package: bash\nStatus: install ok installed\nVersion: 5.2.37-2\n"),
      ElementsAre("bash=5.2.37-2", "udev=257.9-1"));
  EXPECT_THROW(installed_packages("Package: udev\nStatus: install ok installed\n"), base::Error);
}

}  // namespace
}  // namespace images
