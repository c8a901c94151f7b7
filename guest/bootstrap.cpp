#include "guest/bootstrap.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/tar_archive.h"
#include "guest/evidence.h"

namespace guest {
namespace {

using base::Error;
using base::Kind;

constexpr std::string_view word = "bulkhead.initdata=sha256:";
constexpr unsigned request_seconds = 20;
constexpr const char* event_log_path = "/sys/kernel/security/tpm0/binary_bios_measurements";

std::string bootstrap_path(const base::GuestId& id) {
  return std::string("resource/bulkhead/bootstrap/") + base::name_of(id.pool) + "-" + std::to_string(id.index);
}

}  // namespace

base::Sha256 announced_digest(std::string_view command_line) {
  std::optional<base::Sha256> found;
  while (!command_line.empty()) {
    const std::size_t begin = command_line.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) break;
    command_line.remove_prefix(begin);
    const std::string_view one = command_line.substr(0, command_line.find_first_of(" \t\n"));
    command_line.remove_prefix(one.size());
    if (one.substr(0, word.size()) != word) continue;
    if (found) throw Error(Kind::malformed, "command line: more than one word bulkhead.initdata");
    found = base::Sha256::parse(one.substr(word.size()));
    if (!found) {
      throw Error(Kind::malformed,
                  "command line: bulkhead.initdata: wanted sha256 and 64 digits, got '" + std::string(one) + "'");
    }
  }
  if (!found) {
    throw Error(Kind::malformed,
                "command line: no word bulkhead.initdata=sha256:HEX, so nothing says what this guest is");
  }
  return *found;
}

std::string checked_initdata(base::Bytes config_disk, std::string_view command_line) {
  const base::Sha256 wanted = announced_digest(command_line);
  const std::vector<base::TarMember> members = base::read_tar_archive(config_disk, "config disk");
  const auto found =
      std::find_if(members.begin(), members.end(), [](const base::TarMember& m) { return m.path == "initdata.toml"; });
  if (found == members.end()) throw Error(Kind::malformed, "config disk: no initdata.toml");
  const base::Sha256 got = base::sha256(base::bytes_of(found->content));
  if (got != wanted) {
    throw Error(Kind::not_attested, "initdata: the measured command line announces sha256 " + wanted.hex() +
                                        ", the config disk holds " + got.hex());
  }
  return found->content;
}

base::Secret fetch_bootstrap_secret(const base::Initdata& initdata, const std::string& document, const Tpm& tpm,
                                    unsigned patience_seconds) {
  TpmEvidenceMaker maker(tpm, initdata.guest.text(), document,
                         base::buffer_of(base::bytes_of(base::read_file(event_log_path, 1U << 20U))));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(patience_seconds);
  for (int pause_ms = 100;; pause_ms = std::min(pause_ms * 2, 2000)) {
    try {
      const auto service = attestation::wire::make_https_client(initdata.attestation.url.text(),
                                                                initdata.attestation.ca, request_seconds);
      return attestation::wire::fetch_resource(*service, maker, bootstrap_path(initdata.guest));
    } catch (const Error& error) {
      if (error.kind() != Kind::host || std::chrono::steady_clock::now() > deadline) throw;
    }
    ::poll(nullptr, 0, pause_ms);  // back off before the next attempt
  }
}

}  // namespace guest
