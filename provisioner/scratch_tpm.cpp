#include "provisioner/scratch_tpm.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "base/error.h"
#include "base/posix_child.h"
#include "base/posix_files.h"
#include "base/posix_process.h"

namespace provisioner {
namespace {

/// swtpm_setup becomes another user when it is run by root and not told whom to stay.
std::string own_name() {
  const struct passwd* const entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::string("root") : entry->pw_name;
}

void set_up(const std::string& directory, const std::string& banks) {
  try {
    base::run_or_throw({"swtpm_setup", "--tpm2", "--tpm-state", directory, "--pcr-banks", banks, "--runas", own_name(),
                        "--not-overwrite"});
  } catch (const base::Error& error) {
    throw base::Error(error.kind(), std::string(error.what()) + "; a software TPM needs swtpm and swtpm-tools");
  }
}

std::unique_ptr<base::Child> start(const std::string& directory, const std::string& socket, const std::string& log) {
  const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  base::ChildStreams streams;
  if (errors >= 0) streams.errors = errors;
  try {
    auto child = std::make_unique<base::Child>(
        std::vector<std::string>{"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + directory + ",mode=0600", "--ctrl",
                                 "type=unixio,path=" + socket + ",mode=0600"},
        streams);
    if (errors >= 0) ::close(errors);
    return child;
  } catch (const base::Error& error) {
    if (errors >= 0) ::close(errors);
    throw base::Error(error.kind(), std::string(error.what()) + "; install swtpm");
  }
}

}  // namespace

struct ScratchTpm::State {
  std::string socket;
  std::unique_ptr<base::Child> child;
};

ScratchTpm::ScratchTpm(const std::string& directory, const std::string& banks) : state_(std::make_unique<State>()) {
  if (!banks.empty()) set_up(directory, banks);
  state_->socket = directory + "/control";
  const std::string log = directory + "/errors";
  state_->child = start(directory, state_->socket, log);
  struct stat found{};
  for (int i = 0; ::stat(state_->socket.c_str(), &found) != 0; ++i) {
    if (state_->child->ended_within(std::chrono::milliseconds(10)) || i == 1000)
      throw base::Error(base::Kind::host, "swtpm does not start: " + base::read_file_if_any(log).value_or(""));
  }
}

ScratchTpm::~ScratchTpm() = default;

const std::string& ScratchTpm::socket() const {
  return state_->socket;
}

}  // namespace provisioner
