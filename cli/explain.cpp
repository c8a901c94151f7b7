#include "cli/explain.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/explain_boot_report.h"
#include "cli/explain_planned.h"
#include "cli/explain_report.h"
#include "measurement/explain_models.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;
using measurement::KnownFiles;
using measurement::LaunchModel;
using measurement::SearchResult;
using measurement::SharedBoots;
using measurement::TdRegister;

constexpr std::size_t sha256_size = 32, sha384_size = 48;

/// "0x90be10..", or without prefix.
base::Buffer parsed_digest(const std::string& text) {
  const std::string digits = text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
  const std::optional<base::Buffer> digest = base::from_hex(digits);
  if (digest && (digest->size() == sha256_size || digest->size() == sha384_size)) return *digest;
  throw Error(Kind::usage, "digest: got '" + text + "', wanted 64 or 96 hexadecimal digits");
}

/// Reports and quotes are kept as bytes or as hexadecimal text.
base::Buffer evidence(const std::string& path) {
  const std::string content = base::read_file(path, 1U << 16U);
  const std::string digits = content.substr(0, content.find_last_not_of("\r\n ") + 1);
  if (const std::optional<base::Buffer> decoded = base::from_hex(digits)) return *decoded;
  return base::buffer_of(base::bytes_of(content));
}

/// What `parse` makes of a file; its errors name the file.
template <typename Parse>
auto parsed(const std::string& path, Parse parse) {
  const base::Buffer bytes = evidence(path);
  try {
    return parse(base::Bytes(bytes));
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

/// What was observed: a digest, or a quote's registers, or with an event log maybe nothing but the log.
struct Observed {
  base::Buffer digest;  ///< also a report's
  std::optional<measurement::SnpReport> report;
  std::optional<measurement::TdRegisters> td;
  [[nodiscard]] std::optional<std::uint32_t> host_signature() const {
    return report ? report->host_cpuid_signature : std::nullopt;
  }
};

Observed observed(const ExplainOptions& options) {
  const int ways = (options.digest ? 1 : 0) + (options.report ? 1 : 0) + (options.quote ? 1 : 0);
  if (ways > 1 || (ways == 0 && !options.event_log))
    throw Error(Kind::usage, "what was observed? Wanted one of DIGEST, --report and --quote, or an --event-log");
  if (options.digest) return {parsed_digest(*options.digest), std::nullopt, std::nullopt};
  if (options.quote) return {{}, std::nullopt, parsed(*options.quote, measurement::read_td_registers)};
  if (!options.report) return {};
  Observed seen{{}, parsed(*options.report, measurement::parse_snp_report), std::nullopt};
  seen.digest = base::buffer_of(seen.report->measurement.view());
  return seen;
}

/// A kind of digest, where it fits, and its model.
struct Candidate {
  std::string_view name;
  std::size_t size = 0;          ///< bytes; 0: any
  std::optional<base::Tee> tee;  ///< the plan's TEE that reports it
  std::unique_ptr<LaunchModel> (*make)(const KnownFiles& files, const SharedBoots& boots);
};
template <std::unique_ptr<LaunchModel> (*make)(const KnownFiles&)>
std::unique_ptr<LaunchModel> of_files(const KnownFiles& files, const SharedBoots&) {
  return make(files);
}
template <TdRegister reg>
std::unique_ptr<LaunchModel> of_td(const KnownFiles&, const SharedBoots& boots) {
  return measurement::td_model(boots, reg);
}
constexpr Candidate kinds[] = {{"snp", sha384_size, base::Tee::snp, of_files<measurement::snp_model>},
                               {"sev-es", sha256_size, std::nullopt, of_files<measurement::sev_es_model>},
                               {"sev", sha256_size, std::nullopt, of_files<measurement::sev_model>},
                               {"tdx", sha384_size, base::Tee::tdx, of_td<TdRegister::mrtd>},
                               {"tdx", sha384_size, base::Tee::tdx, of_td<TdRegister::rtmr2>},
                               {"tdx", sha384_size, base::Tee::tdx, of_td<TdRegister::rtmr1>},
                               {"tdx", sha384_size, base::Tee::tdx, of_td<TdRegister::rtmr0>},
                               {"pcr", 0, base::Tee::emulated, [](const KnownFiles&, const SharedBoots& boots) {
                                  return measurement::tpm_model(boots);
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
                               " bytes is none of this kind of guest's; --as wants snp, sev-es, sev, tdx or pcr");
}

/// Shows on a terminal how far a long search is.
class Progress {
 public:
  explicit Progress(Console& console) : console_(console) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }
  void clear() {
    if (shown_) console_.err << "\r\033[K" << std::flush;
    shown_ = false;
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

/// How long a search may be seen to take, and what it knows of the host.
measurement::SearchOptions search_options(const Observed& seen, Progress& progress) {
  measurement::SearchOptions how;
  how.host_signature = seen.host_signature();
  how.progress = [&progress](std::size_t tried, std::size_t of) { return progress(tried, of); };
  return how;
}

SearchResult search(const Observed& seen, const ExpectedLaunches& expected, const KnownFiles& files,
                    const std::vector<const Candidate*>& chosen, Console& console) {
  SearchResult all;
  Progress progress(console);
  const SharedBoots boots = measurement::boots_of(files);
  for (const Candidate* kind : chosen) {
    const auto model = kind->make(files, boots);
    SearchResult result =
        measurement::explain_digest(seen.digest, expected.launches, files, *model, search_options(seen, progress));
    all.tried += result.tried;
    for (const std::string& why : result.impossible) all.impossible.push_back(std::string(kind->name) + ": " + why);
    if (!result.found) continue;
    all.found = std::move(result.found);
    break;
  }
  return all;
}

void write(const base::Json& json, Console& console) {
  console.out << json.pretty();
}

int explain_one(const ExplainOptions& options, const Observed& seen, const ExpectedLaunches& expected,
                const KnownFiles& files, Console& console) {
  const auto chosen = kinds_for(options, seen, expected);
  const SearchResult result = search(seen, expected, files, chosen, console);
  const ExplainReport report{seen.digest, seen.report, expected, files, result};
  options.json ? write(explain_json(report), console) : print_explanation(report, console);
  return result.found ? 0 : base::exit_code(Kind::not_attested);
}

/// Each register, for the planned launch that explains most of them.
int explain_quote(const ExplainOptions& options, const Observed& seen, const ExpectedLaunches& expected,
                  const KnownFiles& files, Console& console) {
  std::optional<TdReport> best;
  Progress progress(console);
  for (const measurement::PlannedLaunch& planned : expected.launches) {
    TdReport report{seen.td.value(), planned,
                    measurement::explain_td(*seen.td, planned, files, search_options(seen, progress)),
                    td_findings(*seen.td, expected)};
    if (!best || report.explanation.better_than(best->explanation)) best = std::move(report);
  }
  progress.clear();
  options.json ? write(explain_json(best.value(), files), console) : print_explanation(best.value(), console);
  return best->explanation.complete() ? 0 : base::exit_code(Kind::not_attested);
}

/// Whether the log is the one of the boot that was observed, and which of its registers is in question.
bool belongs(const measurement::EventLog& log, const Observed& seen, std::optional<unsigned>& only) {
  if (seen.td) {
    const auto registers = measurement::compare_with_quote(measurement::replay(log), *seen.td);
    return std::all_of(registers.begin(), registers.end(),
                       [](const auto& one) { return one.matches() || !one.must_match; });
  }
  if (seen.digest.empty()) return true;
  only = measurement::register_with_digest(log, seen.digest);
  return only.has_value();
}

int explain_with_log(const ExplainOptions& options, const Observed& seen, const ExpectedLaunches& expected,
                     const KnownFiles& files, Console& console) {
  if (expected.launches.size() != 1)
    throw Error(Kind::usage, "--event-log: wanted one planned launch: name it with --guest");
  const std::string content = base::read_file(*options.event_log, 1U << 26U);
  const measurement::EventLog log = measurement::parse_event_log(base::bytes_of(content));
  LogReport report{expected.launches.front(), measurement::guess_kind(log), false, std::nullopt, {}};
  report.of_this_boot = belongs(log, seen, report.only);
  Progress progress(console);
  if (report.of_this_boot)
    report.differences =
        measurement::explain_log(log, report.kind, report.planned, files, report.only, search_options(seen, progress));
  progress.clear();
  options.json ? write(explain_json(report, seen.digest), console) : print_explanation(report, console);
  return report.of_this_boot ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace

int explain(const ExplainOptions& options, Console& console) {
  const Observed seen = observed(options);
  KnownImages images;
  const ExpectedLaunches expected = expected_launches(options, images, seen.host_signature());
  if (options.event_log) return explain_with_log(options, seen, expected, images.files(), console);
  if (seen.td) return explain_quote(options, seen, expected, images.files(), console);
  return explain_one(options, seen, expected, images.files(), console);
}

}  // namespace cli
