#pragma once
#include <memory>
#include <string>

#include "kms/key_store.h"
#include "kms/openbao_client.h"

namespace kms {

struct OpenBaoMounts {
  std::string kv = "kv";            ///< a KV engine of version 2, for records
  std::string transit = "transit";  ///< a transit engine, for keys
};

/// Records in KV v2, whose versions are the revisions: the server writes only over the version that was read.
std::unique_ptr<KeyRecords> make_openbao_records(std::shared_ptr<OpenBaoClient> client, std::string mount);

/// Data keys that transit made. Each version of a key is wrapped under a transit key of its own,
/// "TENANT.KEY.VERSION.RANDOM", so that deleting that one makes every copy of the data key worthless. A handle is the
/// transit key's name, a blank and the wrapped data key.
std::unique_ptr<KeyMaterial> make_openbao_material(std::shared_ptr<OpenBaoClient> client, std::string mount);

/// Both in one server.
KeyStore open_openbao_store(base::TenantId tenant, std::shared_ptr<OpenBaoClient> client, const OpenBaoMounts& mounts);

}  // namespace kms
