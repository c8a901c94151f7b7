#pragma once
#include <string>

#include "base/crypto.h"
#include "base/error.h"
#include "owner_files.h"
#include "tests/measurement/kernel_image.h"

namespace cli {

/// A confidential tenant "initech" of one control and two worker guests, whose image is files with their digests.
class PinnedTenant : public OwnerFiles {
 protected:
  PinnedTenant() {
    make_approval_key({file("initech-approval")}, console_);
    make_ca({.tenant = "initech", .out = file("initech-ca")}, console_);
    base::write_file_atomically(file("kernel"), measurement::testing_files::kernel_image(), 0644);
    base::write_file_atomically(file("initrd"), std::string(5000, 'i'), 0644);
    write_site("machine: q35");
    out_.str("");
  }

  /// @param owner further lines of the owner, @param policy the launch policy's content
  void write_tenant(const std::string& tee, const std::string& cpu, const std::string& owner = "",
                    const std::string& policy = "debug: false") const {
    const std::string pinned =
        "firmware: " + pin("firmware") + "\n    kernel: " + pin("kernel") + "\n    initrd: " + pin("initrd") +
        "\n    commandLine: {text: \"console=ttyS0\", sha256: " + base::sha256(base::bytes_of("console=ttyS0")).hex() +
        "}";
    write("initech.yaml", "apiVersion: bulkhead/v1\nkind: Tenant\nmetadata: {name: initech}\nspec:\n  tee: " + tee +
                              "\n  consent: {trustOperatorHost: true}\n  launchPolicy: {" + policy +
                              "}\n  owners:\n    - name: initech-security\n      approvalKey: initech-approval.pub\n" +
                              owner +
                              "      attestation: {placement: operatorHost, url: \"https://10.77.255.1:8443\", ca: "
                              "initech-ca.pem}\n  image:\n    " +
                              pinned + "\n  pools:\n    control: {count: 1, vcpus: 1, cpu: " + cpu +
                              ", memory: 1GiB, network: control}\n    worker: {count: 2, vcpus: 2, cpu: " + cpu +
                              ", memory: 2GiB, network: work, volumes: [{name: data, size: 1GiB}]}\n  networks:\n"
                              "    control: {cidr: 10.77.0.0/24, uplink: none}\n"
                              "    work: {cidr: 10.77.1.0/24, uplink: none}\n");
  }
  /// @param host further keys of its only host, one line
  void write_site(const std::string& host) const {
    write("site.yaml",
          "apiVersion: bulkhead/v1\nkind: Site\nmetadata: {name: paper}\nspec:\n  hosts:\n    - name: local\n"
          "      uri: qemu:///system\n      supervision: child\n      " +
              host + "\n");
  }
  void write(const std::string& name, const std::string& text) const {
    base::write_file_atomically(file(name), text, 0644);
  }
  [[nodiscard]] std::vector<std::string> pinned_documents() const { return {file("initech.yaml"), file("site.yaml")}; }
  template <typename Verb>
  static base::Error refusal(Verb verb) {
    try {
      verb();
    } catch (const base::Error& error) {
      return error;
    }
    return {base::Kind::usage, "(no refusal)"};
  }

 private:
  [[nodiscard]] std::string pin(const std::string& name) const {
    return "{path: " + name + ", sha256: " + base::sha256(base::bytes_of(base::read_file(file(name)))).hex() + "}";
  }
};

}  // namespace cli
