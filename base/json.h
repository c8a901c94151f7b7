#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace base {

/// A JSON value. Objects keep their members sorted by key, so the same value always has the same text.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default;
  // Out of line: inlined, GCC 12 takes the variant for uninitialized (-Wmaybe-uninitialized).
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  Json(std::nullptr_t) {}                                             // NOLINT(google-explicit-constructor)
  Json(bool value) : value_(value) {}                                 // NOLINT(google-explicit-constructor)
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}       // NOLINT(google-explicit-constructor)
  Json(unsigned value) : value_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
  Json(std::int64_t value) : value_(value) {}                         // NOLINT(google-explicit-constructor)
  Json(double value) : value_(value) {}                               // NOLINT(google-explicit-constructor)
  Json(const char* value) : value_(std::string(value)) {}             // NOLINT(google-explicit-constructor)
  Json(std::string value) : value_(std::move(value)) {}               // NOLINT(google-explicit-constructor)
  Json(std::string_view value) : value_(std::string(value)) {}        // NOLINT(google-explicit-constructor)
  Json(Array value) : value_(std::move(value)) {}                     // NOLINT(google-explicit-constructor)
  Json(Object value) : value_(std::move(value)) {}                    // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_null() const noexcept { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] bool is_bool() const noexcept { return std::holds_alternative<bool>(value_); }
  [[nodiscard]] bool is_integer() const noexcept { return std::holds_alternative<std::int64_t>(value_); }
  [[nodiscard]] bool is_double() const noexcept { return std::holds_alternative<double>(value_); }
  [[nodiscard]] bool is_string() const noexcept { return std::holds_alternative<std::string>(value_); }
  [[nodiscard]] bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
  [[nodiscard]] bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }

  /// Typed access. @throws Error{malformed} naming the type wanted and the type got
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double number() const;  ///< a double or an integer
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Array& array() const;
  [[nodiscard]] const Object& object() const;
  Array& array();
  Object& object();

  /// A member that must be there. @throws Error{malformed} "missing member 'key'"
  [[nodiscard]] const Json& at(std::string_view key) const;
  /// A member that may be absent; nullptr when it is (or when this is no object).
  [[nodiscard]] const Json* find(std::string_view key) const noexcept;
  /// Makes the member (and, from null, the object) when needed.
  Json& operator[](std::string_view key);
  void push_back(Json value);

  bool operator==(const Json&) const = default;

  /// Parses UTF-8 JSON: one value, no duplicate keys, nesting of at most 64, integers that fit 64 bits signed.
  /// @param name what is parsed, for messages: "plan acme.plan.json"
  /// @throws Error{malformed} with the byte offset
  static Json parse(std::string_view text, std::string_view name);
  /// Compact text with sorted keys: equal to RFC 8785 (JCS) for values without doubles and with ASCII keys.
  [[nodiscard]] std::string compact() const;
  /// Two-space indented text with sorted keys and a final newline, for files a person reads.
  [[nodiscard]] std::string pretty() const;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_ = nullptr;
};

/// Fails unless `object`'s members are all among `allowed`: unknown members are errors in documents of ours.
/// @throws Error{malformed} naming the member and `name`
void expect_members(const Json& object, std::initializer_list<std::string_view> allowed, std::string_view name);

}  // namespace base
