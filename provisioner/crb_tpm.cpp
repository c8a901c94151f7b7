#include "provisioner/crb_tpm.h"

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace provisioner {
namespace {

// Registers of locality 0.
constexpr std::uint64_t locality_state = crb_address, locality_control = crb_address + 0x08;
constexpr std::uint64_t control_request = crb_address + 0x40, control_start = crb_address + 0x4c;
constexpr std::uint64_t buffer = crb_address + 0x80;
constexpr std::size_t header_size = 10, largest_response = 4096;
constexpr std::uint32_t command_pcr_read = 0x17e;
constexpr std::uint16_t no_sessions = 0x8001;
constexpr unsigned most_polls = 20'000;

void append_big_endian(base::Buffer& to, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void wait_until_idle(MachineBus& bus) {
  for (unsigned i = 0; i < most_polls; ++i)
    if ((bus.load(control_start) & 1U) == 0) return;
  throw base::Error(base::Kind::malformed, "TPM: a command does not end");
}

}  // namespace

base::Buffer crb_execute(MachineBus& bus, base::Bytes command) {
  wait_until_idle(bus);
  bus.store(locality_control, 1);  // requestAccess
  if ((bus.load(locality_state) & 2U) == 0)
    throw base::Error(base::Kind::malformed, "TPM: locality 0 is not granted; is there a tpm-crb device?");
  bus.store(control_request, 1);  // cmdReady
  bus.write(buffer, command);
  bus.store(control_start, 1);
  wait_until_idle(bus);
  const base::Buffer head = bus.read(buffer, header_size);
  base::ByteReader header("TPM response", head);
  header.skip(2);
  const auto size = header.take_big_endian<std::uint32_t>();
  if (size < header_size || size > largest_response) header.fail("size " + std::to_string(size));
  return bus.read(buffer, size);
}

base::Buffer pcr_read_command(std::uint16_t algorithm, unsigned pcr) {
  base::Buffer command;
  append_big_endian(command, no_sessions, 2);
  append_big_endian(command, 20, 4);
  append_big_endian(command, command_pcr_read, 4);
  append_big_endian(command, 1, 4);  // one selection
  append_big_endian(command, algorithm, 2);
  command.push_back(3);
  for (unsigned i = 0; i < 3; ++i) command.push_back(static_cast<std::uint8_t>(pcr / 8 == i ? 1U << pcr % 8 : 0U));
  return command;
}

std::optional<base::Buffer> pcr_read_digest(base::Bytes response, std::size_t size) {
  base::ByteReader reader("TPM2_PCR_Read response", response);
  if (reader.take_big_endian<std::uint16_t>() != no_sessions) reader.fail("tag is not TPM_ST_NO_SESSIONS");
  if (reader.take_big_endian<std::uint32_t>() != response.size()) reader.fail("size is not that of the response");
  if (const auto code = reader.take_big_endian<std::uint32_t>(); code != 0)
    reader.fail("response code " + base::hex_number(code));
  reader.skip(4);  // update counter
  const auto selections = reader.take_big_endian<std::uint32_t>();
  if (selections > 1) reader.fail(std::to_string(selections) + " selections, wanted at most 1");
  if (selections == 1) {
    reader.skip(2);
    reader.skip(reader.take<std::uint8_t>());
  }
  const auto digests = reader.take_big_endian<std::uint32_t>();
  if (digests > 1) reader.fail(std::to_string(digests) + " digests, wanted at most 1");
  std::optional<base::Buffer> digest;
  if (digests == 1) {
    const auto got = reader.take_big_endian<std::uint16_t>();
    if (got != size) reader.fail("digest of " + std::to_string(got) + " bytes, wanted " + std::to_string(size));
    digest = base::buffer_of(reader.take(got));
  }
  reader.expect_end();
  return digest;
}

measurement::PcrValues read_pcrs(MachineBus& bus) {
  measurement::PcrValues values;
  for (unsigned pcr = 0; pcr < 24; ++pcr) {
    if (const auto digest = pcr_read_digest(crb_execute(bus, pcr_read_command(0x0b, pcr)), base::Sha256::size))
      values.sha256[pcr] = base::Sha256::from(*digest);
    if (const auto digest = pcr_read_digest(crb_execute(bus, pcr_read_command(0x0c, pcr)), base::Sha384::size))
      values.sha384[pcr] = base::Sha384::from(*digest);
  }
  return values;
}

}  // namespace provisioner
