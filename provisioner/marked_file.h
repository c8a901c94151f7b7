#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "provisioner/owner_mark.h"

namespace provisioner {

/// Files and directories that carry a mark in the extended attribute user.bulkhead.owner.

void set_file_mark(const std::string& path, const OwnerMark& mark);
std::optional<OwnerMark> file_mark(const std::string& path);
/// A further attribute user.bulkhead.NAME; empty when there is none.
void set_file_note(const std::string& path, const std::string& name, const std::string& value);
std::string file_note(const std::string& path, const std::string& name);

/// "SIZE MODIFIED" of a file: while it is the same the content is taken to be, so that large files are read once.
std::string file_stamp(const std::string& path);

/// Makes the directories above a path, each searchable by all and listable by root only (mode 0711).
void make_store_directories(const std::string& path);
/// Removes the empty directories above a removed path, up to but not including `root`.
void remove_empty_directories(const std::string& path, const std::string& root);

/// Copies a file without its holes, digesting what it reads, to a temporary name beside `to`; renames when the digest
/// is the wanted one. @throws Error{failure} "SOURCE: sha256 GOT, wanted WANTED" and leaves nothing
void copy_verified(const std::string& from, const std::string& to, const base::Sha256& wanted, const OwnerMark& mark);
/// Writes bytes in the same way. @param size the file's, at least that of the content; the rest is a hole
void write_marked(const std::string& to, base::Bytes content, std::uint64_t size, const OwnerMark& mark);

}  // namespace provisioner
