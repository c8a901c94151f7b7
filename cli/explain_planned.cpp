#include "cli/explain_planned.h"

#include <algorithm>

#include "base/error.h"
#include "cli/flag_values.h"
#include "cli/known_tables.h"
#include "measurement/cpu_models.h"
#include "measurement/vmm_profile.h"
#include "provisioner/resources.h"

namespace cli {
namespace {

using measurement::HypervisorVersion;
using measurement::LaunchCandidate;
using measurement::LaunchConfiguration;
using measurement::PlannedLaunch;
using provisioner::FileRole;
using provisioner::GuestIntent;

[[noreturn]] void misuse(const std::string& what) {
  throw base::Error(base::Kind::usage, what);
}

void expect_profile(const std::string& name) {
  if (measurement::find_vmm_profile(name) == nullptr)
    misuse("--vmm: got '" + name + "', wanted qemu, qemu-legacy, ec2, ec2-2025 or gce");
}

/// A number alone is MiB.
base::MiB planned_memory(const std::string& text) {
  const bool number = text.find_first_not_of("0123456789") == std::string::npos;
  return memory_of("--memory", number ? text + "MiB" : text);
}

/// What the flags say beside the plan, or otherwise.
void set_td_options(const TdOptions& options, LaunchCandidate& launch) {
  if (const auto version = hypervisor_of(options)) launch.hypervisor = *version;
  if (const auto order = page_order_of(options); order != measurement::PageOrder::single_pass)
    launch.page_order = order;
  if (const auto generation = generation_of(options)) launch.generation = generation;
  if (const auto processor = processor_of(options)) launch.processor = processor;
}

/// The first source is the planned one. When it is the QEMU that is installed here, its version is, too, where nothing
/// else says it.
void add_tables(const ExplainOptions& options, MachineOptions machine, LaunchCandidate& launch, KnownImages& images) {
  machine.vcpus = std::to_string(launch.vcpus);
  machine.memory = std::to_string(launch.memory.count) + "MiB";
  machine.machine = launch.machine;
  for (const std::string& acpi : options.acpi) {
    TablesSource source = tables_source(acpi, machine);
    const std::size_t index = images.add_tables(std::move(source.tables));
    if (launch.tables) continue;
    launch.tables = index;
    if (launch.hypervisor == HypervisorVersion{}) launch.hypervisor = source.version;
  }
}

ExpectedLaunches from_flags(const ExplainOptions& options, KnownImages& images,
                            std::optional<std::uint32_t> host_signature) {
  LaunchCandidate launch;
  launch.firmware = images.add(FileRole::firmware, options.files.firmware);
  if (options.files.kernel) launch.kernel = images.add(FileRole::kernel, *options.files.kernel);
  if (options.files.initrd) launch.initrd = images.add(FileRole::initrd, *options.files.initrd);
  launch.command_line = options.files.command_line.value_or("");
  const auto signature = options.vcpu.cpu == "host" ? host_signature : signature_of(options.vcpu);
  launch.cpu = signature ? options.vcpu.cpu.value_or("") : "not given";
  launch.cpuid_signature = signature.value_or(0);
  launch.sev_features = sev_features_of(options.vcpu, 1);
  expect_profile(options.vmm);
  launch.vmm = options.vmm;
  const std::vector<unsigned> counts = vcpu_counts(options.vcpu.vcpus);
  if (counts.size() != 1) misuse("--vcpus: got " + options.vcpu.vcpus + ", wanted the one count that was planned");
  launch.vcpus = counts.front();
  launch.memory = planned_memory(options.memory);
  launch.machine = options.machine;
  set_td_options(options.td, launch);
  add_tables(options, options.asked, launch, images);
  return {{{"the launch", launch}}, std::nullopt, std::nullopt};
}

std::size_t planned_file(const KnownImages& images, FileRole role, const measurement::BootFile& file) {
  if (const auto index = images.find(role, file.sha256)) return *index;
  throw base::Error(base::Kind::failure, "the plan's " + std::string(name_of(role)) + " with SHA-256 " +
                                             file.sha256.hex() + " is in no folder: name its folder with --images");
}

LaunchCandidate candidate_of(const LaunchConfiguration& planned, const KnownImages& images,
                             std::optional<std::uint32_t> host_signature) {
  LaunchCandidate launch;
  launch.firmware = planned_file(images, FileRole::firmware, planned.firmware);
  launch.kernel = planned_file(images, FileRole::kernel, planned.kernel);
  if (planned.initrd) launch.initrd = planned_file(images, FileRole::initrd, *planned.initrd);
  launch.command_line = planned.command_line;
  launch.cpu = planned.cpu_model;
  const auto of_model = measurement::cpuid_signature(planned.cpu_model);
  launch.cpuid_signature = planned.cpuid_signature ? *planned.cpuid_signature
                           : of_model              ? *of_model
                                                   : host_signature.value_or(0);
  launch.vcpus = planned.vcpus;
  launch.memory = planned.memory;
  launch.machine = planned.machine;
  launch.hypervisor = planned.hypervisor;
  launch.page_order = planned.tdx_page_order;
  launch.processor = planned.processor_id;
  launch.vmm = planned.vmm;
  return launch;
}

bool has_root_image(const provisioner::Intent& intent) {
  return std::any_of(intent.files.begin(), intent.files.end(),
                     [](const auto& file) { return file.role == FileRole::root; });
}

/// Whether "worker" or "worker/0" means this guest.
bool is_meant(const std::optional<std::string>& name, const base::GuestId& guest) {
  return !name || *name == base::name_of(guest.pool) || *name == guest.text();
}

/// Guests of one pool that are launched alike are one planned launch: "acme/worker"; others are named one by one.
std::vector<PlannedLaunch> launches_of(const provisioner::Plan& plan, const ExplainOptions& options,
                                       KnownImages& images, std::optional<std::uint32_t> host_signature) {
  std::vector<PlannedLaunch> launches;
  const std::string tenant = plan.intent.tenant.name;
  for (const GuestIntent& guest : plan.intent.guests) {
    if (!is_meant(options.guest, guest.id)) continue;
    if (!guest.launch)
      throw base::Error(base::Kind::failure, "the plan is not resolved: build the image and plan again");
    const auto alike = [&](const GuestIntent& other) {
      return other.id.pool != guest.id.pool || other.launch == guest.launch;
    };
    const bool all = std::all_of(plan.intent.guests.begin(), plan.intent.guests.end(), alike);
    const std::string name = tenant + "/" + (all ? base::name_of(guest.id.pool) : guest.id.text());
    const auto same = [&](const PlannedLaunch& known) { return known.name == name; };
    if (std::any_of(launches.begin(), launches.end(), same)) continue;
    launches.push_back({name, candidate_of(*guest.launch, images, host_signature)});
    set_td_options(options.td, launches.back().launch);
    MachineOptions machine = options.asked;
    machine.cpu = guest.launch->cpu_model;
    machine.disks = devices_of(guest, has_root_image(plan.intent)).disks;
    add_tables(options, machine, launches.back().launch, images);
  }
  if (launches.empty()) misuse("--guest: the plan has no guest '" + options.guest.value_or("") + "'");
  return launches;
}

ExpectedLaunches from_plan(const ExplainOptions& options, KnownImages& images,
                           std::optional<std::uint32_t> host_signature) {
  const std::string path = options.plan.value_or(options.plans + "/" + options.tenant.value_or("") + ".plan.json");
  ExpectedLaunches expected;
  expected.plan = provisioner::parse_plan(base::read_file(path), path);
  expected.tee = expected.plan->intent.tee;
  expected.launches = launches_of(*expected.plan, options, images, host_signature);
  return expected;
}

}  // namespace

ExpectedLaunches expected_launches(const ExplainOptions& options, KnownImages& images,
                                   std::optional<std::uint32_t> host_signature) {
  const int ways = (options.files.firmware.empty() ? 0 : 1) + (options.plan ? 1 : 0) + (options.tenant ? 1 : 0);
  if (ways != 1) misuse("what was planned? Wanted one of --firmware (with what belongs to it), --plan and --tenant");
  ExpectedLaunches expected;
  if (!options.files.firmware.empty()) expected = from_flags(options, images, host_signature);
  for (const std::string& folder : options.images) images.add_folder(folder);
  if (options.files.firmware.empty()) expected = from_plan(options, images, host_signature);
  return expected;
}

}  // namespace cli
