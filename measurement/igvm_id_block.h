#pragma once
#include "measurement/id_block.h"
#include "measurement/igvm.h"

namespace measurement {

/// What an IGVM file brings along for SNP_LAUNCH_FINISH.
struct IgvmIdBlock {
  IdBlock block;  ///< as QEMU makes it: version 1, and the policy of the file's guest policy (0 when it has none)
  IdAuthentication authentication;
};

/// The ID block of the file for a platform; nullopt when it has none.
/// @throws base::Error{malformed} when the structure's numbers, curves or algorithms are not what they must be
/// Source: Microsoft IGVM, IGVM_VHS_SNP_ID_BLOCK; QEMU backends/igvm.c, qigvm_directive_snp_id_block().
std::optional<IgvmIdBlock> igvm_id_block(const IgvmFile& file, const IgvmPlatform& platform);

}  // namespace measurement
