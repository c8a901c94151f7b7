#pragma once
#include <optional>
#include <string>

#include "base/error.h"
#include "base/posix_process.h"

/// nft's own parser, in a user and network namespace of its own so that no privilege is needed. nullopt: not possible
/// here.
inline std::optional<base::ProcessResult> loaded_by_nft(const std::string& ruleset) {
  try {
    if (base::run({"unshare", "-rn", "nft", "list", "ruleset"}).exit_code != 0) return std::nullopt;
    base::ProcessOptions options;
    options.input = ruleset;
    return base::run({"unshare", "-rn", "nft", "-f", "-"}, options);
  } catch (const base::Error&) {
    return std::nullopt;
  }
}
