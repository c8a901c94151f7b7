#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"

namespace base {
namespace {

constexpr std::size_t deepest_nesting = 64;

/// Builds our value from nlohmann's events, so that duplicate keys and deep nesting are seen (its own tree hides both).
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string_view name) : name_(name) {}
  Json result() && { return std::move(root_); }

  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json(value)); }
  bool number_integer(number_integer_t value) override { return put(Json(static_cast<std::int64_t>(value))); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      fail("an integer is larger than 2^63-1");
    return put(Json(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return put(Json(value)); }
  bool string(string_t& value) override { return put(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json(Json::Object{})); }
  bool start_array(std::size_t) override { return open(Json(Json::Array{})); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    if (open_.back()->find(value) != nullptr) fail("duplicate member '" + value + "'");
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t offset, const std::string&, const nlohmann::detail::exception&) override {
    fail("not JSON at byte " + std::to_string(offset));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(Kind::malformed, name_ + ": " + what); }

  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.array().back();
    }
    Json& member = parent[key_];
    member = std::move(value);
    return &member;
  }
  bool put(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    if (open_.size() >= deepest_nesting) fail("nested deeper than " + std::to_string(deepest_nesting));
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string name_;
  Json root_;
  std::vector<Json*> open_;
  std::string key_;
};

nlohmann::json converted(const Json& json) {
  if (json.is_null()) return nullptr;
  if (json.is_bool()) return json.boolean();
  if (json.is_integer()) return json.integer();
  if (json.is_double()) return json.number();
  if (json.is_string()) return json.text();
  if (json.is_array()) {
    nlohmann::json out = nlohmann::json::array();
    for (const Json& item : json.array()) out.push_back(converted(item));
    return out;
  }
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [key, value] : json.object()) out[key] = converted(value);
  return out;
}

std::string dumped(const Json& json, int indent) {
  try {
    return converted(json).dump(indent);
  } catch (const nlohmann::json::exception&) {
    throw Error(Kind::malformed, "a text that is not UTF-8 cannot be written as JSON");
  }
}

}  // namespace

Json Json::parse(std::string_view text, std::string_view name) {
  Builder builder{name};
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return std::move(builder).result();
}

std::string Json::compact() const {
  return dumped(*this, -1);
}
std::string Json::pretty() const {
  return dumped(*this, 2) + "\n";
}

}  // namespace base
