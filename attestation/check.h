#pragma once
#include <string>
#include <vector>

namespace attestation {

/// One question that a verification asked.
struct Check {
  enum class Outcome { ok, failed, not_checked };
  std::string name;  ///< "quoteSignature"
  Outcome outcome = Outcome::not_checked;
  std::string got, wanted;  ///< what was found, what would be right; of one not checked, what is missing
  bool mandatory = true;    ///< evidence is genuine only when all of these are ok
};

/// The questions of one verification, in the order they were asked.
class Checks {
 public:
  bool add(std::string name, bool ok, std::string got, std::string wanted) {
    list_.push_back(
        {std::move(name), ok ? Check::Outcome::ok : Check::Outcome::failed, std::move(got), std::move(wanted)});
    return ok;
  }
  void not_checked(std::string name, std::string got, std::string wanted) {
    list_.push_back({std::move(name), Check::Outcome::not_checked, std::move(got), std::move(wanted)});
  }
  void not_asked(std::string name, std::string got) {
    list_.push_back({std::move(name), Check::Outcome::not_checked, std::move(got), "nothing", false});
  }
  /// Whether every mandatory check is ok.
  [[nodiscard]] bool all_ok() const {
    for (const Check& check : list_)
      if (check.mandatory && check.outcome != Check::Outcome::ok) return false;
    return true;
  }
  std::vector<Check> take() && { return std::move(list_); }

 private:
  std::vector<Check> list_;
};

}  // namespace attestation
