/// A guest by the drivers: its network, files, disk, enrolled TPM key and domain, from libvirt to QEMU and back.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "provisioner/domain_xml.h"
#include "provisioner/guest_key_driver.h"
#include "provisioner/iproute2_bridge.h"
#include "provisioner/libvirt_domain.h"
#include "provisioner/libvirt_network.h"
#include "provisioner/software_tpm.h"
#include "provisioner/store_files.h"
#include "provisioner/tss2_attestation_key.h"
#include "tests/e2e/host_drivers.h"

namespace provisioner {
namespace {

using testing::IsEmpty;

/// A service that remembers the keys it was told.
class RememberingService final : public ServiceAdmin {
 public:
  explicit RememberingService(std::map<std::string, std::string>& keys) : keys_(keys) {}
  Json state() override {
    Json::Array guests;
    for (const auto& [name, digest] : keys_) guests.push_back(Json::Object{{"guest", name}, {"akSha256", digest}});
    return Json::Object{{"guests", guests}};
  }
  void put_approval(const std::string&) override {}
  void put_guest_key(const std::string& guest, base::Bytes key) override { keys_[guest] = base::sha256(key).hex(); }
  void delete_guest_key(const std::string& guest) override { keys_.erase(guest); }
  attestation::ShreddedKeys shred_keys() override { return {}; }

 private:
  std::map<std::string, std::string>& keys_;
};

std::string with_word(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// A guest of the machine's own kernel under emulation, with a TPM whose key was made before its first start.
class Guest : public HostDrivers {
 protected:
  void SetUp() override {
    HostDrivers::SetUp();
    if (IsSkipped()) return;
    for (const auto& file : std::filesystem::directory_iterator("/boot")) {
      if (file.path().filename().string().starts_with("vmlinuz")) kernel_ = file.path();
    }
    if (kernel_.empty() || !std::filesystem::exists(firmware_))
      GTEST_SKIP() << "no kernel in /boot or no " << firmware_;
    try {
      connection_ = std::make_shared<LibvirtConnection>("qemu:///system");
    } catch (const base::Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  [[nodiscard]] Resource domain(const std::string& command_line) const {
    DomainInputs inputs;
    inputs.launch.cpu_model = "qemu64";
    inputs.launch.memory = base::MiB{256};
    inputs.launch.firmware.path = firmware_;
    inputs.launch.kernel.path = store_ + "/tenants/e2e-acme/boot/kernel";
    inputs.launch.command_line = command_line;
    inputs.name = "bh-e2e-acme-worker-0";
    inputs.uuid = uuid_;
    inputs.title = "e2e-acme worker/0";
    inputs.network = "bh-e2e-acme-worker";
    inputs.mac = "52:54:00:77:01:0a";
    inputs.port = "bhe2eport";
    inputs.disks = {{store_ + "/tenants/e2e-acme/volumes/config.img", "bulkhead-config", true}};
    inputs.console_log = store_ + "/tenants/e2e-acme/console/worker-0.log";
    inputs.accelerator = Accelerator::tcg;
    return {ResourceKind::domain, inputs.name, Json::Object{{"xml", domain_xml(inputs)}}};
  }

  [[nodiscard]] Resource boot_file() const {
    return {ResourceKind::boot_file, store_ + "/tenants/e2e-acme/boot/kernel",
            Json::Object{{"source", kernel_}, {"sha256", base::file_sha256(kernel_).hex()}}};
  }
  [[nodiscard]] Resource config_disk() const {
    return {ResourceKind::volume, store_ + "/tenants/e2e-acme/volumes/config.img",
            Json::Object{{"type", "configDisk"}, {"initdata", "version = \"0.1.0\"\n"}}};
  }
  [[nodiscard]] Resource guest_key() const {
    return {ResourceKind::guest_key, "worker-0", Json::Object{{"uuid", uuid_}, {"guest", "worker/0"}}};
  }

  const std::string store_ = "/var/lib/bulkhead-e2e", firmware_ = "/usr/share/OVMF/OVMF_CODE_4M.fd";
  const std::string uuid_ = "b0e2e000-0000-5000-8000-000000000001";
  std::string kernel_;
  std::shared_ptr<LibvirtConnection> connection_;
  std::map<std::string, std::string> keys_;
};

TEST_F(Guest, IsMadeStartedFoundDriftedRepairedAndLeavesNothing) {
  const auto bridges = kept(make_bridge_driver());
  const auto networks = kept(make_network_driver(connection_));
  const auto boot_files = kept(make_boot_file_driver(store_));
  const auto volumes = kept(make_volume_driver(store_));
  const auto keys = kept(make_guest_key_driver(
      "/var/lib/libvirt/swtpm", [this](const base::TenantId&) { return std::make_unique<RememberingService>(keys_); },
      [](const std::string& directory) { return make_tpm_state(directory, make_attestation_key); }));
  const auto domains = kept(make_domain_driver(connection_, {}));
  make(*bridges, bridge("bhe2e0"));
  make(*networks, {ResourceKind::network, "bh-e2e-acme-worker", Json::Object{{"bridge", "bhe2e0"}}});
  make(*boot_files, boot_file());
  make(*volumes, config_disk());
  make(*keys, guest_key());
  const Resource wanted = domain("console=ttyS0");
  make(*domains, wanted);
  const std::vector<ResourceDriver*> all = {bridges, networks, boot_files, volumes, keys, domains};
  for (ResourceDriver* driver : all) {
    ASSERT_EQ(driver->observe(acme).size(), 1U) << name_of(driver->kind());
    EXPECT_EQ(driver->observe(acme)[0].drift, "") << name_of(driver->kind());
  }
  ASSERT_EQ(domains->guests(acme).size(), 1U);
  EXPECT_EQ(domains->guests(acme)[0].guest, "worker/0");
  EXPECT_TRUE(domains->guests(acme)[0].running);
  EXPECT_GT(domains->guests(acme)[0].started_ms, 0);

  base::run_or_throw({"virsh", "-c", "qemu:///system", "destroy", wanted.name});
  EXPECT_EQ(domains->observe(acme).at(0).drift, "not running");
  const std::string edited =
      base::run_or_throw({"virsh", "-c", "qemu:///system", "dumpxml", "--inactive", wanted.name});
  base::write_file_atomically(store_ + "/edited.xml", with_word(edited, ">console=ttyS0<", ">console=ttyS0 evil<"),
                              0600);
  base::run_or_throw({"virsh", "-c", "qemu:///system", "define", store_ + "/edited.xml"});
  std::filesystem::remove(store_ + "/edited.xml");
  EXPECT_EQ(domains->observe(acme).at(0).drift, "cmdline console=ttyS0 -> console=ttyS0 evil");
  const std::string known_key = keys_["worker-0"];
  domains->replace(acme, domains->observe(acme).at(0), wanted);
  EXPECT_EQ(domains->observe(acme).at(0).drift, "");
  EXPECT_EQ(keys->observe(acme).at(0).drift, "") << "the TPM state outlives a replaced domain";
  keys_.clear();
  EXPECT_EQ(keys->observe(acme).at(0).drift, "not enrolled");
  keys->replace(acme, keys->observe(acme).at(0), guest_key());
  EXPECT_EQ(keys_["worker-0"], known_key) << "a key that the service forgot is enrolled again, not made anew";

  for (auto driver = all.rbegin(); driver != all.rend(); ++driver) {
    (*driver)->remove(acme, (*driver)->observe(acme).at(0).name);
    EXPECT_THAT((*driver)->observe(acme), IsEmpty()) << name_of((*driver)->kind());
  }
  EXPECT_TRUE(std::filesystem::remove(store_)) << "something is left below " << store_;
  EXPECT_FALSE(std::filesystem::exists("/var/lib/libvirt/swtpm/" + uuid_));
  EXPECT_THAT(keys_, IsEmpty());
  undos_.clear();
}

}  // namespace
}  // namespace provisioner
