#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/posix_files.h"
#include "tenants/documents.h"

namespace {

using base::Diagnostics;
using base::SourceFile;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BULKHEAD_TEST_DATA) + "/tenants/" + folder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Parses a document of any kind and renders what was reported.
std::string reports(const SourceFile& file) {
  Diagnostics found;
  const std::string kind = tenants::kind_of_document(file).value_or("Tenant");
  bool accepted = false;
  if (kind == "Site") {
    accepted = tenants::parse_site(file, found).has_value();
  } else if (kind == "ImageRecipe") {
    accepted = tenants::parse_image_recipe(file, found).has_value();
  } else {
    accepted = tenants::parse_tenant(file, found).has_value();
  }
  EXPECT_EQ(accepted, found.all().empty());
  found.sort();
  return base::rendered(found, {file});
}

SourceFile load(const std::string& path) {
  return {std::filesystem::path(path).filename().string(), base::read_file(path)};
}

TEST(GoodDocuments, AreAccepted) {
  const std::vector<std::string> names = files_in("good");
  ASSERT_GE(names.size(), 6U);
  for (const std::string& name : names) EXPECT_EQ(reports(load(name)), "") << name;
}

TEST(BadDocuments, AreRefusedWithTheWholeMessageBesideThem) {
  const std::vector<std::string> names = files_in("bad");
  ASSERT_GE(names.size(), 40U);
  for (const std::string& name : names) {
    const std::string expected = base::read_file(std::filesystem::path(name).replace_extension(".txt").string());
    EXPECT_FALSE(expected.empty()) << name;
    EXPECT_EQ(reports(load(name)), expected) << name;
  }
}

}  // namespace
