#pragma once
#include <memory>
#include <string>

namespace provisioner {

/// A software TPM 2.0 for one QEMU that we start ourselves: a fresh state in a directory of ours, gone afterwards. The
/// TPM of a guest under libvirt is another thing (software_tpm.h).
class ScratchTpm {
 public:
  /// @param directory exists, is empty and stays as long as this object. @param banks "sha256,sha384", or "" for those
  /// a new TPM has. @throws base::Error{host} when swtpm is not installed (with the remedy) or fails (in its words)
  ScratchTpm(const std::string& directory, const std::string& banks);
  ~ScratchTpm();
  /// The socket a QEMU chardev connects to.
  [[nodiscard]] const std::string& socket() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace provisioner
