#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Whether a tenant's key store is the one that its service left: entries of the audit log note the store's generation
/// (kms::FileRecords), and a store that is older than the last of them is a file that somebody put back.
namespace attestation {

/// The member of an audit log's entry.
inline constexpr std::string_view key_generation_fact = "keyStoreGeneration";

/// What the last entry that notes a generation says; nullopt without any. @param log whole lines
std::optional<std::uint64_t> noted_key_generation(std::string_view log);

/// Why no key of this store may be given; nullopt when it is not older than noted.
std::optional<std::string> older_store(std::uint64_t got, std::optional<std::uint64_t> noted);

}  // namespace attestation
