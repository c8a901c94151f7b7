#include "base/diagnostic.h"

#include <algorithm>
#include <cstddef>

namespace base {
namespace {

/// Line `number` (from 1) of `text` without its newline.
std::string line_of(const std::string& text, unsigned number) {
  std::size_t begin = 0;
  for (unsigned line = 1; line < number; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  std::string line = text.substr(begin, text.find('\n', begin) - begin);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string place_of(const SourcePosition& where) {
  std::string place = where.file;
  if (where.line > 0) place += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
  return place;
}

/// The quoted line and the caret under it, or nothing when the file is not known.
std::string quoted(const SourcePosition& where, const std::vector<SourceFile>& sources) {
  const auto source =
      std::find_if(sources.begin(), sources.end(), [&](const SourceFile& s) { return s.name == where.file; });
  if (source == sources.end() || where.line == 0) return "";
  const std::string line = line_of(source->text, where.line);
  std::string number = std::to_string(where.line);
  number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
  std::string pad(where.column > 0 ? where.column - 1 : 0, ' ');
  for (std::size_t i = 0; i < pad.size() && i < line.size(); ++i) {
    if (line[i] == '\t') pad[i] = '\t';
  }
  const std::string tildes(where.length > 1 ? where.length - 1 : 0, '~');
  return number + " | " + line + "\n      | " + pad + "^" + tildes + "\n";
}

}  // namespace

void Diagnostics::error(SourcePosition where, std::string message, std::vector<Note> notes) {
  found_.push_back({Severity::error, std::move(where), std::move(message), std::move(notes)});
}

void Diagnostics::warning(SourcePosition where, std::string message, std::vector<Note> notes) {
  found_.push_back({Severity::warning, std::move(where), std::move(message), std::move(notes)});
}

unsigned Diagnostics::errors() const noexcept {
  return static_cast<unsigned>(
      std::count_if(found_.begin(), found_.end(), [](const Diagnostic& d) { return d.severity == Severity::error; }));
}

void Diagnostics::sort() {
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.where < b.where; });
}

std::string rendered(const Diagnostics& diagnostics, const std::vector<SourceFile>& sources) {
  std::string out;
  for (const Diagnostic& d : diagnostics.all()) {
    out += place_of(d.where) + (d.severity == Severity::error ? ": error: " : ": warning: ") + d.message + "\n";
    out += quoted(d.where, sources);
    for (const Note& note : d.notes) {
      out += "  " + place_of(note.where) + ": note: " + note.message + "\n";
      out += quoted(note.where, sources);
    }
  }
  return out;
}

}  // namespace base
