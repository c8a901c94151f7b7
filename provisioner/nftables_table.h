#pragma once
#include <optional>
#include <string>
#include <vector>

#include "provisioner/owner_mark.h"

namespace provisioner {

/// Where a table of nftables is. Every function below goes through libnftables and @throws Error{host} in nft's own
/// words.
struct TableAddress {
  std::string network_namespace;  ///< empty: the host's
  std::string family;             ///< "inet" or "bridge"
  std::string name;
};

/// Names of the tables of a family in a network namespace (empty: the host's).
std::vector<std::string> tables_of(const std::string& network_namespace, const std::string& family);

/// A table as it is now, without handles and counters; nullopt when there is none.
std::optional<std::string> table_listing(const TableAddress& table);

/// Puts `ruleset`, which defines the table, in place of the table there, in one transaction. The table gets the mark as
/// its comment, and the digest of its listing as the comment of an empty chain, so that later changes show. The ruleset
/// is first loaded into an empty namespace: what nft refuses is refused before anything changes.
void load_table(const TableAddress& table, const std::string& ruleset, const OwnerMark& mark);

/// Puts back what `table_listing` returned.
void restore_table(const TableAddress& table, const std::string& listing);
void delete_table(const TableAddress& table);

/// The mark in a listing, and whether its rules are still those that were loaded with it.
std::optional<OwnerMark> listing_mark(const std::string& listing);
bool listing_is_as_loaded(const std::string& listing);

}  // namespace provisioner
