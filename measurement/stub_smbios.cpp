#include "measurement/smbios.h"
#include "measurement/uki_events.h"

namespace measurement {

std::vector<BootEvent> stub_smbios_events(base::Bytes smbios) {
  constexpr std::size_t wake_up_type = 0x18;
  std::vector<BootEvent> events;
  for (const SmbiosStructure& structure : smbios_structures(smbios)) {
    if (structure.type != 1 && structure.type != 2 && structure.type != 11) continue;
    base::Buffer bytes = base::buffer_of(smbios.subspan(structure.offset, structure.size));
    if (structure.type == 1 && structure.length > wake_up_type) bytes[wake_up_type] = 0;
    events.push_back(make_event(1, "EV_EVENT_TAG", "SMBIOS type " + std::to_string(structure.type),
                                Provenance::vm_shape, digests_of(base::Bytes(bytes))));
  }
  return events;
}

}  // namespace measurement
