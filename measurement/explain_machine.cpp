#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "measurement/explain_changes.h"

namespace measurement {
namespace {

std::string text_of(PageOrder order) {
  return order == PageOrder::single_pass ? "page by page" : "in two passes";
}

std::string text_of(const HypervisorVersion& version) {
  if (version == HypervisorVersion{}) return "not known";
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::string vcpus_text(unsigned count) {
  return std::to_string(count) + (count == 1 ? " vCPU" : " vCPUs");
}

/// CPUID.1 EAX and EDX as a person reads them.
std::string text_of(const ProcessorId& id) {
  const auto word = [&id](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(id[at + i]) << (8 * i);
    return base::hex_number(value);
  };
  return word(0) + ":" + word(4);
}

}  // namespace

void vary_page_order(const Around& around, Changes& changes) {
  const PageOrder planned = around.planned.page_order;
  const PageOrder other = planned == PageOrder::single_pass ? PageOrder::two_pass : PageOrder::single_pass;
  changes.push_back({Input::page_order, "pages added " + text_of(other) + " (planned: " + text_of(planned) + ")",
                     [other](LaunchCandidate& candidate) { candidate.page_order = other; }});
}

void vary_memory(const Around& around, Changes& changes) {
  constexpr std::uint64_t sizes[] = {512,  1024,  1536,  2048,  2560,  2816,  3072,  4096,   6144,
                                     8192, 12288, 16384, 24576, 32768, 49152, 65536, 131072, 262144};
  for (const std::uint64_t size : sizes) {
    if (size == around.planned.memory.count) continue;
    changes.push_back(
        {Input::memory,
         std::to_string(size) + " MiB of memory (planned " + std::to_string(around.planned.memory.count) + " MiB)",
         [size](LaunchCandidate& candidate) { candidate.memory = base::MiB{size}; }});
  }
}

void vary_vcpus(const Around& around, Changes& changes) {
  constexpr unsigned counts[] = {1, 2, 4, 8, 3, 6, 16, 5, 7, 10, 12, 14, 20, 24, 32, 40, 48, 56, 64, 96, 112, 128};
  const LaunchCandidate& planned = around.planned;
  if (!planned.tables || !around.files.tables[*planned.tables].follow_the_shape) return;
  for (const unsigned count : counts) {
    if (count == planned.vcpus) continue;
    changes.push_back({Input::vcpus, vcpus_text(count) + " (planned " + std::to_string(planned.vcpus) + ")",
                       [count](LaunchCandidate& candidate) { candidate.vcpus = count; }});
  }
}

void vary_tables(const Around& around, Changes& changes) {
  const std::vector<KnownTables>& known = around.files.tables;
  const std::string planned = around.planned.tables ? known[*around.planned.tables].name : "not known";
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i == around.planned.tables) continue;
    changes.push_back({Input::tables, "ACPI tables " + known[i].name + " (planned: " + planned + ")",
                       [i](LaunchCandidate& candidate) { candidate.tables = i; }});
  }
}

/// QEMU's machine types since TDX guests can be made, with those its forks for TDX were made of.
void vary_machine(const Around& around, Changes& changes) {
  constexpr const char* machines[] = {"pc-q35-7.2",  "pc-q35-8.0",  "pc-q35-8.1",  "pc-q35-8.2",
                                      "pc-q35-9.0",  "pc-q35-9.1",  "pc-q35-9.2",  "pc-q35-10.0",
                                      "pc-q35-10.1", "pc-q35-10.2", "pc-q35-11.0", "pc-q35-11.1"};
  for (const std::string machine : machines) {
    if (machine == around.planned.machine) continue;
    changes.push_back({Input::machine, "machine type " + machine + " (planned: " + around.planned.machine + ")",
                       [machine](LaunchCandidate& candidate) { candidate.machine = machine; }});
  }
}

/// QEMU began to hand over the kernel as it is on disk with 10.0, and for every TD with 10.2.
void vary_hypervisor(const Around& around, Changes& changes) {
  constexpr HypervisorVersion versions[] = {{9, 2}, {10, 0}, {10, 2}};
  for (const HypervisorVersion version : versions) {
    if (version == around.planned.hypervisor) continue;
    const std::string range = version < HypervisorVersion{10, 0}   ? "a QEMU before 10.0"
                              : version < HypervisorVersion{10, 2} ? "QEMU 10.0 or 10.1"
                                                                   : "QEMU 10.2 or later";
    changes.push_back({Input::hypervisor, range + " (planned: " + text_of(around.planned.hypervisor) + ")",
                       [version](LaunchCandidate& candidate) { candidate.hypervisor = version; }});
  }
}

void vary_generation(const Around& around, Changes& changes) {
  const auto planned = around.planned.generation;
  const std::string was = planned ? std::string(name_of(*planned)) : "as its image says";
  for (const FirmwareGeneration generation : {FirmwareGeneration::from_202411, FirmwareGeneration::before_202411,
                                              FirmwareGeneration::from_202505, FirmwareGeneration::from_202605}) {
    if (generation == planned) continue;
    changes.push_back({Input::generation,
                       "firmware that behaves as " + std::string(name_of(generation)) + " (planned: " + was + ")",
                       [generation](LaunchCandidate& candidate) { candidate.generation = generation; }});
  }
}

void vary_initrd_word(const Around& around, Changes& changes) {
  const auto planned = around.planned.initrd_word;
  for (const InitrdWord word : {InitrdWord::prefix, InitrdWord::suffix}) {
    if (word == planned) continue;
    const std::string place = word == InitrdWord::prefix ? "before" : "after";
    changes.push_back({Input::initrd_word,
                       "firmware that puts initrd=initrd " + place + " the command line (planned: as its image says)",
                       [word](LaunchCandidate& candidate) { candidate.initrd_word = word; }});
  }
}

/// CPUID.1 EAX of the processors that have TDX. Source: Linux arch/x86/include/asm/intel-family.h; steppings on sale.
/// EDX stays the planned one, or is that of the one TD whose tables are public (chutesai, Emerald Rapids).
void vary_processor(const Around& around, Changes& changes) {
  struct Processor {
    std::uint32_t signature;
    const char* name;
  };
  constexpr Processor processors[] = {{0x806f8, "Sapphire Rapids"},
                                      {0xc06f2, "Emerald Rapids"},
                                      {0xa06d1, "Granite Rapids"},
                                      {0xa06f3, "Sierra Forest"}};
  constexpr ProcessorId emerald_rapids{0xf2, 0x06, 0x0c, 0x00, 0xff, 0xfb, 0xa9, 0x1f};
  const auto planned = around.planned.processor;
  const std::string was = planned ? text_of(*planned) : "that of the tables";
  for (const Processor& processor : processors) {
    ProcessorId id = planned.value_or(emerald_rapids);
    for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(processor.signature >> (8 * i));
    if (id == planned) continue;
    changes.push_back({Input::processor,
                       std::string("processor ") + processor.name + ", " + text_of(id) + " (planned: " + was + ")",
                       [id](LaunchCandidate& candidate) { candidate.processor = id; }});
  }
}

}  // namespace measurement
