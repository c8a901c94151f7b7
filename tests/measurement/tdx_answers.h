#pragma once
#include "base/json.h"
#include "measurement/tdvf.h"
#include "tests/measurement/test_files.h"

namespace measurement {

/// One of the documents of tests/data/measurement/tdx: what other tools and real TDs say.
inline base::Json known_answers(const char* name) {
  return base::Json::parse(base::text_of(testing_files::read(testing_files::data() / "tdx" / name)), name);
}

/// Sections as those documents have them: address, size, type.
inline std::vector<TdvfSection> sections_of(const base::Json& json) {
  std::vector<TdvfSection> sections;
  for (const base::Json& entry : json.array()) {
    TdvfSection section;
    section.address = {std::stoull(entry.array().at(0).text(), nullptr, 16)};
    section.size = std::stoull(entry.array().at(1).text(), nullptr, 16);
    section.type = TdvfSectionType{static_cast<std::uint32_t>(entry.array().at(2).integer())};
    sections.push_back(section);
  }
  return sections;
}

}  // namespace measurement
