#pragma once
#include <array>
#include <map>
#include <vector>

#include "base/digest.h"
#include "base/units.h"

namespace measurement {

/// The hash a Realm is measured with; the values are those of its parameters.
enum class RealmHash : std::uint8_t { sha256 = 0, sha512 = 1 };
/// A measurement of a Realm: 64 bytes, of which SHA-256 uses the first 32.
using RealmMeasurement = base::Digest<struct RealmMeasurementTag, 64>;

/// What the host asks the Realm Management Monitor for. Counts are as people count them.
struct RealmParameters {
  RealmHash hash = RealmHash::sha256;
  unsigned ipa_bits = 48;     ///< 25 to 52
  unsigned breakpoints = 2;   ///< 2 to 64
  unsigned watchpoints = 2;   ///< 2 to 64
  unsigned sve_bits = 0;      ///< vector length: 0 for none, else a multiple of 128 to 2048
  unsigned pmu_counters = 0;  ///< 0 to 31
  bool pmu = false, lpa2 = false;
};

/// A Realm before its first instruction.
struct Realm {
  RealmParameters parameters;
  std::map<std::uint64_t, std::uint64_t> memory;  ///< ranges that become RAM: address to size, whole granules
  std::map<std::uint64_t, base::Bytes> images;    ///< measured contents by address
  std::uint64_t entry = 0;                        ///< the first processor's program counter
  std::array<std::uint64_t, 8> arguments{};       ///< its x0 to x7
};

/// The Realm Initial Measurement: RAM, then contents in ascending order, then the first processor, as KVM's hosts do
/// it. Source: Arm DEN0137 1.0-rel0 (Realm Management Monitor), sections B4.3.9.4, B4.3.1.4, B4.3.12.4 and B4.3.20.4.
/// @throws base::Error{malformed} for parameters out of range, and ranges that are not whole 4096-byte granules
RealmMeasurement realm_initial_measurement(const Realm& realm);

}  // namespace measurement
