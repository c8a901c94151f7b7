#pragma once
#include <vector>

#include "measurement/boot_events.h"

namespace forge {

/// `own`, the event log of the machine the forger runs on, with the digests of every predicted event put in place of
/// the forger's own, register by register and in order. Whoever replays it finds the victim's PCR values.
/// @throws base::Error{failure} when the forger's boot has another number of events than the victim's
base::Buffer imitated_event_log(base::Bytes own, const std::vector<measurement::BootEvent>& predicted);

}  // namespace forge
