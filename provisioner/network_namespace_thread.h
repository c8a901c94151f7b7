#pragma once
#include <functional>
#include <string>

namespace provisioner {

/// Runs `work` in a thread of its own that has entered a network namespace; what it throws is thrown here.
/// @param name a namespace of /run/netns; empty: the host's
/// @throws Error{host} when the namespace cannot be entered
void in_network_namespace(const std::string& name, const std::function<void()>& work);

/// Runs `work` in a new, empty network namespace that ends with it.
void in_scratch_network_namespace(const std::function<void()>& work);

}  // namespace provisioner
