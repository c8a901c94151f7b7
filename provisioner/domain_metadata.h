#pragma once
#include <string>
#include <vector>

#include "provisioner/owner_mark.h"

namespace provisioner {

/// A word in a domain's definition that launches or shapes the guest, and its value: {"vcpu", "2"}.
struct LaunchWord {
  std::string name;
  std::string value;
  bool operator==(const LaunchWord&) const = default;
};

/// vcpu, memory, machine, loader, kernel, initrd and cmdline of a definition as libvirt returns it, in this
/// order; absent ones have an empty value.
std::vector<LaunchWord> launch_words(const std::string& xml);

/// The definition without its <metadata>: what `defined` in the mark digests.
std::string without_metadata(const std::string& xml);

/// Puts a <metadata> element with the mark into a definition made by domain_xml().
std::string with_metadata(const std::string& xml, const OwnerMark& mark, const std::string& uuid_end = "</uuid>");

/// The metadata element libvirt shall keep once the domain is defined; libvirt puts it into our namespace itself.
/// @param defined the definition as libvirt returned it after defining
std::string defined_metadata(const OwnerMark& mark, const std::string& defined);

/// How a definition differs from the one its own metadata recorded; empty when it does not.
std::string definition_drift(const std::string& xml);

/// How a running guest's definition differs from the one it has at rest; empty when its launch words are the same.
std::string running_drift(const std::string& running, const std::string& at_rest);

}  // namespace provisioner
