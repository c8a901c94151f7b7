#include "tenants/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "tenants/source_text.h"

namespace tenants {
namespace {

/// Ends the parse after a finding that makes the rest meaningless.
struct Stop {};

/// The offset just behind the quoted text that opens at `offset`, or npos when it is never closed.
std::size_t end_of_quoted(std::string_view text, std::size_t offset) {
  const char quote = text[offset];
  for (std::size_t at = offset + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return std::string_view::npos;
}

/// Builds the node tree from yaml-cpp's events, which unlike its node tree show aliases and every duplicate key.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const base::SourceFile& file, base::Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  std::optional<Node> root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) refuse(place(mark), "expected one document in the file, got another");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    put({.kind = Node::Kind::empty, .where = place(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(place(mark), "aliases ('*') are not allowed: write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    refuse_properties(mark);
    put({.kind = Node::Kind::scalar, .where = place_of_scalar(mark, value), .text = value, .quoted = tag == "!"});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map that is still being read.
  struct Open {
    Node node;
    std::optional<Member> pending;  ///< a key that waits for its value
    std::map<std::string, base::SourcePosition> keys;
  };

  [[nodiscard]] base::SourcePosition place(const YAML::Mark& mark, std::size_t length = 1) const {
    const auto number = [](int value) { return static_cast<std::size_t>(std::max(value, 0)); };
    return position_at(file_, number(mark.line), number(mark.column), number(mark.pos), length);
  }

  base::SourcePosition place_of_scalar(const YAML::Mark& mark, const std::string& value) {
    const auto offset = static_cast<std::size_t>(std::max(mark.pos, 0));
    const char first = offset < file_.text.size() ? file_.text[offset] : ' ';
    if (first == '|' || first == '>') return place(mark);
    if (first != '"' && first != '\'') return place(mark, value.size());
    const std::size_t end = end_of_quoted(file_.text, offset);
    if (end == std::string_view::npos) refuse(place(mark), "this quoted text is never closed");
    return place(mark, end - offset);
  }

  /// Anchors and tags stand before the value, where the event's mark points.
  void refuse_properties(const YAML::Mark& mark) {
    const auto offset = static_cast<std::size_t>(std::max(mark.pos, 0));
    const char first = offset < file_.text.size() ? file_.text[offset] : ' ';
    if (first == '&') refuse(place(mark), "anchors ('&') are not allowed: write the value out");
    if (first == '!') refuse(place(mark), "tags ('!') are not allowed: quote the value to make it text");
  }

  [[noreturn]] void refuse(const base::SourcePosition& where, const std::string& message) {
    diagnostics_.error(where, message);
    throw Stop{};
  }

  void open(const YAML::Mark& mark, Node::Kind kind) {
    refuse_properties(mark);
    if (open_.size() == deepest_nesting) refuse(place(mark), "expected at most 32 maps and lists inside each other");
    const base::SourcePosition where = place(mark);
    if (!open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().pending) {
      refuse(where, "expected a key of plain text, got a " + std::string(kind == Node::Kind::map ? "map" : "list"));
    }
    open_.push_back({.node = {.kind = kind, .where = where}});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(node));
  }

  void put(Node node) {
    if (open_.empty()) {
      node.named_at = node.where;
      root = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == Node::Kind::list) {
      node.named_at = node.where;
      parent.node.items.push_back(std::move(node));
    } else if (parent.pending) {
      put_value(parent, std::move(node));
    } else {
      put_key(parent, std::move(node));
    }
  }

  static void put_value(Open& parent, Node node) {
    node.named_at = parent.pending->where;
    if (node.kind == Node::Kind::empty) node.where = node.named_at;
    parent.pending->value = std::move(node);
    parent.node.members.push_back(std::move(*parent.pending));
    parent.pending.reset();
  }

  void put_key(Open& parent, Node node) {
    if (node.kind != Node::Kind::scalar) refuse(node.where, "expected a key, got nothing");
    const auto [first, fresh] = parent.keys.try_emplace(node.text, node.where);
    if (!fresh)
      diagnostics_.error(node.where, "duplicate key '" + node.text + "'", {{first->second, "first used here"}});
    parent.pending = Member{.key = node.text, .where = node.where, .value = {}};
  }

  const base::SourceFile& file_;
  base::Diagnostics& diagnostics_;
  std::vector<Open> open_;
  bool started_ = false;
};

/// A line that starts with '%' before the document is a directive (YAML 1.2 section 6.8).
bool check_directives(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  const std::string_view text = file.text;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view content = text.substr(begin, end - begin);
    const std::size_t first = content.find_first_not_of(" \r");
    if (first != std::string_view::npos && content[first] != '#') {
      if (content[0] != '%') return true;
      diagnostics.error(position_at(file, line, 0, begin), "directives ('%') are not allowed");
      return false;
    }
    begin = end + 1;
  }
  return true;
}

/// yaml-cpp 0.8 names the anchor behind this message, 0.7 does not; the source line shows it.
std::string without_anchor(const std::string& message) {
  constexpr std::string_view undefined = "the referenced anchor is not defined";
  return message.starts_with(undefined) ? std::string(undefined) : message;
}

void build_tree(const base::SourceFile& file, TreeBuilder& builder, base::Diagnostics& diagnostics) {
  std::istringstream stream(file.text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& problem) {
    builder.root.reset();
    const auto number = [](int value) { return static_cast<std::size_t>(std::max(value, 0)); };
    const YAML::Mark& mark = problem.mark;
    diagnostics.error(position_at(file, number(mark.line), number(mark.column), number(mark.pos)),
                      "not YAML: " + without_anchor(problem.msg));
  } catch (const Stop&) {
    builder.root.reset();  // already reported
  }
}

}  // namespace

Node node_of_key(const Member& member) {
  return {.kind = Node::Kind::scalar,
          .where = member.where,
          .named_at = member.where,
          .text = member.key,
          .quoted = true,
          .items = {},
          .members = {}};
}

const Node* Node::find(std::string_view key) const noexcept {
  const auto member = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return member == members.end() ? nullptr : &member->value;
}

std::optional<Node> read_yaml(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  if (file.text.size() > longest_document) {
    const std::string got = std::to_string(file.text.size());
    diagnostics.error({file.name, 1, 1, 1}, "expected a file of at most 1048576 bytes, got " + got);
    return std::nullopt;
  }
  if (!check_source_text(file, diagnostics) || !check_directives(file, diagnostics)) return std::nullopt;
  const std::size_t before = diagnostics.all().size();
  TreeBuilder builder(file, diagnostics);
  build_tree(file, builder, diagnostics);
  if (!builder.root && diagnostics.all().size() == before)
    diagnostics.error({file.name, 1, 1, 1}, "expected a document, got an empty file");
  return std::move(builder.root);
}

}  // namespace tenants
