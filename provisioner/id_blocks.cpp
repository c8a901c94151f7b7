#include "provisioner/id_blocks.h"

#include "base/encoding.h"
#include "base/error.h"

namespace provisioner {
namespace {

using base::Json;
using base::Pool;
using measurement::SnpReferenceValues;

constexpr Pool pools[] = {Pool::control, Pool::worker};

/// What of a pool's ID block does not fit its guests; empty when everything does.
std::string problems_of(const Intent& intent, Pool pool, const measurement::SignedIdBlock* made) {
  std::string problems;
  bool wanted = false;
  for (const GuestIntent& guest : intent.guests) {
    if (guest.id.pool != pool) continue;
    const std::optional<SnpReferenceValues> values = values_with_id_block(guest);
    wanted = wanted || values;
    if (!values || made == nullptr) continue;
    for (const std::string& problem : id_block_problems(*made, *values))
      problems += "\n  " + guest.id.text() + ": " + problem;
  }
  const std::string name = base::name_of(pool);
  if (wanted && made == nullptr) return "\n  " + name + ": missing";
  if (!wanted && made != nullptr) return "\n  " + name + ": its guests are launched without one";
  return problems;
}

}  // namespace

std::optional<SnpReferenceValues> values_with_id_block(const GuestIntent& guest) {
  if (guest.reference_values.find("snp") == nullptr) return std::nullopt;
  auto values = std::get<SnpReferenceValues>(measurement::parse_reference_values(guest.reference_values));
  return values.identity ? std::optional(std::move(values)) : std::nullopt;
}

std::map<Pool, measurement::IdBlock> id_blocks_to_sign(const Intent& intent) {
  std::map<Pool, measurement::IdBlock> blocks;
  for (const GuestIntent& guest : intent.guests)
    if (const auto values = values_with_id_block(guest)) blocks.try_emplace(guest.id.pool, id_block_of(*values));
  return blocks;
}

Json id_blocks_json(const IdBlocks& blocks) {
  Json json = Json::Object{};
  for (const auto& [pool, block] : blocks) json[base::name_of(pool)] = signed_id_block_json(block);
  return json;
}

IdBlocks approved_id_blocks(const base::Envelope& approval) {
  const Json payload = Json::parse(approval.payload, "approval");
  const Json* const json = payload.find("idBlocks");
  IdBlocks blocks;
  if (json == nullptr) return blocks;
  base::expect_members(*json, {base::name_of(Pool::control), base::name_of(Pool::worker)}, "approval: idBlocks");
  for (const Pool pool : pools)
    if (const Json* const block = json->find(base::name_of(pool)))
      blocks.emplace(pool, measurement::parse_signed_id_block(*block));
  return blocks;
}

void refuse_other_id_blocks(const Intent& intent, const IdBlocks& blocks) {
  std::string problems;
  for (const Pool pool : pools) {
    const auto found = blocks.find(pool);
    problems += problems_of(intent, pool, found == blocks.end() ? nullptr : &found->second);
  }
  if (problems.empty()) return;
  throw base::Error(base::Kind::failure, "the approval's ID blocks are not those of the plan's launches:" + problems);
}

IdAuthentications id_authentications(std::string_view approval) {
  IdAuthentications by_block;
  if (approval.empty()) return by_block;
  for (const auto& [pool, made] : approved_id_blocks(base::Envelope::parse(approval, "approval")))
    by_block[base::base64(id_block_bytes(made.block))] = base::base64(id_authentication_bytes(made.authentication));
  return by_block;
}

}  // namespace provisioner
