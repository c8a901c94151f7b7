#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "kms/kmip_message.h"
#include "kms/kmip_tags.h"

namespace kms {
namespace {

constexpr std::uint32_t success = 0, operation_failed = 1;
constexpr std::uint32_t symmetric_key_object = 2, format_raw = 1, algorithm_aes = 3;
constexpr std::size_t longest_message = 200;

/// A server's words as they may be shown and logged.
std::string printable(std::string text) {
  text.resize(std::min(text.size(), longest_message));
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

void expect_enumeration(const TtlvItem& item, std::uint32_t wanted, const char* meaning) {
  if (item.enumeration() != wanted)
    item.fail("got " + base::hex_number(item.enumeration()) + ", wanted " + base::hex_number(wanted) + " (" + meaning +
              ")");
}

void expect_version(const TtlvItem& header, const KmipVersion& wanted) {
  const TtlvItem& version = header.at(tag::protocol_version);
  const std::int32_t major = version.at(tag::protocol_version_major).integer();
  const std::int32_t minor = version.at(tag::protocol_version_minor).integer();
  if (major != wanted.major || minor != wanted.minor)
    version.fail("the server answers in KMIP " + std::to_string(major) + "." + std::to_string(minor) + ", wanted " +
                 std::to_string(wanted.major) + "." + std::to_string(wanted.minor));
}

/// Of an answer that says no. A server that does not speak our version says so in another one.
KmipRefusal refusal_of(const TtlvItem& item) {
  expect_enumeration(item.at(tag::result_status), operation_failed, "operation failed");
  const TtlvItem* const message = item.find(tag::result_message);
  return {item.at(tag::result_reason).enumeration(), message != nullptr ? printable(message->text()) : ""};
}

}  // namespace

std::string_view name_of(KmipOperation operation) noexcept {
  switch (operation) {
    case KmipOperation::create:
      return "Create";
    case KmipOperation::register_object:
      return "Register";
    case KmipOperation::locate:
      return "Locate";
    case KmipOperation::get:
      return "Get";
    case KmipOperation::get_attributes:
      return "Get Attributes";
    case KmipOperation::activate:
      return "Activate";
    case KmipOperation::revoke:
      return "Revoke";
    case KmipOperation::destroy:
      return "Destroy";
    case KmipOperation::query:
      return "Query";
  }
  return "";
}

std::string reason_text(std::uint32_t reason) {
  switch (static_cast<KmipReason>(reason)) {
    case KmipReason::item_not_found:
      return "item not found";
    case KmipReason::operation_not_supported:
      return "operation not supported";
    case KmipReason::permission_denied:
      return "permission denied";
    case KmipReason::general_failure:
      return "general failure";
  }
  return "reason " + base::hex_number(reason);
}

KmipAnswer parse_kmip_answer(base::Bytes message, const KmipVersion& version, KmipOperation operation) {
  const TtlvItem answer = parse_ttlv(message, "KMIP answer");
  if (answer.tag != kmip_response_message) answer.fail("wanted a response message");
  const TtlvItem& header = answer.at(tag::response_header);
  if (header.at(tag::batch_count).integer() != 1) header.fail("wanted a batch count of 1");
  const TtlvItem& item = answer.at(tag::batch_item);
  if (item.at(tag::result_status).enumeration() != success) return {refusal_of(item), {}};
  expect_version(header, version);
  expect_enumeration(item.at(tag::operation), static_cast<std::uint32_t>(operation), "the operation asked for");
  return {std::nullopt, item.at(tag::response_payload)};
}

std::string kmip_unique_identifier(const TtlvItem& payload) {
  return payload.at(tag::unique_identifier).text();
}

std::vector<std::string> kmip_unique_identifiers(const TtlvItem& payload) {
  std::vector<std::string> identifiers;
  for (const TtlvItem* const item : payload.all(tag::unique_identifier)) identifiers.push_back(item->text());
  return identifiers;
}

base::Bytes kmip_aes_key(const TtlvItem& payload) {
  expect_enumeration(payload.at(tag::object_type), symmetric_key_object, "symmetric key");
  const TtlvItem& block = payload.at(tag::symmetric_key).at(tag::key_block);
  expect_enumeration(block.at(tag::key_format_type), format_raw, "raw");
  expect_enumeration(block.at(tag::cryptographic_algorithm), algorithm_aes, "AES");
  if (block.find(tag::key_wrapping_data) != nullptr) block.fail("the key is wrapped, wanted it plain");
  const TtlvItem& material = block.at(tag::key_value).at(tag::key_material);
  if (material.bytes().size() != 32)
    material.fail("got a key of " + std::to_string(material.bytes().size()) + " bytes, wanted 32");
  return material.bytes();
}

KmipState kmip_state(const TtlvItem& payload, const KmipVersion& version) {
  const TtlvItem* found = nullptr;
  if (version.has_attributes_structure()) {
    found = payload.at(tag::attributes).find(tag::state);
  } else {
    for (const TtlvItem* const attribute : payload.all(tag::attribute))
      if (attribute->at(tag::attribute_name).text() == "State") found = &attribute->at(tag::attribute_value);
  }
  if (found == nullptr) payload.fail("has no State among its attributes");
  const std::uint32_t state = found->enumeration();
  if (state < 1 || state > 6) found->fail("state: got " + std::to_string(state) + ", wanted 1 to 6");
  return static_cast<KmipState>(state);
}

KmipServer kmip_server(const TtlvItem& payload) {
  KmipServer server;
  for (const TtlvItem* const item : payload.all(tag::operation)) server.operations.push_back(item->enumeration());
  if (const TtlvItem* const vendor = payload.find(tag::vendor_identification))
    server.vendor = printable(vendor->text());
  return server;
}

}  // namespace kms
