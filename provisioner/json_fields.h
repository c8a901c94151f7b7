#pragma once
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/json.h"

namespace provisioner {

/// Reads the members of one object of a document of ours. Every message names the place:
/// "plan acme.json: intent.guests[0].mac: wanted a text, got a number". All errors are Error{malformed}.
class JsonFields {
 public:
  /// @param members exactly those the object must have, no more and no fewer
  JsonFields(const base::Json& object, std::string where, std::initializer_list<std::string_view> members);

  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] const base::Json& at(std::string_view member) const;
  [[nodiscard]] std::string place(std::string_view member) const { return where_ + "." + std::string(member); }
  [[nodiscard]] const std::string& text(std::string_view member) const;
  /// @throws Error{malformed} unless the text is `wanted`
  void expect(std::string_view member, std::string_view wanted) const;
  [[nodiscard]] std::uint64_t number(std::string_view member, std::uint64_t least, std::uint64_t most) const;
  /// 64 hexadecimal digits, lower case.
  [[nodiscard]] base::Sha256 digest(std::string_view member) const;
  [[nodiscard]] std::optional<base::Sha256> digest_or_null(std::string_view member) const;
  /// Calls `read` with every item of a list and its place.
  void each(std::string_view member, const std::function<void(const base::Json&, const std::string&)>& read) const;
  /// A list of texts.
  [[nodiscard]] std::vector<std::string> texts(std::string_view member) const;
  [[noreturn]] void fail(std::string_view member, const std::string& what) const;

 private:
  const base::Json& object_;
  std::string where_;
};

}  // namespace provisioner
