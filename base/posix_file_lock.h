#pragma once
#include <string>

namespace base {

/// An exclusive lock on a file for the life of this object; ends with the process at the latest. The file (mode 0600)
/// holds the process id of its holder and is gone when the lock is given back.
class FileLock {
 public:
  /// Does not wait. @param what who else may hold it, for the message: "another apply or destroy on this host"
  /// @throws Error{failure} naming the holder when it is taken, or why the file cannot be made
  FileLock(std::string path, const std::string& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string path_;
  int file_ = -1;
};

}  // namespace base
