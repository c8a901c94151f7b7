#pragma once
#include <functional>

#include "cli/console.h"

namespace CLI {
class App;
}

namespace cli {

struct ServiceAccess;

/// What the command line asked for; set by the subcommand that was given. Returns the exit code (docs/exit-codes.md).
using Action = std::function<int(Console&)>;

/// Each adds one verb with its flags to the application (cli11_VERB.cpp).
void add_check(CLI::App& app, Action& action);
void add_plan(CLI::App& app, Action& action);
void add_build(CLI::App& app, Action& action);
void add_measure(CLI::App& app, Action& action);
void add_approve(CLI::App& app, Action& action);
void add_apply(CLI::App& app, Action& action);
void add_attest(CLI::App& app, Action& action);
void add_status(CLI::App& app, Action& action);
void add_destroy(CLI::App& app, Action& action);
void add_host(CLI::App& app, Action& action);
void add_keys(CLI::App& app, Action& action);
void add_id_block(CLI::App& app, Action& action);
void add_explain(CLI::App& app, Action& action);
void add_rehearse(CLI::App& app, Action& action);
void add_schema(CLI::App& app, Action& action);
void add_replay(CLI::App& app, Action& action);
void add_evidence(CLI::App& app, Action& action);
void add_audit(CLI::App& app, Action& action);
void add_kms(CLI::App& app, Action& action);
void add_service(CLI::App& app, Action& action);
void add_trustee(CLI::App& app, Action& action);
void add_revoke(CLI::App& app, Action& action);
void add_verify(CLI::App& app, Action& action);
void add_certificates(CLI::App& app, Action& action);

/// Each adds subcommands of `keys`.
void add_rotate_keys(CLI::App& keys, Action& action);
void add_saved_keys(CLI::App& keys, Action& action);

/// Adds the flags that say how a tenant's running service is reached.
void add_service_access(CLI::App& verb, ServiceAccess& access);

/// Each adds one subcommand of `verify`.
void add_verify_snp(CLI::App& verify, Action& action);
void add_verify_tdx(CLI::App& verify, Action& action);
void add_verify_tpm(CLI::App& verify, Action& action);
void add_verify_destruction(CLI::App& verify, Action& action);

/// Each adds one subcommand of `measure` that needs no tenant file.
void add_measure_snp(CLI::App& measure, Action& action);
void add_measure_sev_es(CLI::App& measure, Action& action);
void add_measure_sev(CLI::App& measure, Action& action);
void add_measure_tdx(CLI::App& measure, Action& action);
void add_measure_pcr(CLI::App& measure, Action& action);
void add_measure_igvm(CLI::App& measure, Action& action);
void add_measure_cca(CLI::App& measure, Action& action);

/// Parses the arguments and runs the verb. Turns Error into one line on `err` and its exit code.
int run(int argc, const char* const* argv, Console& console);

}  // namespace cli
