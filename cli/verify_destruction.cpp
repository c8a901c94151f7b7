#include "cli/verify_destruction.h"

#include "attestation/destruction_statement.h"
#include "attestation/printable.h"
#include "base/posix_files.h"
#include "base/utc_time.h"

namespace cli {
namespace {

using attestation::DestructionStatement;
using attestation::printable;
using base::Json;

constexpr std::size_t largest_statement = 1U << 24U, largest_ca = 1U << 16U;

Json statement_json(const DestructionStatement& statement) {
  return Json::Object{{"schema", "bulkhead.destruction/v1"},
                      {"tenant", statement.tenant},
                      {"service", statement.service},
                      {"time", base::utc_text(statement.time_ms / 1000)},
                      {"destroyed", Json::Array(statement.keys.begin(), statement.keys.end())},
                      {"auditHead", statement.audit_head}};
}

void print(const DestructionStatement& statement, Console& console) {
  console.out << "The service of tenant " << printable(statement.tenant) << " at " << printable(statement.service)
              << " stated at " << base::utc_text(statement.time_ms / 1000) << " that it destroyed "
              << statement.keys.size() << " keys:\n";
  for (const std::string& key : statement.keys) console.out << "  " << printable(key) << "\n";
  console.out << "Its audit log says so in the line with SHA-256 " << printable(statement.audit_head) << ".\n";
}

}  // namespace

int verify_destruction(const VerifyDestructionOptions& options, Console& console) {
  std::string jws = base::read_file(options.statement, largest_statement);
  while (jws.ends_with('\n')) jws.pop_back();
  const std::string ca = base::read_file(options.ca, largest_ca);
  const DestructionStatement statement = attestation::verified_destruction(jws, ca, options.statement);
  if (options.json) {
    console.out << statement_json(statement).pretty();
  } else {
    print(statement, console);
  }
  return 0;
}

}  // namespace cli
