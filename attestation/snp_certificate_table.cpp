#include "attestation/snp_certificate_table.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/uuid.h"

namespace attestation {
namespace {

constexpr std::size_t most_entries = 64;

struct Entry {
  base::Uuid guid;  ///< in the order of its text, not as EFI stores GUIDs
  base::le32 offset, length;
};
static_assert(sizeof(Entry) == 24);

struct KnownGuid {
  std::string_view guid, kind;
};
constexpr std::array known{KnownGuid{"c0b406a4-a803-4952-9743-3fb6014cd0ae", "ARK"},
                           KnownGuid{"4ab7b379-bbac-4fe4-a02f-05aef327c782", "ASK"},
                           KnownGuid{"63da758d-e664-4564-adc5-f4b93be8accd", "VCEK"},
                           KnownGuid{"a8074bc2-a25a-483e-aae6-39c045a0b8a1", "VLEK"},
                           KnownGuid{"92f81bc3-5811-4d3d-97ff-d19f88dc67ea", "CRL"}};

const KnownGuid* find_known(std::string_view guid) {
  const auto* const found = std::ranges::find(known, guid, &KnownGuid::guid);
  return found == known.end() ? nullptr : found;
}

void append(base::X509Objects& to, base::X509Objects&& from) {
  to.certificates.insert(to.certificates.end(), from.certificates.begin(), from.certificates.end());
  to.revocation_lists.insert(to.revocation_lists.end(), from.revocation_lists.begin(), from.revocation_lists.end());
}

}  // namespace

std::vector<SnpCertificateEntry> read_snp_certificate_table(base::Bytes table) {
  base::ByteReader reader("SNP certificate table", table);
  std::vector<SnpCertificateEntry> entries;
  while (true) {
    const auto entry = reader.take<Entry>();
    const std::size_t offset = entry.offset.value(), length = entry.length.value();
    if (std::ranges::all_of(base::layout_bytes(entry), [](std::uint8_t byte) { return byte == 0; })) return entries;
    const std::string guid = base::uuid_text(entry.guid);
    if (offset > table.size() || length > table.size() - offset)
      reader.fail("certificate " + guid + " at " + base::hex_number(offset) + " of " + std::to_string(length) +
                  " bytes, wanted within the table's " + std::to_string(table.size()));
    if (entries.size() == most_entries) reader.fail("more than 64 entries");
    const KnownGuid* const named = find_known(guid);
    entries.push_back({guid, named == nullptr ? guid : std::string(named->kind), table.subspan(offset, length)});
  }
}

base::X509Objects snp_table_objects(base::Bytes table) {
  base::X509Objects objects;
  for (const SnpCertificateEntry& entry : read_snp_certificate_table(table))
    if (find_known(entry.guid) != nullptr && !entry.data.empty())
      append(objects, base::parse_x509(entry.data, "SNP certificate table: " + entry.kind));
  return objects;
}

bool is_snp_certificate_table(base::Bytes bytes) {
  base::Uuid guid{};
  if (bytes.size() < sizeof(Entry)) return false;
  std::copy_n(bytes.begin(), guid.size(), guid.begin());
  return find_known(base::uuid_text(guid)) != nullptr;
}

}  // namespace attestation
