#pragma once
#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "kms/sealed_secret.h"
#include "tests/software_tpm.h"

namespace kms {

/// A software TPM for each test, and tpm2-tools to look at it with another's eyes.
class WithTpm : public testing::Test {
 protected:
  void SetUp() override {
    try {
      tpm.emplace();
      tpm->tool({"tpm2_getcap", "properties-fixed"});
    } catch (const base::Error& error) {
      GTEST_SKIP() << "no software TPM, or no tpm2-tools: " << error.what();
    }
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }
  static base::Secret secret(std::string_view text) { return base::Secret(base::buffer_of(base::bytes_of(text))); }
  [[nodiscard]] std::unique_ptr<SealingTpm> open() const { return load_sealing_tpm(tpm->address()); }
  /// What a file holds, in the words of the error when it does not open.
  static std::string opened(SealingTpm& with, const TpmSealedFile& sealed) {
    try {
      return base::text_of(opened_with(with, sealed, "f").view());
    } catch (const base::Error& error) {
      return std::to_string(base::exit_code(error.kind())) + " " + error.what();
    }
  }
  /// The transient objects and sessions that are in the TPM.
  [[nodiscard]] std::string left() const {
    return tpm->tool({"tpm2_getcap", "handles-transient"}) + tpm->tool({"tpm2_getcap", "handles-loaded-session"}) +
           tpm->tool({"tpm2_getcap", "handles-saved-session"});
  }
  /// tpm2-tools leave theirs in a TPM without a resource manager.
  void flush() const { tpm->tool({"tpm2_flushcontext", "--transient-object"}); }
  /// The storage root key of the standard template, by tpm2-tools.
  [[nodiscard]] std::string make_root(const std::string& algorithm = "ecc") const {
    tpm->tool({"tpm2_createprimary", "-Q", "-C", "o", "-g", "sha256", "-G", algorithm, "-a",
               "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt", "-c",
               file("root-" + algorithm)});
    flush();
    return file("root-" + algorithm);
  }
  void make_persistent(const std::string& key) const {
    tpm->tool({"tpm2_evictcontrol", "-Q", "-C", "o", "-c", key, "0x81000001"});
    flush();
  }

  std::optional<tests::SoftwareTpm> tpm;
  tests::TemporaryFolder folder;
};

}  // namespace kms
