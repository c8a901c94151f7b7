#include <algorithm>

#include "base/error.h"
#include "base/uuid.h"
#include "measurement/corim.h"
#include "measurement/corim_labels.h"

namespace measurement {
namespace {

using base::Cbor;

void add_part(std::string& path, const std::string& part) {
  path += (path.empty() ? "" : "/") + part;
}
void add_text(std::string& path, const Cbor* part) {
  if (part != nullptr && part->is_text()) add_part(path, part->text());
}

/// A measured element's key: text, a number ("claim7") or a UUID; others are no part of the name.
void add_key(std::string& path, const Cbor& key) {
  if (key.is_text()) add_part(path, key.text());
  if (key.is_integer()) add_part(path, "claim" + std::to_string(key.integer()));
  const Cbor* const uuid = key.untagged(labels::uuid_tag);
  if (uuid == nullptr) return;
  const base::Buffer& bytes = uuid->bytes();
  base::Uuid sixteen{};
  if (bytes.size() != sixteen.size())
    throw base::Error(base::Kind::malformed, "CoRIM: a UUID of " + std::to_string(bytes.size()) + " bytes, wanted 16");
  std::copy(bytes.begin(), bytes.end(), sixteen.begin());
  add_part(path, base::uuid_text(sixteen));
}

std::vector<base::Buffer> digests_of(const Cbor& list) {
  std::vector<base::Buffer> digests;
  for (const Cbor& digest : list.array()) {
    if (digest.array().size() != 2)
      throw base::Error(base::Kind::malformed, "CoRIM: a digest of " + std::to_string(digest.array().size()) +
                                                   " members, wanted algorithm and value");
    digests.push_back(digest.array()[1].bytes());
  }
  return digests;
}

void add_triple(CorimDocument& document, const Cbor& triple) {
  const Cbor::Array& parts = triple.array();
  if (parts.size() != 2)
    throw base::Error(base::Kind::malformed, "CoRIM: a reference triple of " + std::to_string(parts.size()) +
                                                 " members, wanted environment and measurements");
  std::string environment;
  if (const Cbor* const where = parts[0].find(labels::environment_class)) {
    add_text(environment, where->find(labels::class_vendor));
    add_text(environment, where->find(labels::class_model));
  }
  for (const Cbor& found : parts[1].array()) {
    const Cbor& value = found.at(labels::measurement_value);
    std::string path = environment;
    if (const Cbor* const key = found.find(labels::measurement_key)) add_key(path, *key);
    add_text(path, value.find(labels::value_name));
    add_text(path, value.find(labels::value_serial));
    if (const Cbor* const digests = value.find(labels::value_digests))
      document.values.push_back({path + "/digests", digests_of(*digests)});
  }
}

/// Drops the tags older drafts put around a CoRIM.
base::Bytes without_outer_tags(base::Bytes bytes) {
  for (const std::uint64_t tag : labels::outer_tags) {
    base::Buffer head = Cbor::tagged(tag, {}).encoded();
    head.pop_back();
    if (bytes.size() > head.size() && std::equal(head.begin(), head.end(), bytes.begin()))
      bytes = bytes.subspan(head.size());
  }
  return bytes;
}

std::string text_of_id(const Cbor& id) {
  return id.is_text() ? id.text() : base::hex(id.bytes());
}

void read_map(CorimDocument& document, const Cbor& item) {
  const Cbor* const map = item.untagged(labels::unsigned_corim_tag);
  if (map == nullptr) throw base::Error(base::Kind::malformed, "CoRIM: wanted CBOR tag 501");
  document.id = text_of_id(map->at(labels::corim_id));
  for (const Cbor& tag : map->at(labels::corim_tags).array()) {
    const Cbor* const encoded = tag.untagged(labels::comid_tag);
    if (encoded == nullptr) continue;  // CoSWID and trust lists hold no reference values of ours
    const Cbor comid = Cbor::parse(encoded->bytes(), "CoMID");
    const Cbor* const references = comid.at(labels::comid_triples).find(labels::reference_triples);
    if (references == nullptr) continue;
    for (const Cbor& triple : references->array()) add_triple(document, triple);
  }
}

}  // namespace

CorimDocument parse_corim(base::Bytes bytes, std::string_view name) {
  const Cbor item = Cbor::parse(without_outer_tags(bytes), name);
  CorimDocument document;
  if (item.untagged(labels::unsigned_corim_tag) != nullptr) {
    read_map(document, item);
    return document;
  }
  document.signature = base::CoseSign1::from_item(item);
  read_map(document, Cbor::parse(document.signature->payload, "CoRIM in " + std::string(name)));
  return document;
}

}  // namespace measurement
