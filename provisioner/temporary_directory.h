#pragma once
#include <string>

namespace provisioner {

/// A directory nobody else can enter, gone with what is in it at the end.
class TemporaryDirectory {
 public:
  /// @throws base::Error{host} when none can be made in $TMPDIR or /tmp
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace provisioner
