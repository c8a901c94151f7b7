#include <algorithm>

#include "base/error.h"
#include "measurement/candidate_boots.h"
#include "measurement/explain_models.h"
#include "measurement/td_events.h"

namespace measurement {
namespace {

template <typename Digest>
bool is(const Digest& value, base::Bytes digest) {
  return std::equal(digest.begin(), digest.end(), value.bytes.begin(), value.bytes.end());
}

/// What RTMR0, RTMR1 and RTMR2 follow from.
const std::set<Input>& rtmr_inputs(unsigned index) {
  static const std::set<Input> each[predicted_rtmrs] = {
      {Input::memory, Input::vcpus, Input::firmware, Input::tables, Input::generation, Input::machine,
       Input::processor},
      {Input::kernel, Input::hypervisor, Input::generation, Input::memory, Input::command_line, Input::initrd,
       Input::machine, Input::firmware},
      {Input::command_line, Input::initrd, Input::initrd_word, Input::generation, Input::firmware}};
  return each[index];
}

/// What the registers of a TPM follow from, all together.
std::set<Input> pcr_inputs() {
  std::set<Input> all;
  for (unsigned index = 0; index < predicted_rtmrs; ++index)
    all.insert(rtmr_inputs(index).begin(), rtmr_inputs(index).end());
  all.erase(Input::processor);  // the host's shows in a TD only
  return all;
}

/// The register and bank that hold the digest.
template <typename Digest>
std::optional<std::string> register_with(const std::map<unsigned, Digest>& bank, const char* name, base::Bytes digest) {
  for (const auto& [pcr, value] : bank)
    if (is(value, digest)) return "PCR " + std::to_string(pcr) + " (" + name + ")";
  return std::nullopt;
}

std::string outcome_text(const Prediction& boot, std::size_t outcome) {
  return outcome == 0 ? "" : ", when " + boot.alternatives[outcome - 1].what;
}

std::vector<const std::vector<BootEvent>*> outcomes_of(const Prediction& boot) {
  std::vector<const std::vector<BootEvent>*> all{&boot.events};
  for (const Alternative& other : boot.alternatives) all.push_back(&other.events);
  return all;
}

/// Leaves out what no event of the register follows from: nobody is asked for it, and nobody need know it.
LaunchCandidate for_register(LaunchCandidate candidate, base::Tee tee, unsigned reg) {
  constexpr HypervisorVersion leaves_kernels_alone{10, 2};
  if (reg != rtmr0_register) candidate.tables = std::nullopt;  // PCR 1 has the same number
  if (tee != base::Tee::tdx) return candidate;
  if (reg == rtmr0_register) candidate.kernel = candidate.initrd = std::nullopt;
  if (reg == rtmr0_register + 2) candidate.hypervisor = leaves_kernels_alone;
  return candidate;
}

class TpmModel final : public LaunchModel {
 public:
  explicit TpmModel(SharedBoots boots) : boots_(std::move(boots)) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> all = pcr_inputs();
    return all;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    if (!candidate.kernel) return std::nullopt;
    const Prediction boot = boots_->predict(candidate, base::Tee::emulated);
    const auto outcomes = outcomes_of(boot);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const PcrValues values = fold(*outcomes[i]);
      auto reg = register_with(values.sha256, "SHA-256", digest);
      if (!reg) reg = register_with(values.sha384, "SHA-384", digest);
      if (reg) return Match{*reg + outcome_text(boot, i), candidate.vcpus};
    }
    return std::nullopt;
  }

 private:
  SharedBoots boots_;
};

class MrtdModel final : public LaunchModel {
 public:
  explicit MrtdModel(SharedBoots boots) : boots_(std::move(boots)) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    static const std::set<Input> both{Input::firmware, Input::page_order};
    return both;
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    return is(boots_->mrtd(candidate), digest) ? std::optional(Match{"MRTD", candidate.vcpus}) : std::nullopt;
  }

 private:
  SharedBoots boots_;
};

class RtmrModel final : public LaunchModel {
 public:
  RtmrModel(SharedBoots boots, unsigned index) : boots_(std::move(boots)), index_(index) {}

  [[nodiscard]] const std::set<Input>& inputs() const override { return rtmr_inputs(index_); }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    const Prediction boot =
        boots_->predict(for_register(candidate, base::Tee::tdx, rtmr0_register + index_), base::Tee::tdx);
    if (const std::string why = unknown_because(boot, index_); !why.empty())
      throw base::Error(base::Kind::failure, "RTMR" + std::to_string(index_) + " cannot be known: " + why);
    const auto outcomes = outcomes_of(boot);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const PcrValues values = fold(*outcomes[i]);
      const auto value = values.sha384.find(rtmr0_register + index_);
      if (value != values.sha384.end() && is(value->second, digest))
        return Match{"RTMR" + std::to_string(index_) + outcome_text(boot, i), candidate.vcpus};
    }
    return std::nullopt;
  }

 private:
  SharedBoots boots_;
  unsigned index_;
};

class EventModel final : public LaunchModel {
 public:
  EventModel(SharedBoots boots, base::Tee tee, unsigned reg) : boots_(std::move(boots)), tee_(tee), reg_(reg) {}

  [[nodiscard]] const std::set<Input>& inputs() const override {
    const unsigned reg = tee_ == base::Tee::tdx ? reg_ : cc_register_of_pcr(reg_).value_or(0);
    return rtmr_inputs(std::clamp(reg, rtmr0_register, predicted_rtmrs) - rtmr0_register);
  }

  std::optional<Match> match(const LaunchCandidate& candidate, base::Bytes digest) override {
    const Prediction boot = boots_->predict(for_register(candidate, tee_, reg_), tee_);
    for (const std::vector<BootEvent>* const events : outcomes_of(boot))
      for (const BootEvent& event : *events)
        if (event.pcr == reg_ && event.provenance != Provenance::unpredictable &&
            (is(event.sha256, digest) || is(event.sha384, digest)))
          return Match{event.what, candidate.vcpus};
    return std::nullopt;
  }

 private:
  SharedBoots boots_;
  base::Tee tee_;
  unsigned reg_;
};

}  // namespace

SharedBoots boots_of(const KnownFiles& files) {
  return std::make_shared<CandidateBoots>(files);
}

std::unique_ptr<LaunchModel> tpm_model(SharedBoots boots) {
  return std::make_unique<TpmModel>(std::move(boots));
}

std::string_view name_of(TdRegister reg) noexcept {
  switch (reg) {
    case TdRegister::mrtd:
      return "MRTD";
    case TdRegister::rtmr0:
      return "RTMR0";
    case TdRegister::rtmr1:
      return "RTMR1";
    case TdRegister::rtmr2:
      return "RTMR2";
  }
  return "";
}

std::unique_ptr<LaunchModel> td_model(SharedBoots boots, TdRegister reg) {
  if (reg == TdRegister::mrtd) return std::make_unique<MrtdModel>(std::move(boots));
  return std::make_unique<RtmrModel>(std::move(boots),
                                     static_cast<unsigned>(reg) - static_cast<unsigned>(TdRegister::rtmr0));
}

std::unique_ptr<LaunchModel> event_model(SharedBoots boots, base::Tee tee, unsigned reg) {
  return std::make_unique<EventModel>(std::move(boots), tee, reg);
}

}  // namespace measurement
