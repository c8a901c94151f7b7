// room: kms
#include <cstdlib>

#include "base/error.h"
#include "kms/kmip_message.h"

namespace {

/// Every part of an answer that the client looks at.
void read_all(base::Bytes message, const kms::KmipVersion& version, kms::KmipOperation operation) {
  const kms::KmipAnswer answer = kms::parse_kmip_answer(message, version, operation);
  if (answer.refusal) return;
  for (const kms::TtlvItem* const item :
       answer.payload.all(answer.payload.children.empty() ? 0 : answer.payload.children[0].tag))
    if (item->value.data() < message.data() ||
        item->value.data() + item->value.size() > message.data() + message.size())
      std::abort();
  kms::kmip_unique_identifiers(answer.payload);
  kms::kmip_server(answer.payload);
  switch (operation) {
    case kms::KmipOperation::get:
      if (kms::kmip_aes_key(answer.payload).size() != 32) std::abort();
      break;
    case kms::KmipOperation::get_attributes:
      kms::kmip_state(answer.payload, version);
      break;
    default:
      kms::kmip_unique_identifier(answer.payload);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const kms::KmipVersion version : {kms::KmipVersion{1, 2}, kms::KmipVersion{2, 0}})
    for (const auto operation :
         {kms::KmipOperation::get, kms::KmipOperation::get_attributes, kms::KmipOperation::create})
      try {
        read_all({data, size}, version, operation);
      } catch (const base::Error&) {
        continue;
      }
  return 0;
}
