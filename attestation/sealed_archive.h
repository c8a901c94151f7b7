#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"
#include "base/tar_archive.h"

/// Files that only the holder of an owner's backup key can read: one line of JSON, then the ustar archive of the files
/// under AES-256-GCM. The line has, beside what its kind says there, the recipient's fingerprint, the wrapped content
/// key, nonce and tag; all but the last two are the archive's associated data.
namespace attestation {

/// A kind of such a file, by how its line is read.
struct ArchiveKind {
  std::string_view name;                             ///< for messages: "service backup"
  base::Json (*parsed_line)(std::string_view line);  ///< checks schema and members. @throws Error{malformed}
};

/// Wipes the contents of the files when it goes: private keys are among them.
class SecretFiles {
 public:
  std::vector<base::TarMember> files;

  SecretFiles() = default;
  explicit SecretFiles(std::vector<base::TarMember> from) : files(std::move(from)) {}
  SecretFiles(SecretFiles&&) = default;
  SecretFiles& operator=(SecretFiles&&) = default;
  SecretFiles(const SecretFiles&) = delete;
  SecretFiles& operator=(const SecretFiles&) = delete;
  ~SecretFiles();
};

/// @param line schema and what else the kind says in its line @param recipient EC P-256
/// @throws Error{malformed} for another kind of key
base::Buffer sealed_archive(base::Json::Object line, const std::vector<base::TarMember>& files,
                            const base::PublicKey& recipient);

struct OpenedArchive {
  base::Json line;
  base::Secret archive;
};
/// @throws Error{malformed} when it is no such file; Error{failure} when it is for another key or was changed
OpenedArchive opened_archive(base::Bytes sealed, const base::PrivateKey& key, const ArchiveKind& kind);

}  // namespace attestation
