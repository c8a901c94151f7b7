#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

/// Signs what a guest must come to. Keys are PEM files or "pkcs11:" URIs.
struct MakeIdBlockOptions {
  std::optional<std::string> measurement;   ///< 96 hexadecimal digits
  std::optional<std::string> measure_json;  ///< else a bulkhead.measurement/v1 file
  std::optional<std::string> vcpus;         ///< which of its launch digests, where it has several
  std::string id_key;
  std::optional<std::string> author_key;
  std::string family_id, image_id;  ///< 32 hexadecimal digits, or a text of at most 16 bytes
  std::string guest_svn = "0";
  std::string policy = "0x30000";
  std::optional<std::string> out_block, out_authentication;  ///< where to write the 96 and the 4096 bytes
  bool json = false;
};
/// An --out-auth file that already authenticates the same block by the same keys is kept: where signatures are random,
/// a repeated run gives the same bytes.
int make_id_block(const MakeIdBlockOptions& options, Console& console);

/// An ID block and its authentication, each as bytes or in base64.
struct IdBlockFiles {
  std::string block, authentication;
};
/// Prints every field of a block, an authentication or both, in any order.
struct ShowIdBlockOptions {
  std::vector<std::string> files;
  bool json = false;
};
int show_id_block(const ShowIdBlockOptions& options, Console& console);

/// Whether the signatures are genuine, and the block is the one wanted.
struct VerifyIdBlockOptions {
  std::string block, authentication;              ///< files, as bytes or in base64
  std::optional<std::string> report;              ///< an SNP report of 1184 bytes the launch must have given
  std::optional<std::string> measurement;         ///< the launch digest wanted
  std::optional<std::string> id_key, author_key;  ///< PEM public keys that must have signed
  bool json = false;
};
/// Exit 5 when something is not genuine or differs.
int verify_id_block(const VerifyIdBlockOptions& options, Console& console);

}  // namespace cli
