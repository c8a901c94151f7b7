#include "cli/explain.h"

#include <chrono>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/explain_planned.h"
#include "cli/explain_report.h"
#include "measurement/explain_log.h"
#include "measurement/explain_models.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using measurement::KnownFiles;
using measurement::LaunchModel;
using measurement::SearchResult;

constexpr std::size_t sha256_size = 32, sha384_size = 48;

/// "0x90be10..", or without prefix.
base::Buffer parsed_digest(const std::string& text) {
  const std::string digits = text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
  const std::optional<base::Buffer> digest = base::from_hex(digits);
  if (digest && (digest->size() == sha256_size || digest->size() == sha384_size)) return *digest;
  throw Error(Kind::usage, "digest: got '" + text + "', wanted 64 or 96 hexadecimal digits");
}

/// Reports are kept as bytes or as hexadecimal text.
measurement::SnpReport parsed_report(const std::string& path) {
  const std::string content = base::read_file(path, 1U << 16U);
  const std::string digits = content.substr(0, content.find_last_not_of("\r\n ") + 1);
  const std::optional<base::Buffer> decoded = base::from_hex(digits);
  try {
    return measurement::parse_snp_report(decoded ? base::Bytes(*decoded) : base::bytes_of(content));
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

/// What was observed.
struct Observed {
  base::Buffer digest;
  std::optional<measurement::SnpReport> report;
  [[nodiscard]] std::optional<std::uint32_t> host_signature() const {
    return report ? report->host_cpuid_signature : std::nullopt;
  }
};

Observed observed(const ExplainOptions& options) {
  if (options.digest.has_value() == options.report.has_value())
    throw Error(Kind::usage, "what was observed? Wanted one of DIGEST and --report");
  if (options.digest) return {parsed_digest(*options.digest), std::nullopt};
  Observed seen{{}, parsed_report(*options.report)};
  seen.digest = base::buffer_of(seen.report->measurement.view());
  return seen;
}

/// A kind of digest, where it fits, and its model.
struct Candidate {
  std::string_view name;
  std::size_t size = 0;          ///< bytes; 0: any
  std::optional<base::Tee> tee;  ///< the plan's TEE that reports it
  std::unique_ptr<LaunchModel> (*make)(const KnownFiles& files, const ExpectedLaunches& expected);
};
constexpr Candidate kinds[] = {
    {"snp", sha384_size, base::Tee::snp,
     [](const KnownFiles& files, const ExpectedLaunches&) { return measurement::snp_model(files); }},
    {"sev-es", sha256_size, std::nullopt,
     [](const KnownFiles& files, const ExpectedLaunches&) { return measurement::sev_es_model(files); }},
    {"sev", sha256_size, std::nullopt,
     [](const KnownFiles& files, const ExpectedLaunches&) { return measurement::sev_model(files); }},
    {"pcr", 0, base::Tee::emulated, [](const KnownFiles& files, const ExpectedLaunches& expected) {
       return measurement::tpm_model(files, expected.machine, expected.hypervisor);
     }}};

std::vector<const Candidate*> kinds_for(const ExplainOptions& options, const Observed& seen,
                                        const ExpectedLaunches& expected) {
  std::vector<const Candidate*> chosen;
  for (const Candidate& kind : kinds) {
    if (kind.size != 0 && kind.size != seen.digest.size()) continue;
    if (options.as ? *options.as != kind.name : seen.report && kind.name != "snp") continue;
    if (!options.as && expected.tee && kind.tee != expected.tee) continue;
    chosen.push_back(&kind);
  }
  if (!chosen.empty()) return chosen;
  throw Error(Kind::usage, "a digest of " + std::to_string(seen.digest.size()) +
                               " bytes is none of this kind of guest's; --as wants snp, sev-es, sev or pcr");
}

/// Shows on a terminal how far a long search is.
class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (shown_) console_.err << "\r\033[K" << std::flush;
  }
  bool operator()(std::size_t tried, std::size_t of) {
    const auto now = Clock::now();
    if (!console_.interactive || now - last_ < std::chrono::milliseconds(200)) return true;
    last_ = now;
    shown_ = true;
    console_.err << "\r tried " << tried << " launches of about " << of << std::flush;
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Console& console_;
  Clock::time_point last_ = Clock::now();
  bool shown_ = false;
};

SearchResult search(const Observed& seen, const ExpectedLaunches& expected, const KnownFiles& files,
                    const std::vector<const Candidate*>& chosen, Console& console) {
  SearchResult all;
  Progress progress(console);
  measurement::SearchOptions how;
  how.host_signature = seen.host_signature();
  how.progress = [&](std::size_t tried, std::size_t of) { return progress(tried, of); };
  for (const Candidate* kind : chosen) {
    const auto model = kind->make(files, expected);
    SearchResult result = measurement::explain_digest(seen.digest, expected.launches, files, *model, how);
    all.tried += result.tried;
    for (const std::string& why : result.impossible) all.impossible.push_back(std::string(kind->name) + ": " + why);
    if (!result.found) continue;
    all.found = std::move(result.found);
    break;
  }
  return all;
}

/// The first event of the log that is not the planned one, for the register that has the digest.
int explain_log(const ExplainOptions& options, const Observed& seen, const ExpectedLaunches& expected,
                const KnownFiles& files, Console& console) {
  if (expected.launches.size() != 1)
    throw Error(Kind::usage, "--event-log: wanted one planned launch: name it with --guest");
  const std::string content = base::read_file(*options.event_log, 1U << 26U);
  const measurement::LogExplanation found = measurement::explain_with_log(
      seen.digest,
      measurement::predicted_events(expected.launches.front().launch, files, expected.machine, expected.hypervisor),
      measurement::parse_event_log(base::bytes_of(content)));
  const std::string text = !found.reg         ? "the log is of another boot: no register it extends has this digest"
                           : found.difference ? found.difference->text
                                              : "PCR " + std::to_string(*found.reg) + ": every event is as planned";
  if (options.json) {
    base::Json json{base::Json::Object{{"schema", "bulkhead.explanation/v1"},
                                       {"digest", base::hex(seen.digest)},
                                       {"found", found.reg.has_value()},
                                       {"planned", expected.launches.front().name},
                                       {"text", text}}};
    if (found.reg) json["register"] = "PCR " + std::to_string(*found.reg);
    console.out << json.pretty();
  } else {
    console.out << text << "\n";
  }
  return found.reg ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace

int explain(const ExplainOptions& options, Console& console) {
  const Observed seen = observed(options);
  KnownImages images;
  const ExpectedLaunches expected = expected_launches(options, images, seen.host_signature());
  if (options.event_log) return explain_log(options, seen, expected, images.files(), console);
  const auto chosen = kinds_for(options, seen, expected);
  const SearchResult result = search(seen, expected, images.files(), chosen, console);
  const ExplainReport report{seen.digest, seen.report, expected, images.files(), result};
  if (options.json)
    console.out << explain_json(report).pretty();
  else
    print_explanation(report, console);
  return result.found ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace cli
