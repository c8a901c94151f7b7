#pragma once
#include <string>

#include "base/encoding.h"

namespace provisioner {

/// <name>content</name>, the content escaped.
inline std::string element(const char* name, const std::string& content) {
  return "<" + std::string(name) + ">" + base::xml_escaped(content) + "</" + name + ">";
}

}  // namespace provisioner
