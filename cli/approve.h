#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/machine_options.h"
#include "cli/tenant_id_blocks.h"

namespace cli {

/// An owner's act: the tenant and site documents, the plan, and the owner's private keys. No host is needed.
struct ApproveOptions {
  std::vector<std::string> documents;
  std::string plan;
  std::vector<std::string> keys;  ///< private keys, as open_signer() takes them
  std::string out;                ///< the approval; one that is there already gets the signatures added
  std::optional<std::int64_t> valid_days;
  std::string qemu = default_qemu;  ///< one like the host's, whose ACPI tables TDX guests will measure
  IdSigningKeys id_keys;            ///< of SNP guests with an ID block, for the first approval
};

/// Recomputes the intent (files, measurements, initdata) from the documents and files of this machine, compares it with
/// the plan's and signs it. Exit 1 naming every difference when they are not equal.
int approve(const ApproveOptions& options, Console& console);

}  // namespace cli
