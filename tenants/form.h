#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "tenants/located.h"
#include "tenants/yaml_document.h"

/// One description of a document drives both its parser and its JSON Schema: a Form knows what a value must be, as a
/// schema (draft 2020-12) and as a reader that reports what is wrong.
namespace tenants {

template <typename V>
struct Form {
  base::Json schema;
  /// @param path the field's name in messages: "spec.owners[0].name". @return nullopt when something was reported
  std::function<std::optional<V>(const Node&, const std::string& path, base::Diagnostics&)> read;
};

/// One key of a map.
template <typename T>
struct Field {
  std::string key;
  bool required = false;
  base::Json schema;
  std::function<void(T&, const Node&, const std::string& path, base::Diagnostics&)> read;
};

/// Reports "PATH: expected WANTED, got 'TEXT'".
void report_unexpected(const Node& node, const std::string& path, const std::string& wanted,
                       base::Diagnostics& diagnostics);
/// Whether a plain scalar means something else than text to a YAML reader: a number, true, null.
bool is_ambiguous(const Node& scalar);
/// Reports unknown and missing keys. `known`: key and whether it is required. @return whether the node is a map
bool check_keys(const Node& node, const std::string& path, const std::vector<std::pair<std::string, bool>>& known,
                base::Diagnostics& diagnostics);

/// Text that `convert` accepts; `pattern` says the same to a schema as far as a regular expression can.
template <typename V>
Form<V> text(const std::string& wanted, base::Json schema,
             std::function<std::optional<V>(const std::string&)> convert) {
  schema["type"] = "string";
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::optional<V> value;
            if (node.kind == Node::Kind::scalar) value = convert(node.text);
            const bool quote_it = value && is_ambiguous(node);
            if (quote_it) value.reset();
            if (!value) report_unexpected(node, path, quote_it ? wanted + " in quotes" : wanted, diagnostics);
            return value;
          }};
}

/// One of a few words, each standing for a value.
template <typename V>
Form<V> choice(std::vector<std::pair<std::string, V>> words) {
  base::Json::Array schema;
  std::string wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    schema.emplace_back(words[i].first);
    wanted += (i == 0 ? "'" : i + 1 == words.size() ? " or '" : ", '") + words[i].first + "'";
  }
  base::Json::Object object{{"enum", std::move(schema)}};
  return text<V>(wanted, std::move(object), [words = std::move(words)](const std::string& word) -> std::optional<V> {
    for (const auto& [name, value] : words) {
      if (name == word) return value;
    }
    return std::nullopt;
  });
}

template <typename V>
Form<std::vector<V>> list_of(Form<V> form, std::size_t least, std::size_t most) {
  base::Json::Object schema{{"type", "array"}, {"items", form.schema}};
  schema["minItems"] = static_cast<std::int64_t>(least);
  schema["maxItems"] = static_cast<std::int64_t>(most);
  const std::string wanted = "a list of " + std::to_string(least) + " to " + std::to_string(most);
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::optional<std::vector<V>> values(std::in_place);
            if (node.kind != Node::Kind::list || node.items.size() < least || node.items.size() > most) {
              report_unexpected(node, path, wanted, diagnostics);
              return std::optional<std::vector<V>>();
            }
            for (std::size_t i = 0; i < node.items.size(); ++i) {
              std::optional<V> value = form.read(node.items[i], path + "[" + std::to_string(i) + "]", diagnostics);
              if (value) values->push_back(std::move(*value));
            }
            return values;
          }};
}

/// The same value with its place.
template <typename V>
Form<Located<V>> located(Form<V> form) {
  return {form.schema, [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            std::optional<V> value = form.read(node, path, diagnostics);
            return value ? std::optional(Located<V>{std::move(*value), node.where}) : std::nullopt;
          }};
}

namespace detail {
/// Stores a value that was read, with its place where the member keeps one.
template <typename Member, typename V>
void store(Member& member, V value, const Node&) {
  member = std::move(value);
}
template <typename V>
void store(Located<V>& member, V value, const Node& node) {
  member = Located<V>{std::move(value), node.where};
}
template <typename V>
void store(std::optional<Located<V>>& member, V value, const Node& node) {
  member = Located<V>{std::move(value), node.where};
}
}  // namespace detail

template <typename T, typename Member, typename V>
Field<T> field(bool required, std::string key, Member T::* member, Form<V> form, const std::string& description) {
  form.schema["description"] = description;
  return {std::move(key), required, form.schema,
          [=](T& object, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            if (std::optional<V> value = form.read(node, path, diagnostics)) {
              detail::store(object.*member, std::move(*value), node);
            }
          }};
}
template <typename T, typename Member, typename V>
Field<T> required(std::string key, Member T::* member, Form<V> form, const std::string& description) {
  return field(true, std::move(key), member, std::move(form), description);
}
template <typename T, typename Member, typename V>
Field<T> optional(std::string key, Member T::* member, Form<V> form, const std::string& description) {
  return field(false, std::move(key), member, std::move(form), description);
}

/// What no single key can say; runs only when every key was right.
template <typename T>
using Check = std::function<void(const T&, const Node&, const std::string& path, base::Diagnostics&)>;

/// A map with exactly these keys.
/// @param extra members added to the schema, for what `check` tests and a schema can say
template <typename T>
Form<T> object(std::vector<Field<T>> fields, Check<T> check = {}, const base::Json::Object& extra = {}) {
  base::Json::Object properties;
  base::Json::Array needed;
  std::vector<std::pair<std::string, bool>> known;
  for (const Field<T>& one : fields) {
    properties[one.key] = one.schema;
    if (one.required) needed.emplace_back(one.key);
    known.emplace_back(one.key, one.required);
  }
  base::Json::Object schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!needed.empty()) schema["required"] = std::move(needed);
  schema.insert(extra.begin(), extra.end());
  return {std::move(schema), [=](const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
            const std::size_t before = diagnostics.all().size();
            std::optional<T> value(std::in_place);
            if constexpr (requires(T t) { t.where; }) value->where = node.named_at;
            if (!check_keys(node, path, known, diagnostics)) return std::optional<T>();
            const std::string prefix = path.empty() ? "" : path + ".";
            for (const Field<T>& one : fields) {
              const Node* found = node.find(one.key);
              if (found != nullptr) one.read(*value, *found, prefix + one.key, diagnostics);
            }
            if (check && diagnostics.all().size() == before) check(*value, node, path, diagnostics);
            if (diagnostics.all().size() != before) value.reset();
            return value;
          }};
}

}  // namespace tenants
