#include "kms/credential_life.h"

#include <algorithm>

namespace kms {
namespace {

constexpr std::int64_t second = 1000, day = 86'400 * second, week = 7 * day;
constexpr std::int64_t first_retry = second, last_retry = 600 * second;
constexpr unsigned most_doublings = 10;

}  // namespace

CredentialLife::Act CredentialLife::act(std::int64_t now) const {
  if (!ask_at_ || now < *ask_at_) return Act::nothing;
  return known_ ? Act::renew : Act::look;
}

std::int64_t CredentialLife::warned_at() const {
  return *ends_ - std::min(week, granted_ms_ / 2);
}

bool CredentialLife::is_ending(std::int64_t now) const {
  return ends_ && !is_averted() && now >= warned_at();
}

bool CredentialLife::say_that_it_ends(std::int64_t now) {
  const bool said = said_;
  said_ = is_ending(now);
  return said_ && !said;
}

std::optional<std::int64_t> CredentialLife::next() const {
  if (!ends_ || is_averted() || said_) return ask_at_;
  return ask_at_ ? std::min(*ask_at_, warned_at()) : warned_at();
}

void CredentialLife::heard(std::int64_t now, const CredentialTerm& term) {
  known_ = true;
  failures_ = 0;
  problem_.clear();
  renewable_ = term.renewable;
  heard_at_ = now;
  ends_.reset();
  ask_at_.reset();
  if (!term.seconds) return;
  ends_ = now + *term.seconds * second;
  granted_ms_ = std::max(granted_ms_, std::max(*term.seconds, term.granted) * second);
  if (can_be_renewed()) ask_at_ = now + std::max(first_retry, *term.seconds * second / 2);
}

void CredentialLife::looked_at(std::int64_t now, const CredentialTerm& term) {
  heard(now, term);
}

void CredentialLife::renewed(std::int64_t now, const CredentialTerm& term) {
  // A renewal brings as much as has passed since the last one, or less where its server sets it an end.
  if (ends_ && term.seconds) at_its_limit_ = now + *term.seconds * second - *ends_ < (now - heard_at_) / 2;
  heard(now, term);
}

void CredentialLife::failed(std::int64_t now, const std::string& problem) {
  problem_ = problem;
  std::int64_t wait = std::min(last_retry, first_retry << std::min(failures_, most_doublings));
  if (ends_ && now < *ends_) wait = std::min(wait, (*ends_ - now) / 2);
  ++failures_;
  ask_at_ = now + std::max(first_retry, wait);
}

}  // namespace kms
