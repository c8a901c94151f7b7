#pragma once
#include <string>
#include <string_view>

namespace base {

/// Undoes the encoding of URLs: "%20" is a space. What is no escape stays as it is. Source: RFC 3986, section 2.1
std::string percent_decoded(std::string_view text);

}  // namespace base
