#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>

#include "base/posix_files.h"
#include "cli/console.h"
#include "cli/keys.h"
#include "tests/temporary_folder.h"

namespace cli {

/// A folder with the example's acme tenant, its site and recipe and the keys they name; nothing is built yet.
class OwnerFiles : public testing::Test {
 protected:
  OwnerFiles() {
    for (const char* name : {"acme.yaml", "site.yaml", "debian13.yaml"}) {
      std::filesystem::copy_file(std::string(BULKHEAD_SOURCE_DIR) + "/examples/" + name, file(name));
    }
    make_approval_key({file("acme-approval")}, console_);
    make_ca({.tenant = "acme", .out = file("acme-ca")}, console_);
    out_.str("");
  }

  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::vector<std::string> documents() const { return {file("acme.yaml"), file("site.yaml")}; }
  /// Writes `with` in place of `what` in one of the files.
  void edit(const std::string& name, const std::string& what, const std::string& with) const {
    std::string text = base::read_file(file(name));
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << name << ": " << what;
    base::write_file_atomically(file(name), text.replace(at, what.size(), with), 0644);
  }

  std::ostringstream out_, err_;
  Console console_{out_, err_};

 private:
  tests::TemporaryFolder folder_;
};

}  // namespace cli
