#include "images/config_disk.h"

#include <gmock/gmock.h>

#include "base/posix_process.h"

namespace images {
namespace {

TEST(ConfigDisk, IsAWholeMebibyteThatGnuTarReads) {
  const base::Buffer disk = config_disk("version = \"0.1.0\"\n");
  EXPECT_EQ(disk.size(), 1U << 20U);
  base::ProcessOptions options;
  options.input = base::text_of(disk);
  EXPECT_EQ(base::run_or_throw({"tar", "--extract", "--to-stdout", "--file=-", "initdata.toml"}, options),
            "version = \"0.1.0\"\n");
}

TEST(ConfigDisk, GrowsByWholeMebibytes) {
  EXPECT_EQ(config_disk(std::string((1U << 20U) - 1536, 'x')).size(), 1U << 20U);
  EXPECT_EQ(config_disk(std::string((1U << 20U) - 1535, 'x')).size(), 2U << 20U);
}

}  // namespace
}  // namespace images
