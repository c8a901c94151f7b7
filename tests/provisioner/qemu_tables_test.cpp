#include "provisioner/qemu_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/posix_files.h"
#include "provisioner/temporary_directory.h"
#include "tests/provisioner/installed_qemu.h"

namespace {

using base::Json;
using provisioner::parse_tables_entry;
using provisioner::QemuTables;
using provisioner::tables_entry;
using provisioner::TablesRequest;
using provisioner::TemporaryDirectory;

QemuTables some_tables() {
  return {{{"etc/acpi/rsdp", {1, 2, 3}}, {"bootorder", {}}}, {10, 2}};
}

TEST(CachedQemuTables, AreReadBackAsTheyWereWritten) {
  const Json key = Json::Object{{"qemuSha256", "ab"}};
  const QemuTables read = parse_tables_entry(tables_entry(some_tables(), key), key);
  EXPECT_EQ(read.files, some_tables().files);
  EXPECT_EQ(read.version, some_tables().version);
}

TEST(CachedQemuTables, AreNotBelievedWhenDamagedOrOfAnotherMachine) {
  const Json key = Json::Object{{"qemuSha256", "ab"}};
  const std::string entry = tables_entry(some_tables(), key);
  std::string damaged = entry;
  damaged.replace(damaged.find("AQID"), 4, "AQIE");
  EXPECT_THROW(parse_tables_entry(damaged, key), base::Error);
  EXPECT_THROW(parse_tables_entry(entry, Json::Object{{"qemuSha256", "ac"}}), base::Error);
  EXPECT_THROW(parse_tables_entry(entry.substr(0, entry.size() / 2), key), base::Error);
  EXPECT_THROW(parse_tables_entry("{}", key), base::Error);
}

using testing_qemu::program;
using testing_qemu::version;

/// The names of the tables in a fw_cfg file etc/acpi/tables.
std::vector<std::string> signatures(base::Bytes tables) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at + 8 < tables.size() && tables[at] != 0;) {
    names.push_back(base::text_of(tables.subspan(at, 4)));
    at += tables[at + 4] | std::size_t{tables[at + 5]} << 8U | std::size_t{tables[at + 6]} << 16U;
  }
  return names;
}

base::Buffer vector_file(const std::string& folder, const std::string& name) {
  const char* const vectors = std::getenv("BULKHEAD_VECTORS");
  std::ifstream in(std::string(vectors == nullptr ? "" : vectors) + "/tdx/acpi-qtest/" + folder + "/" + name,
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// shared/vectors/tdx/acpi-qtest: tables of unmodified Debian QEMUs, byte for byte those of other people's generators.
TEST(QemuTables, AreThoseOfTheSharedVectors) {
  const std::string installed = version();
  if (installed.empty()) GTEST_SKIP() << "no " << program();
  unsigned compared = 0;
  for (const auto& [folder, version, vcpus] :
       {std::tuple{"q10.0.2-1cpu-1nic", "10.0.2", "1"}, std::tuple{"q11.1.2-1cpu-1nic", "11.1.2", "1"},
        std::tuple{"q11.1.2-64cpu", "11.1.2", "64"}}) {
    const base::Buffer wanted = vector_file(folder, "acpi_tables.bin");
    if (wanted.empty()) continue;
    TablesRequest request;
    request.program = program();
    request.shape.direct_boot = false;
    request.width = {"GenuineIntel", 46, true};
    request.arguments = {"-cpu", "qemu64", "-smp", vcpus, "-m", "2048M", "-serial", "null"};
    for (int i = 0; i < 5; ++i) request.arguments.insert(request.arguments.end(), {"-device", "virtio-rng-pci"});
    request.arguments.insert(request.arguments.end(), {"-machine", "q35,hpet=off,smm=off,pic=off"});
    QemuTables tables = read_qemu_tables(request);
    EXPECT_EQ(signatures(tables.files["etc/acpi/tables"]), signatures(wanted)) << folder;
    ++compared;
    if (installed.find("version " + std::string(version)) == std::string::npos) continue;
    EXPECT_EQ(tables.files["etc/acpi/tables"], wanted) << folder;
    EXPECT_EQ(tables.files["etc/table-loader"], vector_file(folder, "table-loader.bin")) << folder;
    EXPECT_EQ(tables.files["etc/acpi/rsdp"], vector_file(folder, "acpi_rsdp.bin")) << folder;
    EXPECT_EQ(tables.files["etc/smbios/smbios-tables"], vector_file(folder, "smbios_smbios-tables.bin")) << folder;
  }
  if (compared == 0) GTEST_SKIP() << "set BULKHEAD_VECTORS to the shared vectors";
}

TEST(QemuTables, AreAskedOfQ35MachinesOnly) {
  for (const char* const machine : {"q35", "pc-q35-10.0"})
    EXPECT_EQ(provisioner::tables_request("qemu", {.machine = machine}).shape.machine, machine);
  for (const char* const machine : {"pc", "pc-i440fx-7.2", "microvm", "q35x"})
    EXPECT_THAT([&] { provisioner::tables_request("qemu", {.machine = machine}); },
                testing::ThrowsMessage<base::Error>(testing::StartsWith("machine: got '" + std::string(machine))));
}

TEST(QemuTables, OfATdHaveTheAddressWidthOfItsHost) {
  EXPECT_EQ(provisioner::tables_request("qemu", {.tee = base::Tee::tdx}).width->physical_bits, 46U);
  EXPECT_FALSE(provisioner::tables_request("qemu", {.tee = base::Tee::emulated}).width);
}

TEST(QemuTables, NeedAQemu) {
  const TemporaryDirectory cache;
  for (const char* const missing : {"/nowhere/qemu", "no-such-qemu"}) {
    try {
      cached_qemu_tables(provisioner::tables_request(missing, {}), cache.path());
      FAIL() << "nothing was thrown";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::host);
      EXPECT_THAT(error.what(), testing::HasSubstr("install qemu-system-x86"));
    }
  }
}

TEST(QemuTables, AreKeptAndFoundAgain) {
  if (version().empty()) GTEST_SKIP() << "no " << program();
  const TemporaryDirectory cache;
  TablesRequest request;
  request.program = program();
  request.shape.tee = base::Tee::tdx;  // needs no software TPM
  const QemuTables first = cached_qemu_tables(request, cache.path());
  EXPECT_TRUE(first.files.contains("etc/acpi/tables"));
  EXPECT_THAT(base::text_of(first.files.at("bootorder")), testing::StartsWith("/rom@genroms/linuxboot_dma.bin"));
  const std::filesystem::path entry = *std::filesystem::directory_iterator(cache.file("qemu-tables"));
  const std::filesystem::file_time_type written = std::filesystem::last_write_time(entry);
  EXPECT_EQ(cached_qemu_tables(request, cache.path()).files, first.files);
  EXPECT_EQ(std::filesystem::last_write_time(entry), written);
  std::filesystem::resize_file(entry, 100);
  EXPECT_EQ(cached_qemu_tables(request, cache.path()).files, first.files) << "a damaged entry is made anew";
  request.shape.vcpus = 2;
  EXPECT_NE(cached_qemu_tables(request, cache.path()).files, first.files);
}

TEST(QemuTables, OfAQemuThatIsNotThereNameTheRemedy) {
  TablesRequest request;
  request.program = "/no/such/qemu";
  EXPECT_THAT([&] { read_qemu_tables(request); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("install qemu-system-x86")));
}

TEST(QemuTables, OfAMachineQemuDoesNotHaveFailInItsWords) {
  if (version().empty()) GTEST_SKIP() << "no " << program();
  TablesRequest request;
  request.program = program();
  request.shape.tee = base::Tee::tdx;
  request.shape.machine = "pc-q35-0.1";
  EXPECT_THAT([&] { read_qemu_tables(request); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("QEMU ended: ")));
}

}  // namespace
