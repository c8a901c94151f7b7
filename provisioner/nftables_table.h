#pragma once
#include <optional>
#include <string>
#include <vector>

#include "provisioner/owner_mark.h"

namespace provisioner {

/// The nftables of one network namespace (empty: the host's), through libnftables.
/// Every function @throws Error{host} in nft's own words.

/// Names of the tables of family inet.
std::vector<std::string> inet_tables(const std::string& network_namespace);

/// A table as it is now, without handles and counters; nullopt when there is none.
std::optional<std::string> table_listing(const std::string& network_namespace, const std::string& table);

/// Puts `ruleset`, which defines the table `inet TABLE`, in place of the table there, in one transaction. The table
/// gets the mark as its comment, and the digest of its listing as the comment of an empty chain, so that later changes
/// show. The ruleset is first loaded into an empty namespace: what nft refuses is refused before anything changes.
void load_table(const std::string& network_namespace, const std::string& table, const std::string& ruleset,
                const OwnerMark& mark);

/// Puts back what `table_listing` returned.
void restore_table(const std::string& network_namespace, const std::string& table, const std::string& listing);
void delete_table(const std::string& network_namespace, const std::string& table);

/// The mark in a listing, and whether its rules are still those that were loaded with it.
std::optional<OwnerMark> listing_mark(const std::string& listing);
bool listing_is_as_loaded(const std::string& listing);

}  // namespace provisioner
