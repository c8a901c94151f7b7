#include "measurement/event_data.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/device_path.h"
#include "measurement/event_types.h"

namespace measurement {
namespace {

using base::Json;

constexpr std::size_t longest_hex = 64;

Json hex_of(base::Bytes data) {
  const std::string text = base::hex(data.first(std::min(data.size(), longest_hex)));
  return data.size() > longest_hex ? text + ".." : text;
}

std::optional<std::string> printable(std::string text) {
  while (text.ends_with('\0')) text.pop_back();
  const bool good = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x80;
  });
  return good && !text.empty() ? std::optional(text) : std::nullopt;
}

std::optional<std::string> ascii_text(base::Bytes data) {
  const bool ascii = std::all_of(data.begin(), data.end(), [](std::uint8_t c) { return c < 0x80; });
  return ascii ? printable(base::text_of(data)) : std::nullopt;
}

std::optional<std::string> any_text(base::Bytes data) {
  // UTF-16 of Latin text has a zero in every second byte.
  if (data.size() >= 2 && data.size() % 2 == 0 && data[1] == 0) return printable(base::from_utf16le(data));
  return ascii_text(data);
}

Json::Object load_option(base::Bytes data) {
  base::ByteReader reader("load option", data);
  Json::Object json{{"attributes", base::hex_number(reader.take<std::uint32_t>())}};
  const std::size_t path_size = reader.take<std::uint16_t>();
  base::Buffer description;
  for (base::Bytes unit = reader.take(2); unit[0] != 0 || unit[1] != 0; unit = reader.take(2))
    base::append(description, unit);
  json["description"] = base::from_utf16le(description);
  json["path"] = device_path_text(reader.take(path_size));
  if (!reader.done()) json["optionalData"] = hex_of(reader.take(reader.left()));
  return json;
}

void add_boot_variable(const std::string& name, base::Bytes data, Json::Object& json) {
  if (name == "BootOrder" && data.size() % 2 == 0) {
    Json::Array order;
    for (std::size_t at = 0; at < data.size(); at += 2)
      order.emplace_back(static_cast<int>(data[at] | (static_cast<unsigned>(data[at + 1]) << 8U)));
    json["order"] = order;
  } else if (name.starts_with("Boot") && name.size() == 8) {
    json["option"] = load_option(data);
  } else {
    json["value"] = hex_of(data);
  }
}

Json::Object variable_json(const LogEvent& event) {
  const auto [guid, name, data] = logged_variable(event.data);
  Json::Object json{{"guid", guid}, {"name", name}, {"size", static_cast<std::int64_t>(data.size())}};
  add_boot_variable(name, data, json);
  return json;
}

Json::Object image_json(const LogEvent& event) {
  base::ByteReader reader("image load event", event.data);
  Json::Object json{{"address", base::hex_number(reader.take<std::uint64_t>())}};
  json["size"] = static_cast<std::int64_t>(reader.take<std::uint64_t>() & INT64_MAX);
  reader.skip(8);
  const auto path_size = reader.take<std::uint64_t>();
  json["path"] = device_path_text(reader.take(std::min<std::uint64_t>(path_size, reader.left())));
  return json;
}

Json::Object tagged_json(const LogEvent& event) {
  base::ByteReader reader("tagged event", event.data);
  Json::Object json{{"tag", base::hex_number(reader.take<std::uint32_t>())}};
  const base::Bytes data = reader.take(reader.take<std::uint32_t>());
  if (const auto text = any_text(data))
    json["text"] = *text;
  else
    json["hex"] = hex_of(data);
  return json;
}

// UEFI_PLATFORM_FIRMWARE_BLOB(2), UEFI_HANDOFF_TABLE_POINTERS2: the second forms start with a description.
Json::Object described_json(const LogEvent& event) {
  base::ByteReader reader("description", event.data);
  const std::string text = base::text_of(reader.take(reader.take<std::uint8_t>()));
  Json::Object json;
  if (const auto good = printable(text); good && ascii_text(base::bytes_of(text))) json["text"] = *good;
  if (reader.left() == 16) {
    json["address"] = base::hex_number(reader.take<std::uint64_t>());
    json["length"] = base::hex_number(reader.take<std::uint64_t>());
  }
  return json;
}

Json::Object typed_json(const LogEvent& event) {
  switch (event.type) {
    case ev_efi_variable_driver_config:
    case ev_efi_variable_boot:
    case ev_efi_variable_boot2:
    case ev_efi_variable_authority:
      return variable_json(event);
    case ev_efi_boot_services_application:
    case ev_efi_boot_services_driver:
    case ev_efi_runtime_services_driver:
      return image_json(event);
    case ev_event_tag:
      return tagged_json(event);
    case ev_efi_platform_firmware_blob2:
    case ev_efi_handoff_tables2:
      return described_json(event);
    default:
      break;
  }
  if (event.type != ev_separator)
    if (const auto text = any_text(event.data)) return {{"text", *text}};
  return {{"hex", hex_of(event.data)}};
}

}  // namespace

Json event_data_json(const LogEvent& event) {
  try {
    return typed_json(event);
  } catch (const base::Error&) {
    return Json::Object{{"hex", hex_of(event.data)}};
  }
}

}  // namespace measurement
