#include "measurement/kernel_hashes.h"

#include <algorithm>
#include <array>

#include "base/crypto.h"
#include "base/error.h"

namespace measurement {
namespace {

struct Entry {
  std::array<std::uint8_t, 16> guid;
  base::le16 length;
  std::array<std::uint8_t, 32> hash;
};
static_assert(sizeof(Entry) == 50);

struct Table {
  std::array<std::uint8_t, 16> guid;
  base::le16 length;
  Entry command_line, initrd, kernel;
  std::array<std::uint8_t, 8> padding;
};
static_assert(sizeof(Table) == 176 && offsetof(Table, kernel) == 118);

Entry entry(std::string_view guid, const base::Sha256& hash) {
  return {base::guid_bytes(guid), std::uint16_t{sizeof(Entry)}, hash.bytes};
}

}  // namespace

KernelHashes kernel_hashes(const base::Sha256& kernel, const std::optional<base::Sha256>& initrd,
                           std::string_view command_line) {
  base::Buffer terminated = base::buffer_of(base::bytes_of(command_line));
  terminated.push_back(0);
  return {kernel, initrd ? *initrd : base::sha256({}), base::sha256(terminated)};
}

base::Buffer kernel_hashes_table(const KernelHashes& hashes) {
  const Table table{base::guid_bytes("9438d606-4f22-4cc9-b479-a793d411fd21"),
                    std::uint16_t{sizeof(Table) - 8},
                    entry("97d02dd8-bd20-4c94-aa78-e7714d36ab2a", hashes.command_line),
                    entry("44baf731-3a2f-4bd7-9af1-41e29169781d", hashes.initrd),
                    entry("4de79437-abd2-427f-b835-d5b172d2045b", hashes.kernel),
                    {}};
  return base::buffer_of(base::layout_bytes(table));
}

base::Buffer kernel_hashes_page(const KernelHashes& hashes, std::size_t offset) {
  base::Buffer page(4096);
  if (offset > page.size() - sizeof(Table))
    throw base::Error(base::Kind::malformed, "kernel hashes: table at page offset " + base::hex_number(offset) +
                                                 ", wanted at most " + base::hex_number(page.size() - sizeof(Table)));
  std::ranges::copy(kernel_hashes_table(hashes), page.begin() + static_cast<std::ptrdiff_t>(offset));
  return page;
}

}  // namespace measurement
