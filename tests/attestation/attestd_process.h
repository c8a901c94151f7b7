#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attestation/admin_client.h"
#include "attestation/wire/http_client.h"
#include "base/error.h"
#include "base/posix_child.h"

namespace attestation {

/// The program bulkhead-attestd for tenant acme, run by a test on a loopback address that no other test process has.
class AttestdProcess {
 public:
  /// Its administrator's socket and its lock are these paths; whoever asks for `admin` asks there.
  AttestdProcess(std::string admin_socket, std::string lock)
      : admin(make_admin_client(admin_socket)), admin_socket_(std::move(admin_socket)), lock_(std::move(lock)) {}

  /// Starts it in this state directory; it need not come to answer.
  base::Child& launch(const std::string& state) {
    std::vector<std::string> command{BULKHEAD_ATTESTD,   "--tenant", "acme",        "--state", state, "--listen",
                                     address_ + ":8443", "--admin",  admin_socket_, "--lock",  lock_};
    command.insert(command.end(), more_flags.begin(), more_flags.end());
    command.insert(command.begin(), before_program.begin(), before_program.end());
    return process_.emplace(command, base::ChildStreams{});
  }
  /// Starts it and returns when its administrator is answered; a test failure if it ends instead.
  void start(const std::string& state) {
    base::Child& process = launch(state);
    for (unsigned i = 0; i < 3000; ++i) {
      try {
        admin->state();
        return;
      } catch (const base::Error&) {
        ASSERT_EQ(process.ended_within(std::chrono::milliseconds(10)), std::nullopt) << "it ended";
      }
    }
    FAIL() << "nobody answers at " << admin_socket_;
  }
  void kill() { process_.reset(); }
  /// Tells it to end. @return how it ends, when it does within a minute
  std::optional<int> stop() {
    ::kill(process_->id(), SIGTERM);
    return process_->ended_within(std::chrono::seconds(60));
  }

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::string url() const { return "https://" + address_ + ":8443"; }
  /// @param ca the PEM certificate that the service's own must follow from.
  [[nodiscard]] std::unique_ptr<wire::HttpClient> client(const std::string& ca) const {
    return wire::make_https_client(url(), ca, 10);
  }

  std::unique_ptr<AdminClient> admin;
  std::vector<std::string> more_flags;
  std::vector<std::string> before_program;  ///< such as env(1) with what the program is to find in its environment

 private:
  std::string admin_socket_, lock_;
  /// One of 62500, so that programs side by side have their own.
  std::string address_ = "127.77." + std::to_string(getpid() / 250 % 250) + "." + std::to_string(getpid() % 250 + 1);
  std::optional<base::Child> process_;
};

}  // namespace attestation
