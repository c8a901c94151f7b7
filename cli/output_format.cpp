#include "cli/output_format.h"

#include <algorithm>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/signers.h"
#include "measurement/corim.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;

struct NamedFormat {
  std::string_view name;
  Format format;
};
constexpr NamedFormat formats[] = {{"text", Format::text},   {"json", Format::json},       {"rvps", Format::rvps},
                                   {"corim", Format::corim}, {"libvirt", Format::libvirt}, {"hex", Format::hex}};

/// Whether `bytes` are a CoRIM of these values that `key` signed.
bool is_signed_already(const std::string& bytes, base::Bytes corim, const base::PublicKey& key) {
  try {
    const auto signature = measurement::parse_corim(base::bytes_of(bytes), "CoRIM").signature;
    return signature && std::equal(corim.begin(), corim.end(), signature->payload.begin(), signature->payload.end()) &&
           signature->verifies(key);
  } catch (const Error&) {
    return false;  // something else: it is replaced
  }
}

std::string corim_text(const Output& output, const OutputOptions& options) {
  const base::Buffer unsigned_corim = measurement::corim(output.claims);
  if (!options.sign_key) return base::text_of(unsigned_corim);
  const auto signer = open_signer(*options.sign_key);
  if (options.out) {
    const std::optional<std::string> there = base::read_file_if_any(*options.out, 1U << 24U);
    if (there && is_signed_already(*there, unsigned_corim, signer->public_key())) return *there;
  }
  return base::text_of(measurement::signed_corim(unsigned_corim, *signer));
}

std::string rendered(const Output& output, Format format, const OutputOptions& options) {
  switch (format) {
    case Format::json:
      return output.json.pretty();
    case Format::rvps:
      return measurement::rvps_message(output.claims).pretty();
    case Format::corim:
      return corim_text(output, options);
    case Format::libvirt:
      if (output.launch_security) return *output.launch_security;
      throw Error(Kind::usage,
                  "--format libvirt: libvirt has no <launchSecurity> for this kind of guest, wanted a measurement of "
                  "snp or tdx");
    case Format::hex:
      return measurement::hex_lines(output.claims);
    case Format::text:
      break;
  }
  return {};
}

}  // namespace

Format format_of(const OutputOptions& options) {
  const auto found =
      std::find_if(std::begin(formats), std::end(formats), [&](const auto& f) { return f.name == options.format; });
  if (found == std::end(formats))
    throw Error(Kind::usage, "--format: got '" + options.format + "', wanted text, json, rvps, corim, libvirt or hex");
  if (options.json && found->format != Format::text && found->format != Format::json)
    throw Error(Kind::usage, "--json contradicts --format " + options.format);
  if (options.sign_key && found->format != Format::corim)
    throw Error(Kind::usage, "--sign-key: only --format corim is signed, got " + options.format);
  return options.json ? Format::json : found->format;
}

void write_output(const Output& output, const OutputOptions& options, Console& console) {
  const Format format = format_of(options);
  if (options.out) {
    if (format == Format::text) throw Error(Kind::usage, "--out: wanted a --format for programs, got text");
    base::write_file_atomically(*options.out, rendered(output, format, options), 0644);
    console.out << *options.out << "\n";
    return;
  }
  if (format == Format::text) return output.text(console);
  if (format == Format::corim && console.colour)
    throw Error(Kind::usage, "--format corim is binary: name a file with --out, or send the output to one");
  console.out << rendered(output, format, options);
}

}  // namespace cli
