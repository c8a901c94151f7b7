#include "base/dsse.h"

#include <algorithm>

#include "base/error.h"

namespace base {
namespace {

Buffer decoded(const Json& text, std::string_view name, std::string_view member) {
  std::optional<Buffer> raw = from_base64(text.text());
  if (!raw) throw Error(Kind::malformed, std::string(name) + ": member '" + std::string(member) + "' is not base64");
  return std::move(*raw);
}

}  // namespace

Envelope Envelope::parse(std::string_view text, std::string_view name) {
  const Json json = Json::parse(text, name);
  expect_members(json, {"payloadType", "payload", "signatures"}, name);
  Envelope envelope;
  envelope.payload_type = json.at("payloadType").text();
  envelope.payload = text_of(decoded(json.at("payload"), name, "payload"));
  for (const Json& signature : json.at("signatures").array()) {
    expect_members(signature, {"keyid", "sig"}, name);
    const Json* const key_id = signature.find("keyid");
    envelope.signatures.push_back({key_id == nullptr ? "" : key_id->text(), decoded(signature.at("sig"), name, "sig")});
  }
  return envelope;
}

Json Envelope::json() const {
  Json json;
  json["payloadType"] = payload_type;
  json["payload"] = base64(bytes_of(payload));
  json["signatures"] = Json::Array{};
  for (const Signature& signature : signatures) {
    Json entry;
    entry["keyid"] = signature.key_id;
    entry["sig"] = base64(signature.signature);
    json["signatures"].push_back(std::move(entry));
  }
  return json;
}

Buffer dsse_message(std::string_view payload_type, std::string_view payload) {
  std::string message = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  message += payload_type;
  message += " " + std::to_string(payload.size()) + " ";
  message += payload;
  return buffer_of(bytes_of(message));
}

void sign_envelope(Envelope& envelope, const Signer& signer) {
  const std::string key_id = signer.public_key().fingerprint().hex();
  Buffer signature = signer.sign(dsse_message(envelope.payload_type, envelope.payload));
  const auto same_key = [&](const Envelope::Signature& s) { return s.key_id == key_id; };
  const auto older = std::find_if(envelope.signatures.begin(), envelope.signatures.end(), same_key);
  if (older != envelope.signatures.end()) {
    older->signature = std::move(signature);
  } else {
    envelope.signatures.push_back({key_id, std::move(signature)});
  }
}

bool signed_by(const Envelope& envelope, const PublicKey& key) {
  const Buffer message = dsse_message(envelope.payload_type, envelope.payload);
  return std::any_of(envelope.signatures.begin(), envelope.signatures.end(),
                     [&](const Envelope::Signature& s) { return key.verifies(message, s.signature); });
}

}  // namespace base
