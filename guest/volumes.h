#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "attestation/wire/volume_keys.h"

/// A guest's own disk: encrypted here, opened with the key that the tenant's service released.
namespace guest {

/// What of a disk can be told without its key.
enum class DiskContent {
  blank,       ///< zeros where anything would begin
  unfinished,  ///< a LUKS2 header without any key: nobody can ever have written data below it
  filled,      ///< anything else
};

/// One disk of this machine and what becomes of it (cryptsetup_disk.cpp). Everything throws Error{host} with the
/// kernel's or the library's reason.
class EncryptedDisk {
 public:
  virtual ~EncryptedDisk() = default;
  virtual DiskContent content() = 0;
  /// Makes a LUKS2 header with this key, whatever is there. @param key 32 random bytes
  virtual void format(base::Bytes key) = 0;
  /// Gives the kernel the disk's own key. False when this key does not open it.
  virtual bool open(base::Bytes key) = 0;
  /// @pre open
  virtual void make_file_system() = 0;
  /// False when there is no file system. @pre open
  virtual bool mount() = 0;
  /// How many keys open it, but for a recovery key.
  virtual std::size_t keys() = 0;
  /// Has `added` open it, too; no effect when it does. On the disk when it returns.
  /// @throws Error{failure} when `known` does not open it
  virtual void add_key(base::Bytes known, base::Bytes added) = 0;
  /// Takes every other key but a recovery key away. On the disk when it returns. @throws Error{failure}, and takes none
  /// away, when none of these opens it
  virtual void keep_only(std::span<const base::Secret> keys) = 0;
  /// What set_recovery() left, unless somebody changed it since; nullopt without it.
  virtual std::optional<std::string> recovery_note() = 0;
  /// Has `key` open it, too, as its one recovery key. @param known of which one opens it @param note_of what to leave
  /// in the header about the key in this slot of it. @throws Error{failure} when none of `known` opens it
  virtual void set_recovery(std::span<const base::Secret> known, base::Bytes key,
                            const std::function<std::string(int slot)>& note_of) = 0;
  virtual void drop_recovery() = 0;
};

enum class Opened { as_before, newly_formatted };

/// Opens the disk, or makes it where that can destroy nothing: the service says that no disk was ever formatted with
/// the key, and the disk is blank or was left when this guest was interrupted in making it.
/// @return newly_formatted when the service has to be told
/// @throws Error{failure} when the disk is empty although it must not be, when no key opens it, or when what it holds
/// is no file system
Opened open_volume(EncryptedDisk& disk, const attestation::wire::VolumeKeys& keys);

}  // namespace guest
