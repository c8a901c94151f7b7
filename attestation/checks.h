#pragma once
#include <utility>

#include "attestation/check.h"

namespace attestation {

/// The questions of one verification, in the order they were asked.
class Checks {
 public:
  bool add(std::string name, bool ok, std::string got, std::string wanted) {
    return push(std::move(name), ok ? Check::Outcome::ok : Check::Outcome::failed, std::move(got), std::move(wanted));
  }
  /// One that could not be made. @param got what is missing
  void not_checked(std::string name, std::string got, std::string wanted) {
    push(std::move(name), Check::Outcome::not_checked, std::move(got), std::move(wanted));
  }
  [[nodiscard]] const std::vector<Check>& list() const noexcept { return list_; }
  void append(const std::vector<Check>& more) { list_.insert(list_.end(), more.begin(), more.end()); }
  std::vector<Check> take() && { return std::move(list_); }

 private:
  bool push(std::string name, Check::Outcome outcome, std::string got, std::string wanted) {
    list_.push_back({.name = std::move(name), .outcome = outcome, .got = std::move(got), .wanted = std::move(wanted)});
    return outcome == Check::Outcome::ok;
  }
  std::vector<Check> list_;
};

}  // namespace attestation
