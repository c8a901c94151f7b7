#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

struct AuditOptions {
  std::string log;
  std::string head;  ///< hex SHA-256 noted earlier, or ""
  bool json = false;
};

struct ShowAuditOptions {
  std::string log;
  std::string entry;  ///< as a refused client was told it, or "" for every line
};

/// Prints lines of an audit log for people. Exit 1 when there is no such entry.
int show_audit(const ShowAuditOptions& options, Console& console);

/// Checks the hash chain of a service's audit log and, with `head`, that it still holds what it held when that was
/// noted. Exit 0 when it does, 1 when it does not.
int verify_audit(const AuditOptions& options, Console& console);

}  // namespace cli
