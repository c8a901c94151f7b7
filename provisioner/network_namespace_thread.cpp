#include "provisioner/network_namespace_thread.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

#include "base/error.h"

namespace provisioner {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::host, what + ": " + std::strerror(errno));
}

/// A thread's namespaces are its own, so the program's stay untouched and end with the thread.
void in_thread(const std::function<void()>& enter, const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      enter();
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

/// Afterwards /proc/thread-self/net and /proc/sys/net are those of the namespace.
void enter(const std::string& name) {
  const std::string path = "/run/netns/" + name;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse("cannot open network namespace " + path);
  const int entered = ::setns(file, CLONE_NEWNET);
  const int reason = errno;
  ::close(file);
  errno = reason;
  if (entered != 0) refuse("cannot enter network namespace " + path);
}

}  // namespace

void in_network_namespace(const std::string& name, const std::function<void()>& work) {
  if (name.empty()) return work();
  in_thread([&] { enter(name); }, work);
}

void in_scratch_network_namespace(const std::function<void()>& work) {
  in_thread(
      [] {
        if (::unshare(CLONE_NEWNET) != 0) refuse("cannot make a network namespace (this needs root)");
      },
      work);
}

}  // namespace provisioner
