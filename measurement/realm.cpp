#include "measurement/realm.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::uint64_t granule = 4096;
constexpr std::uint64_t measure_content = 1, runnable = 1;

struct Parameters {
  base::le64 flags, ipa_bits, sve_quadwords, breakpoints, watchpoints, pmu_counters, hash;
  std::array<std::uint8_t, 4040> zeros;
};
static_assert(sizeof(Parameters) == granule && offsetof(Parameters, hash) == 0x30);

struct Processor {
  base::le64 flags;
  std::array<std::uint8_t, 0x1f8> zeros;
  base::le64 entry;
  std::array<std::uint8_t, 0xf8> more_zeros;
  std::array<base::le64, 8> arguments;
  std::array<std::uint8_t, 0xcc0> last_zeros;
};
static_assert(sizeof(Processor) == granule && offsetof(Processor, entry) == 0x200 &&
              offsetof(Processor, arguments) == 0x300);

/// Data: address, flags, digest of the content. Processor: its digest. RAM: first and end address.
struct Descriptor {
  base::le64 type, length;
  std::array<std::uint8_t, 64> measurement;
  std::array<std::uint8_t, 176> body;
};
static_assert(sizeof(Descriptor) == 256 && offsetof(Descriptor, body) == 0x50);
enum class Kind : std::uint64_t { data = 0, processor = 1, memory = 2 };

[[noreturn]] void refuse(const std::string& what, std::uint64_t got, const std::string& wanted) {
  throw base::Error(base::Kind::malformed, "realm: " + what + ": got " + std::to_string(got) + ", wanted " + wanted);
}

void check(const RealmParameters& p) {
  if (p.ipa_bits < 25 || p.ipa_bits > 52) refuse("IPA bits", p.ipa_bits, "25 to 52");
  if (p.breakpoints < 2 || p.breakpoints > 64) refuse("breakpoints", p.breakpoints, "2 to 64");
  if (p.watchpoints < 2 || p.watchpoints > 64) refuse("watchpoints", p.watchpoints, "2 to 64");
  if (p.pmu_counters > 31) refuse("PMU counters", p.pmu_counters, "0 to 31");
  if (p.sve_bits % 128 != 0 || p.sve_bits > 2048) refuse("SVE bits", p.sve_bits, "a multiple of 128 up to 2048");
}

/// Sizes of the blocks a translation table of that width maps, largest first. The first level is concatenated where it
/// would have at most 16 entries.
std::vector<std::uint64_t> block_sizes(unsigned ipa_bits) {
  const unsigned table_bits = ipa_bits - 12;
  unsigned levels = (table_bits + 8) / 9;
  if (table_bits - 9 * (levels - 1) <= 4) --levels;
  std::vector<std::uint64_t> sizes;
  for (unsigned level = levels; level-- > 0;) sizes.push_back(granule << (9 * level));
  return sizes;
}

class Measurement {
 public:
  explicit Measurement(const RealmParameters& parameters)
      : hash_(parameters.hash), blocks_(block_sizes(parameters.ipa_bits)) {
    Parameters layout{};
    layout.flags = (parameters.lpa2 ? 1U : 0U) | (parameters.sve_bits != 0 ? 2U : 0U) | (parameters.pmu ? 4U : 0U);
    layout.ipa_bits = parameters.ipa_bits;
    layout.sve_quadwords = parameters.sve_bits == 0 ? 0 : parameters.sve_bits / 128 - 1;
    layout.breakpoints = parameters.breakpoints - 1;
    layout.watchpoints = parameters.watchpoints - 1;
    layout.pmu_counters = parameters.pmu_counters;
    layout.hash = static_cast<std::uint64_t>(parameters.hash);
    value_ = digest(base::layout_bytes(layout));
  }
  void add_memory(std::uint64_t start, std::uint64_t size) {
    if (size == 0 || (start | size) % granule != 0)
      refuse("memory at " + base::hex_number(start), size, "whole granules of 4096 bytes");
    for (std::uint64_t at = start; at < start + size;) {
      const auto fits = [&](std::uint64_t block) { return at % block == 0 && start + size - at >= block; };
      const std::uint64_t block = *std::find_if(blocks_.begin(), blocks_.end(), fits);
      extend(Kind::memory, numbers({at, at + block}));
      at += block;
    }
  }
  // Granules that the content covers in part are zero elsewhere.
  void add_content(std::uint64_t address, base::Bytes content) {
    base::Buffer padded(address % granule);
    base::append(padded, content);
    padded.resize((padded.size() + granule - 1) / granule * granule);
    for (std::size_t offset = 0; offset < padded.size(); offset += granule) {
      base::Buffer body = numbers({address - address % granule + offset, measure_content});
      base::append(body, digest(base::Bytes(padded).subspan(offset, granule)).view());
      extend(Kind::data, body);
    }
  }
  void add_processor(std::uint64_t entry, const std::array<std::uint64_t, 8>& arguments) {
    Processor layout{};
    layout.flags = runnable;
    layout.entry = entry;
    std::copy(arguments.begin(), arguments.end(), layout.arguments.begin());
    extend(Kind::processor, base::buffer_of(digest(base::layout_bytes(layout)).view()));
  }
  [[nodiscard]] const RealmMeasurement& value() const { return value_; }

 private:
  static base::Buffer numbers(std::array<std::uint64_t, 2> values) {
    base::Buffer bytes;
    for (const std::uint64_t value : values) base::append(bytes, base::layout_bytes(base::le64(value)));
    return bytes;
  }
  [[nodiscard]] RealmMeasurement digest(base::Bytes bytes) const {
    base::Hasher hasher(hash_ == RealmHash::sha256 ? base::Hasher::Algorithm::sha256 : base::Hasher::Algorithm::sha512);
    hasher.update(bytes);
    base::Buffer value = std::move(hasher).finish();
    value.resize(RealmMeasurement::size);
    return RealmMeasurement::from(value);
  }
  void extend(Kind kind, const base::Buffer& body) {
    Descriptor descriptor{static_cast<std::uint64_t>(kind), std::uint64_t{sizeof(Descriptor)}, value_.bytes, {}};
    std::copy(body.begin(), body.end(), descriptor.body.begin());
    value_ = digest(base::layout_bytes(descriptor));
  }

  RealmHash hash_;
  std::vector<std::uint64_t> blocks_;
  RealmMeasurement value_;
};

}  // namespace

RealmMeasurement realm_initial_measurement(const Realm& realm) {
  check(realm.parameters);
  Measurement measurement(realm.parameters);
  for (const auto& [start, size] : realm.memory) measurement.add_memory(start, size);
  for (const auto& [address, content] : realm.images) measurement.add_content(address, content);
  measurement.add_processor(realm.entry, realm.arguments);
  return measurement.value();
}

}  // namespace measurement
