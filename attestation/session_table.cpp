#include "attestation/session_table.h"

#include <algorithm>

namespace attestation {
namespace {

constexpr std::size_t most_sessions = 2048;
constexpr std::ptrdiff_t most_of_one_source = 64;
constexpr std::int64_t lifetime_ms = 300'000;  // five minutes
constexpr std::size_t half_nonce = 16;

}  // namespace

base::Buffer SessionTable::mac(base::Bytes random, const std::string& id) const {
  base::Buffer message = base::buffer_of(random);
  base::append(message, base::bytes_of(id));
  base::append(message, base::bytes_of(tenant_));
  base::Buffer code = base::hmac_sha256(nonce_key_.view(), message);
  code.resize(half_nonce);
  return code;
}

void SessionTable::forget_expired(std::int64_t now_ms) {
  std::erase_if(sessions_, [&](const auto& entry) { return now_ms >= entry.second.expires_ms; });
}

bool SessionTable::make_room() {
  auto oldest = sessions_.end();
  for (auto one = sessions_.begin(); one != sessions_.end(); ++one) {
    if (!one->second.used) continue;
    if (oldest == sessions_.end() || one->second.expires_ms < oldest->second.expires_ms) oldest = one;
  }
  if (oldest == sessions_.end()) return false;
  sessions_.erase(oldest);
  return true;
}

std::size_t SessionTable::count(std::int64_t now_ms) {
  forget_expired(now_ms);
  return sessions_.size();
}

std::optional<std::string> SessionTable::start(const std::string& source, const std::string& tee, std::int64_t now_ms) {
  forget_expired(now_ms);
  const auto of_source = std::count_if(sessions_.begin(), sessions_.end(),
                                       [&](const auto& entry) { return entry.second.source == source; });
  if (of_source >= most_of_one_source || (sessions_.size() >= most_sessions && !make_room())) return std::nullopt;
  base::Buffer uuid = base::random_bytes(16);  // version 4, as Trustee's are. Source: RFC 9562 section 5.4
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0fU) | 0x40U);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3fU) | 0x80U);
  const std::string id = base::hex(uuid);
  base::Buffer nonce = base::random_bytes(half_nonce);
  base::append(nonce, mac(base::Bytes(nonce), id));
  sessions_[id] = Session{source, tee, base::base64(nonce), now_ms + lifetime_ms, false, ""};
  return id;
}

SessionTable::Session* SessionTable::find(const std::string& id, std::int64_t now_ms) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || now_ms >= found->second.expires_ms ? nullptr : &found->second;
}

bool SessionTable::made_here(const std::string& nonce, const std::string& id) const {
  const std::optional<base::Buffer> raw = base::from_base64(nonce);
  if (!raw || raw->size() != 2 * half_nonce) return false;
  const base::Bytes bytes(*raw);
  return base::equal_in_constant_time(bytes.subspan(half_nonce), mac(bytes.first(half_nonce), id));
}

}  // namespace attestation
