#include "base/cbor.h"

#include <algorithm>

#include "base/error.h"

namespace base {
namespace {

template <typename T, typename Variant>
const T& of_type(const Variant& value, const char* wanted) {
  static constexpr const char* names[] = {"null",          "a boolean", "an integer", "a text",
                                          "a byte string", "an array",  "a map",      "a tagged item"};
  if (const T* found = std::get_if<T>(&value)) return *found;
  throw Error(Kind::malformed, std::string("CBOR: wanted ") + wanted + ", got " + names[value.index()]);
}

}  // namespace

Cbor Cbor::tagged(std::uint64_t tag, Cbor content) {
  Cbor item;
  item.value_ = Tagged{tag, {std::move(content)}};
  return item;
}

std::int64_t Cbor::integer() const {
  return of_type<std::int64_t>(value_, "an integer");
}
const Buffer& Cbor::bytes() const {
  return of_type<Buffer>(value_, "a byte string");
}
const std::string& Cbor::text() const {
  return of_type<std::string>(value_, "a text");
}
const Cbor::Array& Cbor::array() const {
  return of_type<Array>(value_, "an array");
}
const Cbor::Map& Cbor::map() const {
  return of_type<Map>(value_, "a map");
}

const Cbor* Cbor::untagged(std::uint64_t tag) const noexcept {
  const Tagged* const tagged = std::get_if<Tagged>(&value_);
  return tagged != nullptr && tagged->tag == tag ? &tagged->content.front() : nullptr;
}

const Cbor* Cbor::find(const Cbor& key) const noexcept {
  const Map* const members = std::get_if<Map>(&value_);
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(), [&](const auto& m) { return m.first == key; });
  return found == members->end() ? nullptr : &found->second;
}

const Cbor& Cbor::at(const Cbor& key) const {
  (void)map();
  if (const Cbor* const member = find(key)) return *member;
  throw Error(Kind::malformed,
              "CBOR: missing member " + (key.is_integer() ? std::to_string(key.integer()) : "'" + key.text() + "'"));
}

}  // namespace base
