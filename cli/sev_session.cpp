#include "cli/sev_session.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/flag_values.h"

namespace cli {
namespace {

constexpr std::size_t measure_size = 32;
constexpr std::size_t nonce_size = 16;

base::Buffer reported_of(const std::string& text) {
  const std::optional<base::Buffer> bytes = base::from_base64(text);
  if (bytes && bytes->size() == measure_size + nonce_size) return *bytes;
  throw base::Error(base::Kind::usage, "--measurement: got '" + text + "', wanted base64 of 48 bytes");
}

measurement::SevLaunchSession session_of(const SevSessionOptions& options, base::Bytes nonce) {
  const auto byte = [](const char* flag, const std::string& text) {
    return static_cast<std::uint8_t>(number_of(flag, text, UINT8_MAX));
  };
  measurement::SevLaunchSession session;
  session.api_major = byte("--api-major", options.api_major);
  session.api_minor = byte("--api-minor", options.api_minor);
  session.build = byte("--build-id", options.build);
  session.policy = static_cast<std::uint32_t>(number_of("--policy", options.policy, UINT32_MAX));
  std::ranges::copy(nonce, session.nonce.begin());
  return session;
}

std::string text_of(std::optional<unsigned> vcpus) {
  if (!vcpus) return "is of another launch (or another key, policy or firmware version of the processor)";
  return *vcpus == 0 ? "is of this launch" : "is of this launch with " + std::to_string(*vcpus) + " vCPUs";
}

}  // namespace

bool check_measurement(LaunchReport& report, const SevSessionOptions& options,
                       const std::map<unsigned, measurement::SevLaunchDigest>& digests) {
  if (!options.measurement) return true;
  const base::Buffer reported = reported_of(*options.measurement);
  const base::Secret key = base::read_secret_file(options.integrity_key);
  const auto session = session_of(options, base::Bytes(reported).subspan(measure_size));
  const auto wanted = base::Sha256::from(base::Bytes(reported).first(measure_size));
  const auto found = std::find_if(digests.begin(), digests.end(), [&](const auto& entry) {
    return measurement::sev_launch_measure(key.view(), session, entry.second) == wanted;
  });
  const std::optional<unsigned> of = found == digests.end() ? std::nullopt : std::optional(found->first);
  report.also.push_back({"measurementOf", "measurement", of ? base::Json(*of) : base::Json(), text_of(of)});
  return of.has_value();
}

}  // namespace cli
