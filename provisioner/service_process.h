#pragma once
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace provisioner {

/// Where one tenant's service lives.
struct ServicePlace {
  std::string tenant;
  std::string program;   ///< bulkhead-attestd
  std::string state;     ///< STORE/tenants/NAME/service: bundle.json, config.json and what the service keeps
  std::string run;       ///< RUN/NAME: attestd.lock, attestd.log, admin.sock
  std::string router;    ///< network namespace it runs in
  std::string listen;    ///< "10.20.255.1:8443"
  unsigned user_id = 0;  ///< also its group; has no entry in passwd

  [[nodiscard]] std::string lock() const { return run + "/attestd.lock"; }
  [[nodiscard]] std::string log() const { return run + "/attestd.log"; }
  [[nodiscard]] std::string admin_socket() const { return run + "/admin.sock"; }
  /// The program and its arguments. No secret is among them.
  [[nodiscard]] std::vector<std::string> command() const;
};

/// The process that holds the lock; nullopt when the service is not running.
std::optional<pid_t> service_process(const std::string& lock);

/// Starts the service as a detached process: own session, no controlling terminal, its user id and no privileges,
/// inside its router's network namespace, with nothing open but its log.
/// @throws Error{host} when it cannot be started
void start_detached(const ServicePlace& place);

/// Waits until the service answers at its admin socket. @throws Error{host} with the end of its log when it ends
/// instead
void await_service(const ServicePlace& place);

/// Ends exactly the process that holds the lock, politely at first. Nothing happens when there is none.
void stop_service(const std::string& lock);

}  // namespace provisioner
