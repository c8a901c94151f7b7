#include "measurement/tcg_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t no_action = 3;
constexpr std::uint16_t sha256_id = 0x0b, sha384_id = 0x0c;
constexpr std::string_view spec_id_signature = "Spec ID Event03\0"sv;
constexpr std::string_view startup_locality = "StartupLocality\0"sv;
constexpr std::uint32_t most_algorithms = 8;

struct Algorithm {
  std::uint16_t id = 0, size = 0;
};

// TPM 2.0 Library part 2, section 6.3.
std::optional<std::uint16_t> digest_size(std::uint16_t id) {
  switch (id) {
    case 0x04:
      return 20;
    case sha256_id:
    case 0x12:  // SM3
      return 32;
    case sha384_id:
      return 48;
    case 0x0d:
      return 64;
    default:
      return std::nullopt;
  }
}

std::vector<Algorithm> read_algorithms(base::ByteReader& spec) {
  if (base::text_of(spec.take(16)) != spec_id_signature) spec.fail("signature is not 'Spec ID Event03'");
  spec.skip(8);  // platform class, version, errata, size of UINTN
  const auto count = spec.take<std::uint32_t>();
  if (count == 0 || count > most_algorithms)
    spec.fail(std::to_string(count) + " digest algorithms, wanted 1 to " + std::to_string(most_algorithms));
  std::vector<Algorithm> algorithms;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto id = spec.take<std::uint16_t>();
    const auto size = spec.take<std::uint16_t>();
    const auto known = digest_size(id);
    if (size == 0 || size > 64 || (known && *known != size))
      spec.fail("algorithm " + base::hex_number(id) + " with digests of " + std::to_string(size) + " bytes");
    algorithms.push_back({id, size});
  }
  spec.skip(spec.take<std::uint8_t>());  // vendor info
  spec.expect_end();
  return algorithms;
}

// The first record has the layout of TPM 1.2: index, type, SHA-1 digest, size, data.
std::vector<Algorithm> read_spec_id(base::ByteReader& reader) {
  reader.skip(4);
  const auto type = reader.take<std::uint32_t>();
  if (type != no_action) reader.fail("first record has type " + event_type_name(type) + ", wanted EV_NO_ACTION");
  reader.skip(20);
  const auto size = reader.take<std::uint32_t>();
  const std::size_t start = reader.offset();
  base::ByteReader spec("event log's Spec ID record", reader.take(size), start);
  return read_algorithms(spec);
}

void read_digests(base::ByteReader& reader, const std::vector<Algorithm>& algorithms, LogEvent& event) {
  const auto count = reader.take<std::uint32_t>();
  if (count != algorithms.size())
    reader.fail(std::to_string(count) + " digests, wanted " + std::to_string(algorithms.size()) +
                " as the Spec ID record says");
  std::set<std::uint16_t> seen;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto id = reader.take<std::uint16_t>();
    const auto known =
        std::find_if(algorithms.begin(), algorithms.end(), [id](const Algorithm& a) { return a.id == id; });
    if (known == algorithms.end() || !seen.insert(id).second)
      reader.fail("digest algorithm " + base::hex_number(id) + " is repeated or not in the Spec ID record");
    const base::Bytes digest = reader.take(known->size);
    if (id == sha256_id) event.sha256 = base::Sha256::from(digest);
    if (id == sha384_id) event.sha384 = base::Sha384::from(digest);
  }
}

bool at_end(base::Bytes rest) {
  if (rest.empty()) return true;
  constexpr std::array<std::uint8_t, 8> remark{0xff, 0xff, 0xff, 0xff, no_action, 0, 0, 0};
  if (rest.size() >= remark.size() && std::equal(remark.begin(), remark.end(), rest.begin())) return false;
  const auto all = [rest](std::size_t count, std::uint8_t value) {
    return std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(std::min(count, rest.size())),
                       [value](std::uint8_t byte) { return byte == value; });
  };
  return all(4, 0xff) || all(rest.size(), 0);
}

template <typename Value, typename Hash>
void extend(std::map<unsigned, Value>& registers, unsigned pcr, const std::optional<Value>& digest, Hash hash) {
  if (!digest) return;
  base::Buffer both = base::buffer_of(registers[pcr].view());
  base::append(both, digest->view());
  registers[pcr] = hash(both);
}

}  // namespace

EventLog parse_event_log(base::Bytes bytes) {
  base::ByteReader reader("event log", bytes);
  const std::vector<Algorithm> algorithms = read_spec_id(reader);
  EventLog log;
  for (const Algorithm& algorithm : algorithms) log.algorithms.push_back(algorithm.id);
  while (!at_end(bytes.subspan(reader.offset()))) {
    LogEvent event;
    event.offset = reader.offset();
    event.pcr = reader.take<std::uint32_t>();
    event.type = reader.take<std::uint32_t>();
    read_digests(reader, algorithms, event);
    event.data = base::buffer_of(reader.take(reader.take<std::uint32_t>()));
    log.events.push_back(std::move(event));
  }
  return log;
}

PcrValues replay(const EventLog& log) {
  PcrValues values;
  for (const LogEvent& event : log.events) {
    if (event.type == no_action) {
      const bool locality = event.data.size() == startup_locality.size() + 1 &&
                            base::text_of(base::Bytes(event.data).first(startup_locality.size())) == startup_locality;
      if (!locality || event.pcr != 0) continue;
      values.sha256[0].bytes.back() = event.data.back();
      values.sha384[0].bytes.back() = event.data.back();
      continue;
    }
    extend(values.sha256, event.pcr, event.sha256, base::sha256);
    extend(values.sha384, event.pcr, event.sha384, base::sha384);
  }
  return values;
}

}  // namespace measurement
