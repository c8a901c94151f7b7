#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/json.h"
#include "cli/console.h"
#include "measurement/reference_claims.h"

namespace CLI {
class App;
}

namespace cli {

/// How a measurement is written, and where to.
struct OutputOptions {
  std::string format = "text";  ///< a name of Format
  bool json = false;            ///< the same as format "json"
  std::optional<std::string> sign_key;
  std::optional<std::string> out;
};
/// Adds --format, --json, --sign-key and --out.
void add_output_options(CLI::App& verb, OutputOptions& options);

enum class Format { text, json, rvps, corim, libvirt, hex };
/// @throws Error{usage} when the format is unknown, --json contradicts it, or a key is given for a format nobody signs
Format format_of(const OutputOptions& options);

/// One measurement in the shapes the formats are made from.
struct Output {
  std::function<void(Console&)> text;          ///< writes it for people
  base::Json json;                             ///< bulkhead.measurement/v1
  measurement::ReferenceClaims claims;         ///< for rvps, corim and hex
  std::optional<std::string> launch_security;  ///< libvirt's element; absent where it has none for this
};

/// Writes `output` to `--out`, or to the console. A signed CoRIM that is there already, of the same values and by the
/// same key, is kept as it is: not every signature is the same twice.
/// @throws Error{usage} for a format this measurement does not have, or a binary one for a terminal
void write_output(const Output& output, const OutputOptions& options, Console& console);

}  // namespace cli
