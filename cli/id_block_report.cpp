#include "cli/id_block_report.h"

#include <algorithm>

#include "base/encoding.h"

namespace cli {
namespace {

using base::Json;

/// An identifier with the text it may be.
std::string identifier_text(const measurement::GuestIdentifier& identifier) {
  const auto end = std::find(identifier.begin(), identifier.end(), std::uint8_t{0});
  const bool printable = end != identifier.begin() &&
                         std::all_of(identifier.begin(), end, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; }) &&
                         std::all_of(end, identifier.end(), [](std::uint8_t c) { return c == 0; });
  return base::hex(identifier) + (printable ? " (" + std::string(identifier.begin(), end) + ")" : "");
}

Assumption signature_line(const char* key, const char* label, const std::optional<bool>& genuine) {
  if (!genuine) return {key, label, Json(), "not checked: needs the ID block"};
  return {key, label, *genuine, *genuine ? "genuine" : "NOT genuine"};
}

void add_numbers(std::vector<Assumption>& lines, const std::string& key, const std::string& label,
                 const measurement::IdSignature& by) {
  lines.push_back({key + "KeyX", label + " key QX", base::hex(by.key.x), {}});
  lines.push_back({key + "KeyY", label + " key QY", base::hex(by.key.y), {}});
  lines.push_back({key + "SignatureR", label + " signature R", base::hex(by.signature.r), {}});
  lines.push_back({key + "SignatureS", label + " signature S", base::hex(by.signature.s), {}});
}

}  // namespace

std::vector<Assumption> id_number_lines(const measurement::IdAuthentication& authentication) {
  std::vector<Assumption> lines;
  add_numbers(lines, "id", "ID", authentication.id);
  if (authentication.author) add_numbers(lines, "author", "author", *authentication.author);
  return lines;
}

std::vector<Assumption> id_block_lines(const measurement::IdBlock& block) {
  return {{"launchDigest", "launch digest", block.launch_digest.hex(), {}},
          {"familyId", "family ID", base::hex(block.family_id), identifier_text(block.family_id)},
          {"imageId", "image ID", base::hex(block.image_id), identifier_text(block.image_id)},
          {"version", "version", std::int64_t{block.version}, {}},
          {"guestSvn", "guest SVN", std::int64_t{block.guest_svn}, {}},
          {"policy", "policy", base::hex_number(block.policy), {}}};
}

std::vector<Assumption> id_authentication_lines(const measurement::IdAuthentication& authentication,
                                                const measurement::IdVerdict* verdict) {
  std::vector<Assumption> lines{
      {"idKeyDigest", "ID key digest", measurement::id_key_digest(authentication.id.key).hex(), {}},
      signature_line("idBlockSigned", "signature over the ID block",
                     verdict ? std::optional(verdict->id_block_signed) : std::nullopt)};
  if (!authentication.author) {
    lines.push_back({"authorKeyDigest", "author key digest", Json(), "no author key"});
    return lines;
  }
  lines.push_back(
      {"authorKeyDigest", "author key digest", measurement::id_key_digest(authentication.author->key).hex(), {}});
  lines.push_back(
      signature_line("idKeySigned", "signature over the ID key",
                     verdict ? verdict->id_key_signed : measurement::verify({}, authentication).id_key_signed));
  return lines;
}

Json lines_json(const std::vector<Assumption>& lines) {
  Json json{Json::Object{}};
  for (const Assumption& line : lines) json[line.key] = line.value;
  return json;
}

}  // namespace cli
