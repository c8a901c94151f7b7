#pragma once
#include "kms/ttlv.h"

/// Tags of KMIP that our requests and their answers have.
/// Source: OASIS KMIP Specification 1.4, section 9.1.3.1; 2.0, section 11.58
namespace kms::tag {

constexpr TtlvTag attribute = 0x420008;
constexpr TtlvTag attribute_name = 0x42000A;
constexpr TtlvTag attribute_value = 0x42000B;
constexpr TtlvTag batch_count = 0x42000D;
constexpr TtlvTag batch_item = 0x42000F;
constexpr TtlvTag cryptographic_algorithm = 0x420028;
constexpr TtlvTag cryptographic_length = 0x42002A;
constexpr TtlvTag cryptographic_usage_mask = 0x42002C;
constexpr TtlvTag key_block = 0x420040;
constexpr TtlvTag key_format_type = 0x420042;
constexpr TtlvTag key_material = 0x420043;
constexpr TtlvTag key_value = 0x420045;
constexpr TtlvTag key_wrapping_data = 0x420046;
constexpr TtlvTag name = 0x420053;
constexpr TtlvTag name_type = 0x420054;
constexpr TtlvTag name_value = 0x420055;
constexpr TtlvTag object_type = 0x420057;
constexpr TtlvTag operation = 0x42005C;
constexpr TtlvTag protocol_version = 0x420069;
constexpr TtlvTag protocol_version_major = 0x42006A;
constexpr TtlvTag protocol_version_minor = 0x42006B;
constexpr TtlvTag query_function = 0x420074;
constexpr TtlvTag request_header = 0x420077;
constexpr TtlvTag request_message = 0x420078;
constexpr TtlvTag request_payload = 0x420079;
constexpr TtlvTag response_header = 0x42007A;
constexpr TtlvTag response_payload = 0x42007C;
constexpr TtlvTag result_message = 0x42007D;
constexpr TtlvTag result_reason = 0x42007E;
constexpr TtlvTag result_status = 0x42007F;
constexpr TtlvTag revocation_reason = 0x420081;
constexpr TtlvTag revocation_reason_code = 0x420082;
constexpr TtlvTag secret_data = 0x420085;
constexpr TtlvTag secret_data_type = 0x420086;
constexpr TtlvTag state = 0x42008D;
constexpr TtlvTag symmetric_key = 0x42008F;
constexpr TtlvTag template_attribute = 0x420091;
constexpr TtlvTag unique_identifier = 0x420094;
constexpr TtlvTag vendor_identification = 0x42009D;
constexpr TtlvTag attributes = 0x420125;  // from 2.0

}  // namespace kms::tag
