#include "measurement/explain.h"

#include <algorithm>

#include "base/error.h"

namespace measurement {
namespace {

constexpr std::size_t candidates_between_reports = 64;

/// The changes of one planned launch that its kind of digest can show.
std::vector<Change> changes_of(const LaunchCandidate& planned, const KnownFiles& files, const LaunchModel& model,
                               const SearchOptions& options) {
  std::vector<Change> changes = variations(planned, files, options.host_signature);
  std::erase_if(changes, [&](const Change& change) { return !model.inputs().contains(change.input); });
  return changes;
}

std::string vcpus_text(unsigned got, unsigned wanted) {
  return std::to_string(got) + (got == 1 ? " vCPU" : " vCPUs") + " (planned " + std::to_string(wanted) + ")";
}

/// Walks the neighbourhood of all planned launches, by number of changes.
class Search {
 public:
  Search(base::Bytes digest, const std::vector<PlannedLaunch>& planned, const KnownFiles& files, LaunchModel& model,
         const SearchOptions& options)
      : digest_(digest), planned_(planned), model_(model), options_(options) {
    for (const PlannedLaunch& one : planned) changes_.push_back(changes_of(one.launch, files, model, options));
    for (const std::vector<Change>& changes : changes_)
      for (unsigned count = 0; count <= options.most_changes; ++count) total_ += combinations(changes.size(), count);
  }

  SearchResult run() && {
    for (unsigned count = 0; count <= options_.most_changes && !done(); ++count)
      for (std::size_t i = 0; i < planned_.size() && !done(); ++i) walk(i, 0, count, planned_[i].launch);
    if (result_.found) result_.found->tried = result_.tried;
    return std::move(result_);
  }

 private:
  static std::size_t combinations(std::size_t of, unsigned count) {
    std::size_t product = 1;
    for (unsigned i = 0; i < count; ++i) product = product * (of - std::min<std::size_t>(i, of)) / (i + 1);
    return product;
  }

  [[nodiscard]] bool done() const { return result_.found || !result_.complete; }

  /// Applies `left` more changes, from `first` on, to `candidate`.
  void walk(std::size_t planned, std::size_t first, unsigned left, const LaunchCandidate& candidate) {
    if (left == 0) return measure(planned, candidate);
    const std::vector<Change>& changes = changes_[planned];
    for (std::size_t i = first; i < changes.size() && !done(); ++i) {
      if (std::any_of(applied_.begin(), applied_.end(), [&](const Change* a) { return a->input == changes[i].input; }))
        continue;
      LaunchCandidate changed = candidate;
      changes[i].apply(changed);
      applied_.push_back(&changes[i]);
      walk(planned, i + 1, left - 1, changed);
      applied_.pop_back();
    }
  }

  void measure(std::size_t planned, const LaunchCandidate& candidate) {
    if (++result_.tried % candidates_between_reports == 0 && options_.progress)
      result_.complete = options_.progress(result_.tried, total_);
    const std::optional<LaunchModel::Match> match = match_if_possible(planned, candidate);
    if (!match) return;
    Explanation found{planned, match->reg, candidate, {}, 0};
    found.launch.vcpus = match->vcpus;
    if (match->vcpus != candidate.vcpus) found.changes.push_back(vcpus_text(match->vcpus, candidate.vcpus));
    for (const Change* change : applied_) found.changes.push_back(change->text);
    result_.found = std::move(found);
  }

  std::optional<LaunchModel::Match> match_if_possible(std::size_t planned, const LaunchCandidate& candidate) try {
    return model_.match(candidate, digest_);
  } catch (const base::Error& error) {
    if (applied_.empty()) result_.impossible.push_back(planned_[planned].name + ": " + error.what());
    return std::nullopt;
  }

  base::Bytes digest_;
  const std::vector<PlannedLaunch>& planned_;
  LaunchModel& model_;
  const SearchOptions& options_;
  std::vector<std::vector<Change>> changes_;
  std::vector<const Change*> applied_;
  std::size_t total_ = 0;
  SearchResult result_;
};

}  // namespace

SearchResult explain_digest(base::Bytes digest, const std::vector<PlannedLaunch>& planned, const KnownFiles& files,
                            LaunchModel& model, const SearchOptions& options) {
  return Search(digest, planned, files, model, options).run();
}

std::string text_of(const Explanation& explanation, const std::vector<PlannedLaunch>& planned) {
  std::string text = planned[explanation.planned].name;
  if (explanation.changes.empty()) return text + ", as planned";
  for (std::size_t i = 0; i < explanation.changes.size(); ++i)
    text += (i == 0 ? " with " : i + 1 == explanation.changes.size() ? " and " : ", ") + explanation.changes[i];
  return text;
}

}  // namespace measurement
