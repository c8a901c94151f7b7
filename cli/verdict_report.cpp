#include "cli/verdict_report.h"

#include <chrono>

#include "base/encoding.h"
#include "base/error.h"
#include "base/utc_time.h"

namespace cli {
namespace {

using attestation::Check;

std::string mark(const Check& check, const Console& console) {
  switch (check.outcome) {
    case Check::Outcome::ok:
      return coloured(console, "ok      ", "32");
    case Check::Outcome::failed:
      return check.weight == Check::Weight::mandatory ? coloured(console, "FAILED  ", "31")
                                                      : coloured(console, "warning ", "33");
    case Check::Outcome::not_checked:
      break;
  }
  return "-       ";
}

std::string text_of(const base::Json& value) {
  return value.is_string() ? value.text() : value.compact();
}

void print_parts(const base::Json& value, Console& console) {
  const base::Json* const number = value.find("value");
  console.out << (number == nullptr ? "" : number->text());
  for (const auto& [part, content] : value.object()) {
    if (part == "value" || (content.is_bool() && !content.boolean())) continue;
    console.out << " " << part;
    if (!content.is_bool()) console.out << "=" << text_of(content);
  }
}

}  // namespace

void print_fields(const base::Json& fields, Console& console) {
  constexpr std::size_t width = 20;
  for (const auto& [name, value] : fields.object()) {
    console.out << "  " << name << std::string(name.size() < width ? width - name.size() : 1, ' ');
    if (value.is_object())
      print_parts(value, console);
    else
      console.out << text_of(value);
    console.out << "\n";
  }
}

base::Json checks_json(const std::vector<Check>& checks) {
  base::Json::Array all;
  for (const Check& check : checks)
    all.push_back(base::Json::Object{{"name", check.name},
                                     {"outcome", attestation::outcome_name(check.outcome)},
                                     {"mandatory", check.weight == Check::Weight::mandatory},
                                     {"got", check.got},
                                     {"wanted", check.wanted}});
  return all;
}

base::Json certificate_json(const base::X509Certificate& certificate) {
  return base::Json::Object{{"subject", certificate.subject()},
                            {"issuer", certificate.issuer()},
                            {"serial", base::hex(certificate.serial())},
                            {"sha256", certificate.fingerprint().hex()},
                            {"notBefore", base::utc_text(certificate.not_before())},
                            {"notAfter", base::utc_text(certificate.not_after())}};
}

void print_checks(const std::vector<Check>& checks, Console& console) {
  constexpr std::size_t name_width = 20;
  std::size_t wrong = 0;
  for (const Check& check : checks) {
    if (check.weight == Check::Weight::mandatory && check.outcome != Check::Outcome::ok) ++wrong;
    const std::string padding(check.name.size() < name_width ? name_width - check.name.size() : 1, ' ');
    console.out << mark(check, console) << check.name << padding << check.got;
    if (check.outcome == Check::Outcome::failed) console.out << "; wanted " << check.wanted;
    console.out << "\n";
  }
  if (attestation::all_mandatory_ok(checks))
    console.out << coloured(console, "genuine", "32") << "\n";
  else
    console.out << coloured(console, "NOT genuine", "31") << ": " << wrong << " of " << checks.size()
                << " checks failed or could not be made\n";
}

std::int64_t verification_time(const std::optional<std::string>& given) {
  if (!given)
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  if (const auto time = base::parse_utc(*given)) return *time;
  throw base::Error(base::Kind::usage,
                    "--time: got '" + *given + "', wanted RFC 3339 (2026-11-25T22:00:00Z) or seconds since the epoch");
}

}  // namespace cli
