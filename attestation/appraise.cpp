#include "attestation/appraise.h"

#include "base/crypto.h"

namespace attestation {
namespace {

using Problems = std::vector<std::string>;

/// The PCRs that firmware, kernel, initrd and command line determine (docs/limits.md says why 0 and 1 are not among
/// them).
constexpr unsigned compared_pcrs[] = {2, 3, 4, 5, 7, 9};
constexpr unsigned initdata_pcr = 8;

template <typename Digest>
void compare_bank(const char* bank, const std::vector<base::Buffer>& quoted, const std::map<unsigned, Digest>& approved,
                  Problems& problems) {
  for (const unsigned pcr : compared_pcrs) {
    const std::string where = std::string(bank) + " PCR " + std::to_string(pcr) + ": ";
    const auto wanted = approved.find(pcr);
    if (wanted == approved.end()) {
      problems.push_back(where + "the approval has no reference value");
    } else if (base::hex(quoted.at(pcr)) != wanted->second.hex()) {
      problems.push_back(where + "wanted " + wanted->second.hex() + ", got " + base::hex(quoted.at(pcr)));
    }
  }
}

void compare_initdata(const wire::TpmEvidence& evidence, const std::optional<wire::InitData>& init_data,
                      const ApprovedGuest& approved, Problems& problems) {
  if (init_data) {
    const base::Sha256 digest = base::sha256(base::bytes_of(init_data->body));
    if (digest != approved.initdata) {
      problems.push_back("initdata: wanted SHA-256 " + approved.initdata.hex() + ", got " + digest.hex());
    }
  }
  base::Buffer extended(base::Sha256::size, 0);
  base::append(extended, approved.initdata.bytes);
  const std::string wanted = base::sha256(extended).hex();
  const std::string got = base::hex(evidence.quote.pcrs.at(initdata_pcr));
  if (got != wanted) problems.push_back("sha256 PCR 8: wanted " + wanted + " (the approved initdata), got " + got);
}

base::Json bank_json(const std::vector<base::Buffer>& pcrs) {
  base::Json::Object values;
  for (std::size_t i = 0; i < pcrs.size(); ++i) values[std::to_string(i)] = base::hex(pcrs[i]);
  return values;
}

}  // namespace

std::vector<std::string> approval_problems(const wire::TpmEvidence& evidence,
                                           const std::optional<wire::InitData>& init_data,
                                           const ApprovedGuest& approved) {
  const measurement::TpmReferenceValues* const values = approved.tpm();
  if (values == nullptr) return {"the approval has no tpm reference values for " + approved.guest};
  Problems problems;
  compare_initdata(evidence, init_data, approved, problems);
  compare_bank("sha256", evidence.quote.pcrs, values->pcrs.sha256, problems);
  if (!evidence.bulkhead) return problems;
  compare_bank("sha384", evidence.bulkhead->sha384_quote.pcrs, values->pcrs.sha384, problems);
  for (std::string& problem : event_log_problems(evidence, *values)) problems.push_back(std::move(problem));
  return problems;
}

QuotedValues quoted_values(const wire::TpmEvidence& evidence) {
  QuotedValues values;
  const auto add = [&](const std::string& bank, const std::vector<base::Buffer>& pcrs) {
    for (std::size_t i = 0; i < pcrs.size(); ++i) values[bank + " PCR " + std::to_string(i)] = base::hex(pcrs[i]);
  };
  add("sha256", evidence.quote.pcrs);
  if (evidence.bulkhead) add("sha384", evidence.bulkhead->sha384_quote.pcrs);
  return values;
}

base::Json pcrs_json(const wire::TpmEvidence& evidence) {
  base::Json::Object banks{{"sha256", bank_json(evidence.quote.pcrs)}};
  if (evidence.bulkhead) banks["sha384"] = bank_json(evidence.bulkhead->sha384_quote.pcrs);
  return banks;
}

}  // namespace attestation
