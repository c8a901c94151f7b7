#pragma once
#include "measurement/explain.h"

/// The parts variations() is made of: one function for each input.
namespace measurement {

struct Around {
  const LaunchCandidate& planned;
  const KnownFiles& files;
  std::optional<std::uint32_t> host_signature;
};
using Changes = std::vector<Change>;

/// What follows from the machine and its hypervisor, and shows in registers that are extended event by event.
/// @{
void vary_page_order(const Around& around, Changes& changes);
void vary_memory(const Around& around, Changes& changes);
/// Only where the tables follow the shape: nothing else of such a launch shows the number of vCPUs.
void vary_vcpus(const Around& around, Changes& changes);
void vary_tables(const Around& around, Changes& changes);
void vary_machine(const Around& around, Changes& changes);
void vary_hypervisor(const Around& around, Changes& changes);
void vary_generation(const Around& around, Changes& changes);
void vary_initrd_word(const Around& around, Changes& changes);
void vary_processor(const Around& around, Changes& changes);
/// @}

}  // namespace measurement
