#pragma once
#include <compare>
#include <string>
#include <string_view>

namespace kms {

/// A key's name within its tenant, "worker/0/root": 1 to 4 parts of 1 to 40 [a-z0-9-] that begin with no dash, with a
/// slash between them. So it is safe as a part of a path, a URL and a KMIP name, and two names never share one.
class KeyName {
 public:
  /// @throws Error{malformed} for another text
  static KeyName parse(std::string_view text);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  auto operator<=>(const KeyName&) const = default;

 private:
  explicit KeyName(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace kms
