#include "measurement/explain_td.h"

#include <algorithm>
#include <array>

namespace measurement {
namespace {

struct Known {
  std::unique_ptr<LaunchModel> model;
  base::Bytes digest;
};

/// Of the launches with a register, those that have the registers explained before, too.
class ConsistentModel final : public LaunchModel {
 public:
  ConsistentModel(LaunchModel& model, const std::vector<Known>& before) : model_(model), before_(before) {}

  [[nodiscard]] const std::set<Input>& inputs() const override { return model_.inputs(); }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    std::optional<Match> found = model_.match(candidate, digest);
    if (!found) return std::nullopt;
    const bool consistent = std::all_of(before_.begin(), before_.end(), [&](const Known& known) {
      return known.model->match(candidate, known.digest).has_value();
    });
    return consistent ? found : std::nullopt;
  }

 private:
  LaunchModel& model_;
  const std::vector<Known>& before_;
};

std::size_t explained(const TdExplanation& explanation) {
  return static_cast<std::size_t>(std::count_if(explanation.registers.begin(), explanation.registers.end(),
                                                [](const auto& reg) { return reg.result.found.has_value(); }));
}

std::size_t changes(const TdExplanation& explanation) {
  std::size_t count = 0;
  for (const ExplainedRegister& reg : explanation.registers)
    if (reg.result.found) count += reg.result.found->changes.size();
  return count;
}

}  // namespace

bool TdExplanation::complete() const {
  return explained(*this) == registers.size();
}

bool TdExplanation::better_than(const TdExplanation& other) const {
  if (explained(*this) != explained(other)) return explained(*this) > explained(other);
  return changes(*this) < changes(other);
}

TdExplanation explain_td(const TdRegisters& observed, const PlannedLaunch& planned, const KnownFiles& files,
                         const SearchOptions& options) {
  const std::array<base::Sha384, 4> digests{base::Sha384{observed.mrtd.bytes}, observed.rtmr[0], observed.rtmr[1],
                                            observed.rtmr[2]};
  TdExplanation explanation;
  PlannedLaunch start = planned;
  std::vector<Known> before;
  const SharedBoots boots = boots_of(files);
  for (const TdRegister reg : {TdRegister::mrtd, TdRegister::rtmr0, TdRegister::rtmr1, TdRegister::rtmr2}) {
    const base::Sha384& digest = digests.at(static_cast<std::size_t>(reg));
    std::unique_ptr<LaunchModel> model = td_model(boots, reg);
    ConsistentModel consistent(*model, before);
    SearchResult result = explain_digest(digest.view(), {start}, files, consistent, options);
    if (result.found) {
      start.launch = result.found->launch;
      before.push_back({std::move(model), digest.view()});
    }
    explanation.registers.push_back({reg, digest, std::move(result)});
  }
  explanation.launch = start.launch;
  return explanation;
}

}  // namespace measurement
