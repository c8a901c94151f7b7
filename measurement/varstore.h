#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace measurement {

/// One variable of an OVMF variable store.
struct Variable {
  std::string guid;  ///< vendor, 8-4-4-4-12
  std::string name;  ///< UTF-8
  std::uint32_t attributes = 0;
  base::Buffer data;
  bool operator==(const Variable&) const = default;
};

/// The variables that are set, in the order of the store.
struct VariableStore {
  std::vector<Variable> variables;
  /// nullptr when it is not set
  [[nodiscard]] const Variable* find(std::string_view guid, std::string_view name) const noexcept;
  /// Its data; empty when it is not set, as the firmware measures it.
  [[nodiscard]] base::Bytes data(std::string_view guid, std::string_view name) const noexcept;
  bool operator==(const VariableStore&) const = default;
};

/// Reads the authenticated variable store of a VARS file (OVMF_VARS_4M.fd) or of an image that has code and variables
/// (OVMF.fd). A variable counts when its state is 0x3f (added), or 0x3e (about to be replaced) and no added one has its
/// name. Source: edk2 MdeModulePkg/Include/Guid/VariableFormat.h; UEFI PI 1.8 volume 3, section 3.2.1 (firmware volume
/// header).
/// @throws base::Error{malformed} with the offset when there is no store or it is damaged
VariableStore read_variable_store(base::Bytes image);
/// Whether `image` has a volume for variables: OVMF_CODE_4M.fd has none.
bool has_variable_store(base::Bytes image);

}  // namespace measurement
