#include "images/initrd.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Lines of Debian 13's kernel 6.12.117+deb13-amd64, as depmod wrote them.
constexpr const char* modules_dep =
    "kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz\n"
    "kernel/fs/jbd2/jbd2.ko.xz:\n"
    "kernel/fs/mbcache.ko.xz:\n"
    "kernel/lib/crc16.ko.xz:\n"
    "kernel/drivers/char/hw_random/virtio-rng.ko.xz:\n"
    "kernel/drivers/virt/coco/tdx-guest/tdx-guest.ko.xz: kernel/drivers/virt/coco/tsm.ko.xz "
    "kernel/fs/configfs/configfs.ko.xz\n"
    "kernel/drivers/virt/coco/tsm.ko.xz: kernel/fs/configfs/configfs.ko.xz\n"
    "kernel/fs/configfs/configfs.ko.xz:\n";
constexpr const char* modules_builtin = "kernel/drivers/char/tpm/tpm_crb.ko\nkernel/drivers/virtio/virtio_pci.ko\n";

std::vector<std::string> load_order(std::vector<WantedModule> wanted, std::string_view dependencies = modules_dep) {
  return module_load_order(dependencies, modules_builtin, wanted);
}

TEST(ModuleLoadOrder, PutsEachModuleAfterWhatItDependsOn) {
  EXPECT_THAT(load_order({{"tdx_guest"}}),
              ElementsAre("kernel/fs/configfs/configfs.ko.xz", "kernel/drivers/virt/coco/tsm.ko.xz",
                          "kernel/drivers/virt/coco/tdx-guest/tdx-guest.ko.xz"));
}

TEST(ModuleLoadOrder, LoadsNoModuleTwice) {
  EXPECT_THAT(load_order({{"tsm"}, {"tdx-guest"}, {"virtio_rng"}, {"tsm"}}),
              ElementsAre("kernel/fs/configfs/configfs.ko.xz", "kernel/drivers/virt/coco/tsm.ko.xz",
                          "kernel/drivers/virt/coco/tdx-guest/tdx-guest.ko.xz",
                          "kernel/drivers/char/hw_random/virtio-rng.ko.xz"));
}

TEST(ModuleLoadOrder, NeedsNoFileForWhatIsBuiltInAndNoOptionalModule) {
  EXPECT_THAT(load_order({{"tpm_crb"}, {"virtio_pci"}, {"sev_guest", Presence::optional}}), ElementsAre());
}

struct Unloadable {
  const char* dependencies;
  const char* wanted;
  base::Kind kind;
  const char* message;
};

TEST(ModuleLoadOrder, NamesWhatIsMissingOrMalformed) {
  const Unloadable cases[] = {{modules_dep, "virtio_blk", base::Kind::failure, "the kernel has no module 'virtio_blk'"},
                              {"a.ko: b.ko\n", "a", base::Kind::malformed, "'b.ko' is depended on but has no line"},
                              {"a.ko: b.ko\nb.ko: a.ko\n", "a", base::Kind::malformed, "'a.ko' depends on itself"},
                              {"a.ko\n", "a", base::Kind::malformed, "'a.ko'; wanted 'MODULE: MODULE...'"},
                              {": a.ko\n", "a", base::Kind::malformed, "': a.ko'; wanted"}};
  for (const auto& [dependencies, wanted, kind, message] : cases) {
    try {
      load_order({{wanted}}, dependencies);
      ADD_FAILURE() << "accepted: " << dependencies;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), kind);
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

TEST(Initrd, HoldsProgramLibrariesAndModulesUncompressedInLoadOrder) {
  InitrdContent content;
  content.guest_program = base::buffer_of(base::bytes_of("program"));
  content.files["/lib/x86_64-linux-gnu/libc.so.6"] = base::buffer_of(base::bytes_of("library"));
  content.files["/sbin/mke2fs"] = base::buffer_of(base::bytes_of("maker of file systems"));
  content.modules = {{"kernel/z.ko.xz", base::buffer_of(base::bytes_of("first"))},
                     {"kernel/a.ko", base::buffer_of(base::bytes_of("second"))}};
  const std::string archive = base::text_of(initrd_archive(content));
  EXPECT_THAT(archive, HasSubstr(std::string("init\0\0program", 13)));
  EXPECT_THAT(archive, HasSubstr("lib/x86_64-linux-gnu/libc.so.6"));
  EXPECT_THAT(archive, HasSubstr("sbin/mke2fs"));
  EXPECT_THAT(archive, HasSubstr("/usr/lib/modules/kernel/z.ko\n/usr/lib/modules/kernel/a.ko\n"));
  EXPECT_THAT(archive, ::testing::Not(HasSubstr(".ko.xz")));
}

}  // namespace
}  // namespace images
