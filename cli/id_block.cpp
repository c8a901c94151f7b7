#include "cli/id_block.h"

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/flag_values.h"
#include "cli/id_block_files.h"
#include "cli/id_block_report.h"
#include "cli/signers.h"
#include "measurement/snp_report.h"

namespace cli {
namespace {

using base::Error;
using base::Json;
using base::Kind;
using measurement::IdAuthentication;
using measurement::IdBlock;
using measurement::LaunchDigest;
using Lines = std::vector<Assumption>;

constexpr const char* schema = "bulkhead.id-block/v1";
constexpr std::uint64_t policy_always_one = 1ULL << 17U;

LaunchDigest launch_digest_of(const std::string& flag, const std::string& text) {
  if (const auto digest = LaunchDigest::parse(text)) return *digest;
  throw Error(Kind::usage, flag + ": got '" + text + "', wanted 96 hexadecimal digits");
}

IdBlock block_of(const MakeIdBlockOptions& options) {
  if (options.measurement.has_value() == options.measure_json.has_value())
    throw Error(Kind::usage, "--measurement, --measure-json: wanted one of them");
  IdBlock block;
  block.launch_digest = options.measurement ? launch_digest_of("--measurement", *options.measurement)
                                            : measured_launch_digest(*options.measure_json, options.vcpus);
  block.family_id = guest_identifier("--family-id", options.family_id);
  block.image_id = guest_identifier("--image-id", options.image_id);
  block.guest_svn = static_cast<std::uint32_t>(number_of("--guest-svn", options.guest_svn, UINT32_MAX));
  block.policy = number_of("--policy", options.policy, UINT64_MAX);
  if ((block.policy & policy_always_one) == 0)
    throw Error(Kind::usage, "--policy: got " + base::hex_number(block.policy) + ", wanted bit 17 (0x20000) set");
  return block;
}

void append(Lines& to, Lines from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

void print(const Lines& lines, bool json, Console& console) {
  if (json) {
    Json document = lines_json(lines);
    document["schema"] = schema;
    console.out << document.pretty();
  } else {
    print_lines(lines, console);
  }
}

/// One comparison of `verify`.
struct Check {
  std::string key, label;
  std::string got, wanted;
  [[nodiscard]] bool holds() const { return got == wanted; }
};

base::P384Point public_point(const std::string& path) {
  return base::p384_point(base::PublicKey::from_pem(base::read_file(path, 1U << 16U), path));
}

/// What the launch's report must say when the block was used.
void check_report(const std::string& path, const IdBlock& block, const IdAuthentication& authentication,
                  std::vector<Check>& checks) {
  const measurement::SnpReport report = measurement::parse_snp_report(base::bytes_of(base::read_file(path, 1U << 16U)));
  const base::Sha384 author =
      authentication.author ? measurement::id_key_digest(authentication.author->key) : base::Sha384{};
  checks.insert(
      checks.end(),
      {{"reportMeasurement", "report: measurement", report.measurement.hex(), block.launch_digest.hex()},
       {"reportFamilyId", "report: family ID", base::hex(report.family_id), base::hex(block.family_id)},
       {"reportImageId", "report: image ID", base::hex(report.image_id), base::hex(block.image_id)},
       {"reportGuestSvn", "report: guest SVN", std::to_string(report.guest_svn), std::to_string(block.guest_svn)},
       {"reportPolicy", "report: policy", base::hex_number(report.policy), base::hex_number(block.policy)},
       {"reportIdKeyDigest", "report: ID key digest", report.id_key_digest.hex(),
        measurement::id_key_digest(authentication.id.key).hex()},
       {"reportAuthorKeyDigest", "report: author key digest", report.author_key_digest.hex(), author.hex()}});
}

std::vector<Check> checks_of(const VerifyIdBlockOptions& options, const IdBlock& block,
                             const IdAuthentication& authentication) {
  std::vector<Check> checks;
  const std::string none = "no author key";
  if (options.measurement)
    checks.push_back({"measurement", "launch digest wanted", block.launch_digest.hex(),
                      launch_digest_of("--measurement", *options.measurement).hex()});
  if (options.id_key)
    checks.push_back({"idKey", "ID key wanted", measurement::id_key_digest(authentication.id.key).hex(),
                      measurement::id_key_digest(public_point(*options.id_key)).hex()});
  if (options.author_key)
    checks.push_back({"authorKey", "author key wanted",
                      authentication.author ? measurement::id_key_digest(authentication.author->key).hex() : none,
                      measurement::id_key_digest(public_point(*options.author_key)).hex()});
  if (options.report) check_report(*options.report, block, authentication, checks);
  return checks;
}

}  // namespace

int make_id_block(const MakeIdBlockOptions& options, Console& console) {
  const IdBlock block = block_of(options);
  const auto id = open_signer(options.id_key);
  const auto author = options.author_key ? open_signer(*options.author_key) : nullptr;
  std::optional<IdAuthentication> authentication;
  if (options.out_authentication)
    authentication = kept_authentication(*options.out_authentication, block, *id, author.get());
  const bool kept = authentication.has_value();
  if (!kept) authentication = measurement::authenticate(block, *id, author.get());

  const base::Buffer block_bytes = measurement::id_block_bytes(block);
  const base::Buffer authentication_bytes = measurement::id_authentication_bytes(*authentication);
  if (options.out_block) base::write_file_atomically(*options.out_block, block_bytes, 0644);
  if (options.out_authentication && !kept)
    base::write_file_atomically(*options.out_authentication, authentication_bytes, 0644);

  const measurement::IdVerdict verdict = measurement::verify(block, *authentication);
  if (!verdict.genuine()) throw Error(Kind::failure, "the signatures just made do not verify: nothing to rely on");
  Lines lines = id_block_lines(block);
  append(lines, id_authentication_lines(*authentication, &verdict));
  lines.push_back({"kept", "signatures", kept, kept ? "kept: the file held genuine ones for this block" : "new"});
  lines.push_back({"idBlock", "id-block", base::base64(block_bytes), {}});
  lines.push_back({"idAuth", "id-auth", base::base64(authentication_bytes), {}});
  lines.push_back({"authorKeyEnabled", "author-key-enabled", author != nullptr, author ? "on" : "off"});
  print(lines, options.json, console);
  return 0;
}

int show_id_block(const ShowIdBlockOptions& options, Console& console) {
  IdBlockDocuments documents;
  for (const std::string& file : options.files) read_id_block_file(file, documents);
  Lines lines;
  if (documents.block) append(lines, id_block_lines(*documents.block));
  if (documents.authentication) {
    std::optional<measurement::IdVerdict> verdict;
    if (documents.block) verdict = measurement::verify(*documents.block, *documents.authentication);
    append(lines, id_authentication_lines(*documents.authentication, verdict ? &*verdict : nullptr));
    append(lines, id_number_lines(*documents.authentication));
  }
  print(lines, options.json, console);
  return 0;
}

int verify_id_block(const VerifyIdBlockOptions& options, Console& console) {
  IdBlockDocuments documents;
  read_id_block_file(options.block, documents);
  read_id_block_file(options.authentication, documents);
  const measurement::IdVerdict verdict = measurement::verify(*documents.block, *documents.authentication);
  bool good = verdict.genuine();
  Lines lines = id_block_lines(*documents.block);
  append(lines, id_authentication_lines(*documents.authentication, &verdict));
  for (const Check& check : checks_of(options, *documents.block, *documents.authentication)) {
    good = good && check.holds();
    lines.push_back({check.key, check.label, check.holds(),
                     check.holds() ? "as the ID block says" : "got " + check.got + ", wanted " + check.wanted});
  }
  lines.push_back({"genuine", "verdict", good, good ? "genuine" : "NOT genuine"});
  print(lines, options.json, console);
  return good ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace cli
