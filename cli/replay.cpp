#include "cli/replay.h"

#include <algorithm>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/replay_report.h"
#include "measurement/ccel_table.h"

namespace cli {
namespace {

using measurement::LogKind;

constexpr std::uint8_t tdx_type = 2;

LogKind kind_of(const ReplayOptions& options, const measurement::EventLog& log) {
  if (options.ccel) return LogKind::cc;
  if (options.tpm) return LogKind::tpm;
  return measurement::guess_kind(log);
}

void check_table(const std::string& path, base::Bytes log) {
  const measurement::CcelTable table = measurement::read_ccel_table(base::MappedFile(path).bytes());
  if (table.cc_type != tdx_type)
    throw base::Error(base::Kind::malformed, path + ": type " + std::to_string(table.cc_type) + ", wanted 2 (TDX)");
  if (log.size() > table.log_size)
    throw base::Error(base::Kind::malformed, path + ": describes a log of " + std::to_string(table.log_size) +
                                                 " bytes, the log has " + std::to_string(log.size()));
}

measurement::EventLog read_log(const ReplayOptions& options) {
  const base::MappedFile file(options.log);
  if (measurement::is_ccel_table(file.bytes()))
    throw base::Error(base::Kind::usage, options.log +
                                             ": is the table that describes the log (--table), wanted the log: "
                                             "/sys/firmware/acpi/tables/data/CCEL");
  if (options.table) check_table(*options.table, file.bytes());
  return measurement::parse_event_log(file.bytes());
}

base::Json json_file(const std::string& path) {
  return base::Json::parse(base::read_file(path), path);
}

ReplayReport replay_report(const ReplayOptions& options) {
  if (options.ccel && options.tpm) throw base::Error(base::Kind::usage, "wanted one of --ccel and --tpm, got both");
  ReplayReport report;
  report.log = read_log(options);
  report.kind = kind_of(options, report.log);
  report.registers = measurement::replay(report.log);
  if (options.prediction)
    report.differences = measurement::differences(measurement::parse_prediction(json_file(*options.prediction)),
                                                  report.log, report.kind);
  if (options.quote)
    report.quote = measurement::compare_with_quote(
        report.registers, measurement::read_td_registers(base::MappedFile(*options.quote).bytes()));
  if (options.pcrs)
    report.pcrs =
        measurement::compare_with_pcrs(report.registers, measurement::parse_pcr_values(json_file(*options.pcrs)));
  return report;
}

}  // namespace

int replay(const ReplayOptions& options, Console& console) {
  const ReplayReport report = replay_report(options);
  if (options.json)
    console.out << replay_json(report).pretty();
  else
    print(report, console);
  return report.matches() ? 0 : base::exit_code(base::Kind::not_attested);
}

}  // namespace cli
