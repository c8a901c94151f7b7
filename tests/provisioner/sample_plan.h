#pragma once
#include <string>
#include <vector>

#include "base/crypto.h"
#include "measurement/measure.h"
#include "provisioner/plan.h"

/// A small tenant that is whole: two guests, two owners, every kind of resource.
namespace sample {

inline base::PrivateKey owner_key(const std::string& owner) {
  static const base::PrivateKey security = base::PrivateKey::generate(base::PrivateKey::Type::ed25519);
  static const base::PrivateKey compliance = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  return owner == "security" ? security : compliance;
}

/// PCR 9 of the sample's guests, extended once with zeros: head -c 64 /dev/zero | sha256sum
inline constexpr const char* pcr9 = "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b";

inline base::Sha256 digest(std::string_view text) {
  return base::sha256(base::bytes_of(text));
}

inline provisioner::GuestIntent guest(base::Pool pool, const std::string& address) {
  using provisioner::FileRole;
  using provisioner::ImageFile;
  provisioner::GuestIntent guest;
  guest.id = {{"acme"}, pool, 0};
  guest.uuid = "74738ff5-5367-5958-9aee-98fffdcd1876";
  guest.mac = "52:54:00:12:34:56";
  guest.address = address;
  const auto file = [](FileRole role, const char* content) {
    return measurement::BootFile{ImageFile{role, digest(content)}.stored_name(), digest(content)};
  };
  guest.launch = measurement::LaunchConfiguration{.cpu_model = "qemu64",
                                                  .memory = {512},
                                                  .firmware = file(FileRole::firmware, "firmware"),
                                                  .kernel = file(FileRole::kernel, "kernel"),
                                                  .initrd = file(FileRole::initrd, "initrd"),
                                                  .command_line = "console=ttyS0"};
  guest.initdata = "version = \"0.1.0\"\n# " + guest.id.text() + "\n";
  guest.initdata_sha256 = digest(guest.initdata);
  guest.volumes = {{"data", {64}}};
  const measurement::BootEvent line{
      .pcr = 9, .type = "EV_EVENT_TAG", .what = "command line", .provenance = measurement::Provenance::input_file};
  guest.reference_values =
      measurement::reference_values_json(measurement::TpmReferenceValues{{line}, measurement::fold({line})});
  return guest;
}

inline provisioner::Intent intent() {
  using provisioner::FileRole;
  provisioner::Intent intent;
  intent.tenant = {"acme"};
  for (const char* owner : {"security", "compliance"})
    intent.owners.push_back({owner, owner_key(owner).public_key().pem()});
  intent.files = {{FileRole::firmware, digest("firmware")},
                  {FileRole::kernel, digest("kernel")},
                  {FileRole::initrd, digest("initrd")},
                  {FileRole::root, digest("root")}};
  intent.networks = {{base::Pool::control, "10.20.0.0/24", "10.20.0.1", std::nullopt},
                     {base::Pool::worker, "10.20.1.0/24", "10.20.1.1", std::nullopt}};
  intent.flows = {{{"worker", {}}, {"control", {}}, {6443}, {}}};
  intent.service = {"operatorHost", "10.20.255.1", 8443, "-----BEGIN CERTIFICATE-----\n"};
  intent.guests = {guest(base::Pool::control, "10.20.0.10"), guest(base::Pool::worker, "10.20.1.10")};
  return intent;
}

/// One resource of every kind, in order; the kernel and the root image are files of the source directory "/image".
inline std::vector<provisioner::Resource> resources() {
  using base::Json;
  using provisioner::ResourceKind;
  const auto file = [](const char* content) {
    return Json::Object{{"source", std::string("/image/") + content}, {"sha256", digest(content).hex()}};
  };
  std::vector<provisioner::Resource> all;
  for (std::size_t i = 0; i < provisioner::resource_kinds; ++i) {
    const auto kind = static_cast<ResourceKind>(i);
    Json body = Json::Object{{"of", "acme"}};
    if (kind == ResourceKind::boot_file) body = file("kernel");
    if (kind == ResourceKind::volume) body = file("root");
    const std::string name = kind == ResourceKind::boot_file ? "/store/kernel" : std::string("acme-") + name_of(kind);
    all.push_back({kind, name, body});
  }
  return all;
}

inline provisioner::Plan plan(const provisioner::HostState& now = {}) {
  return make_plan(intent(), {"local", "qemu:///system", "/store"}, resources(), now);
}

}  // namespace sample
