#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"

namespace tenants {

struct Member;

/// One value of a YAML document, with the place where it stands. Scalars stay text: whoever reads a field decides what
/// it must be, so `010` is never 8 and `no` is never false.
struct Node {
  enum class Kind { empty, scalar, list, map };
  Kind kind = Kind::empty;
  base::SourcePosition where;     ///< the value itself
  base::SourcePosition named_at;  ///< the key that introduces it; the value itself in a list and for the document
  std::string text;               ///< a scalar's text
  bool quoted = false;            ///< a quoted or block scalar: text, whatever it looks like
  std::vector<Node> items;        ///< a list's values
  std::vector<Member> members;    ///< a map's members in the order written; duplicates were reported

  /// The value of a key; nullptr when it is not there or this is no map.
  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
};

struct Member {
  std::string key;
  base::SourcePosition where;
  Node value;
};

/// A member's key as a value of its own, for forms that read keys: quoted, so never taken for a number.
Node node_of_key(const Member& member);

inline constexpr std::size_t longest_document = 1U << 20U;  ///< bytes
inline constexpr std::size_t deepest_nesting = 32;          ///< maps and lists inside each other

/// Reads the one YAML document of a file. Not accepted, each reported at its place: more than 1 MiB, text that is not
/// UTF-8, tabs and invisible characters, directives, several documents, anchors, aliases, tags, keys that are not plain
/// text, duplicate keys, unterminated quotes, nesting deeper than 32.
/// @return nullopt when no tree could be made; with duplicate keys (reported) a tree that keeps them all
std::optional<Node> read_yaml(const base::SourceFile& file, base::Diagnostics& diagnostics);

}  // namespace tenants
