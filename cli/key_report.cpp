#include "cli/key_report.h"

#include "base/utc_time.h"

namespace cli {
namespace {

std::string versions_text(const attestation::KeyStanding& key) {
  if (key.version == 0) return "";
  if (key.next == 0) return ", version " + std::to_string(key.version);
  return ", versions " + std::to_string(key.version) + " and " + std::to_string(key.next);
}

}  // namespace

std::string key_text(const attestation::KeyStanding& key) {
  std::string text = key.name + ": " + std::string(kms::name_of(key.state)) + versions_text(key);
  if (key.unerased > 0) {
    text += ", " + std::to_string(key.unerased) + (key.unerased == 1 ? " older version" : " older versions") +
            " not erased yet";
  }
  return text;
}

base::Json keys_json(const attestation::ServiceState& service) {
  base::Json::Array keys;
  for (const attestation::KeyStanding& key : service.keys) keys.push_back(key.json());
  return base::Json::Object{{"problem", service.key_problem.empty() ? base::Json() : base::Json(service.key_problem)},
                            {"keys", std::move(keys)},
                            {"credential", service.credential ? service.credential->json() : base::Json()}};
}

std::string key_lines(const std::string& tenant, const attestation::ServiceState& service) {
  std::string lines;
  for (const attestation::KeyStanding& key : service.keys) lines += tenant + ": key " + key_text(key) + "\n";
  return lines;
}

std::string shredded_text(const std::string& tenant, const std::vector<std::string>& names) {
  std::string text = tenant + ": " + std::to_string(names.size()) + " keys destroyed\n";
  for (const std::string& name : names) text += "  " + name + "\n";
  return text;
}

std::string key_problem_line(const std::string& tenant, const attestation::ServiceState& service) {
  return service.key_problem.empty() ? "" : tenant + ": keys: " + service.key_problem + "\n";
}

std::string credential_text(const attestation::ServiceState& service) {
  if (!service.credential) return "";
  const auto& [ends, problem] = *service.credential;
  const std::string what = "the credential for the KMS ";
  if (!ends) return what + "is not known to be valid: " + problem;
  return what + "ends " + base::utc_text(*ends) +
         (problem.empty() ? " and cannot be renewed" : ", not renewed: " + problem);
}

}  // namespace cli
