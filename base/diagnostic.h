#pragma once
#include <compare>
#include <string>
#include <vector>

namespace base {

/// A place in a file a person wrote. Lines and columns count from 1; `length` is how many characters to underline.
struct SourcePosition {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  unsigned length = 1;
  auto operator<=>(const SourcePosition&) const = default;
};

enum class Severity { error, warning };

/// Another place that belongs to a finding: "first used here".
struct Note {
  SourcePosition where;
  std::string message;
};

/// One finding about what a person wrote: field, got, wanted, and where.
struct Diagnostic {
  Severity severity = Severity::error;
  SourcePosition where;
  std::string message;
  std::vector<Note> notes;
};

/// The text of a file by name, so that rendering can quote lines.
struct SourceFile {
  std::string name;
  std::string text;
};

/// Collects all findings of one run; parsing goes on after each.
class Diagnostics {
 public:
  void error(SourcePosition where, std::string message, std::vector<Note> notes = {});
  void warning(SourcePosition where, std::string message, std::vector<Note> notes = {});
  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return found_; }
  [[nodiscard]] unsigned errors() const noexcept;
  /// Sorts by file, line and column.
  void sort();

 private:
  std::vector<Diagnostic> found_;
};

/// Compiler-style text: `file:line:col: error: message`, the source line, a caret with tildes, then the notes.
/// @param sources files whose lines may be quoted; a file that is not among them is named without its line
std::string rendered(const Diagnostics& diagnostics, const std::vector<SourceFile>& sources);

}  // namespace base
