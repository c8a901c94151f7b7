#include <algorithm>

#include "base/authenticode.h"
#include "base/byte_reader.h"
#include "base/encoding.h"
#include "measurement/pe_image.h"
#include "measurement/secure_boot.h"

namespace measurement {
namespace {

constexpr std::string_view x509_guid = "a5c059a1-94e4-4aa7-87b5-ab155c2bf072";
constexpr std::string_view sha256_guid = "c1c41626-504c-4092-aca9-41f936934328";
constexpr std::size_t owner_size = 16;

// EFI_SIGNATURE_LIST; a header of its own size and the entries follow.
struct ListHeader {
  std::array<std::uint8_t, 16> type;
  base::le32 list_size, header_size, entry_size;
};
static_assert(sizeof(ListHeader) == 28);

struct Entry {
  std::string type;
  base::Bytes bytes;  ///< EFI_SIGNATURE_DATA: owner, then certificate or digest
  [[nodiscard]] base::Bytes data() const { return bytes.subspan(owner_size); }
};

std::vector<Entry> entries_of(base::Bytes db) {
  base::ByteReader reader("db", db);
  std::vector<Entry> entries;
  while (!reader.done()) {
    const auto header = reader.take<ListHeader>();
    const std::size_t entry_size = header.entry_size.value();
    if (header.list_size.value() < sizeof(ListHeader) || entry_size < owner_size)
      reader.fail("list of " + std::to_string(header.list_size.value()) + " bytes with entries of " +
                  std::to_string(entry_size));
    base::ByteReader list("db", reader.take(header.list_size.value() - sizeof(ListHeader)), reader.offset());
    list.skip(header.header_size.value());
    while (!list.done()) entries.push_back({base::guid_text(header.type), list.take(entry_size)});
  }
  return entries;
}

bool is_about(base::Bytes signature, const BankDigests& image) {
  const auto digest = base::authenticode_digest(signature);
  return digest && (*digest == base::buffer_of(image.sha256.view()) || *digest == base::buffer_of(image.sha384.view()));
}

}  // namespace

base::Buffer db_entry_of(base::Bytes image, const VariableStore& store) {
  const BankDigests digests = authenticode_digests(image);
  const std::vector<Entry> entries = entries_of(store.data(image_security_guid, "db"));
  for (const base::Bytes signature : pe_signatures(image)) {
    if (!is_about(signature, digests)) continue;
    for (const Entry& entry : entries)
      if (entry.type == x509_guid && base::authenticode_signed_under(signature, entry.data()))
        return base::buffer_of(entry.bytes);
  }
  const base::Buffer digest = base::buffer_of(digests.sha256.view());
  for (const Entry& entry : entries)
    if (entry.type == sha256_guid && base::buffer_of(entry.data()) == digest) return base::buffer_of(entry.bytes);
  return {};
}

}  // namespace measurement
