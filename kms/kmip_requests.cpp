#include "kms/kmip_message.h"
#include "kms/kmip_tags.h"

namespace kms {
namespace {

// Values of KMIP's enumerations and masks (1.4, section 9.1.3.2).
constexpr std::uint32_t symmetric_key_object = 2, secret_data_object = 7;
constexpr std::uint32_t algorithm_aes = 3;
constexpr std::int32_t may_encrypt_and_decrypt = 0x4 | 0x8;
constexpr std::int32_t no_usage = 0;
constexpr std::uint32_t name_is_uninterpreted_text = 1;
constexpr std::uint32_t secret_is_seed = 2, format_opaque = 2;
constexpr std::uint32_t cessation_of_operation = 6;
constexpr std::uint32_t query_operations = 1, query_server_information = 3;

/// A message with one request, whose payload is written between its making and finish().
class Request {
 public:
  Request(const KmipVersion& version, KmipOperation operation) : version_(version) {
    writer.begin(tag::request_message).begin(tag::request_header).begin(tag::protocol_version);
    writer.integer(tag::protocol_version_major, version.major).integer(tag::protocol_version_minor, version.minor);
    writer.end().integer(tag::batch_count, 1).end();
    writer.begin(tag::batch_item).enumeration(tag::operation, static_cast<std::uint32_t>(operation));
    writer.begin(tag::request_payload);
  }
  base::Secret finish() { return writer.end().end().end().finish(); }

  void begin_attributes() {
    writer.begin(version_.has_attributes_structure() ? tag::attributes : tag::template_attribute);
  }
  /// Each attribute is an item of its own tag (2.0), or a name in words and a value (1.x).
  void enumeration(TtlvTag tag, std::string_view name, std::uint32_t value) {
    if (version_.has_attributes_structure()) {
      writer.enumeration(tag, value);
    } else {
      begin_attribute(name).enumeration(tag::attribute_value, value).end();
    }
  }
  void integer(TtlvTag tag, std::string_view name, std::int32_t value) {
    if (version_.has_attributes_structure()) {
      writer.integer(tag, value);
    } else {
      begin_attribute(name).integer(tag::attribute_value, value).end();
    }
  }
  void name(std::string_view value) {
    if (!version_.has_attributes_structure()) begin_attribute("Name");
    writer.begin(version_.has_attributes_structure() ? tag::name : tag::attribute_value);
    writer.text(tag::name_value, value).enumeration(tag::name_type, name_is_uninterpreted_text).end();
    if (!version_.has_attributes_structure()) writer.end();
  }

  TtlvWriter writer;

 private:
  TtlvWriter& begin_attribute(std::string_view name) {
    return writer.begin(tag::attribute).text(tag::attribute_name, name);
  }
  const KmipVersion& version_;
};

base::Secret request_of_one(const KmipVersion& version, KmipOperation operation, std::string_view id) {
  Request request(version, operation);
  request.writer.text(tag::unique_identifier, id);
  return request.finish();
}

}  // namespace

base::Secret kmip_create(const KmipVersion& version, std::string_view name) {
  Request request(version, KmipOperation::create);
  request.writer.enumeration(tag::object_type, symmetric_key_object);
  request.begin_attributes();
  request.enumeration(tag::cryptographic_algorithm, "Cryptographic Algorithm", algorithm_aes);
  request.integer(tag::cryptographic_length, "Cryptographic Length", 256);
  request.integer(tag::cryptographic_usage_mask, "Cryptographic Usage Mask", may_encrypt_and_decrypt);
  request.name(name);
  request.writer.end();
  return request.finish();
}

base::Secret kmip_register_secret(const KmipVersion& version, std::string_view name, base::Bytes secret) {
  Request request(version, KmipOperation::register_object);
  request.writer.enumeration(tag::object_type, secret_data_object);
  request.begin_attributes();
  request.integer(tag::cryptographic_usage_mask, "Cryptographic Usage Mask", no_usage);
  request.name(name);
  request.writer.end();
  request.writer.begin(tag::secret_data).enumeration(tag::secret_data_type, secret_is_seed);
  request.writer.begin(tag::key_block).enumeration(tag::key_format_type, format_opaque);
  request.writer.begin(tag::key_value).bytes(tag::key_material, secret).end().end().end();
  return request.finish();
}

base::Secret kmip_get(const KmipVersion& version, std::string_view id) {
  return request_of_one(version, KmipOperation::get, id);
}
base::Secret kmip_get_attributes(const KmipVersion& version, std::string_view id) {
  return request_of_one(version, KmipOperation::get_attributes, id);
}
base::Secret kmip_activate(const KmipVersion& version, std::string_view id) {
  return request_of_one(version, KmipOperation::activate, id);
}
base::Secret kmip_destroy(const KmipVersion& version, std::string_view id) {
  return request_of_one(version, KmipOperation::destroy, id);
}

base::Secret kmip_revoke(const KmipVersion& version, std::string_view id) {
  Request request(version, KmipOperation::revoke);
  request.writer.text(tag::unique_identifier, id).begin(tag::revocation_reason);
  request.writer.enumeration(tag::revocation_reason_code, cessation_of_operation).end();
  return request.finish();
}

base::Secret kmip_locate(const KmipVersion& version, const std::optional<std::string>& name) {
  Request request(version, KmipOperation::locate);
  if (!name) return request.finish();
  if (version.has_attributes_structure()) request.writer.begin(tag::attributes);
  request.name(*name);
  if (version.has_attributes_structure()) request.writer.end();
  return request.finish();
}

base::Secret kmip_query(const KmipVersion& version) {
  Request request(version, KmipOperation::query);
  request.writer.enumeration(tag::query_function, query_operations);
  request.writer.enumeration(tag::query_function, query_server_information);
  return request.finish();
}

}  // namespace kms
